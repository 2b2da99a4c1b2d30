"""Answerers, and which of them the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.errors import SettingsError
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.answering.llm import ModelAnswerer


def choose(settings: Settings) -> ModelAnswerer | None:
    """Return the model answerer when the settings ask for it or, with ``auto``, allow it; None for the extractive one.

    Raises:
        SettingsError: a model is asked for and none, or only half of one, is configured.
    """
    if settings.answerer == "extractive" or (settings.answerer == "auto" and not _configured(settings)):
        return None
    # The model's client takes seconds to import, and most installations have none.
    from qa.answering.llm import ModelAnswerer
    from qa.llm import from_settings

    model = from_settings(settings)
    if model is None:
        if settings.answerer == "model" or settings.llm_model is not None:
            raise SettingsError(
                "a model answerer needs QA_LLM_MODEL with QA_LLM_BASE_URL (or QA_LLM_API_KEY for OpenAI itself), or "
                "QA_LLM_GGUF; set them, or QA_ANSWERER=extractive"
            )
        return None
    return ModelAnswerer(
        model, passages=settings.llm_passages, repair=settings.llm_repair, structured=settings.llm_structured
    )


def _configured(settings: Settings) -> bool:
    """Whether any setting speaks of a model; what is half configured is for ``from_settings`` to refuse."""
    return any((settings.llm_model, settings.llm_gguf, settings.llm_base_url, settings.llm_api_key))
