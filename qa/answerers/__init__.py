"""Answerers, which of them the settings ask for, and each of them as a LangChain runnable."""

from __future__ import annotations

from collections.abc import Iterator

from langchain_core.runnables import Runnable, RunnableLambda

from qa.answerers.model import ModelAnswerer
from qa.errors import SettingsError
from qa.models import from_settings
from qa.settings import Settings
from qa.types import Answerer, DraftSentence, Request

__all__ = ["ModelAnswerer", "as_runnable", "choose"]


def choose(settings: Settings) -> ModelAnswerer | None:
    """Return the model answerer when the settings ask for it or, with ``auto``, allow it; None for the extractive one.

    Raises:
        SettingsError: a model is asked for and none, or only half of one, is configured.
    """
    if settings.answerer == "extractive":
        return None
    model = from_settings(settings)
    if model is None:
        if settings.answerer == "model" or settings.llm_model is not None:
            raise SettingsError(
                "a model answerer needs QA_LLM_MODEL with QA_LLM_BASE_URL (or QA_LLM_API_KEY for OpenAI itself), or "
                "QA_LLM_GGUF; set them, or QA_ANSWERER=extractive"
            )
        return None
    return ModelAnswerer(model, passages=settings.llm_passages, repair=settings.llm_repair)


def as_runnable(answerer: Answerer) -> Runnable[Request, list[DraftSentence]]:
    """Return ``answerer`` as a runnable from a request to draft sentences; streamed, they come one by one.

    Draft sentences are not verified: ``qa.pipeline`` does that.
    """

    def draft(request: Request) -> Iterator[list[DraftSentence]]:
        for sentence in answerer.draft(request):
            yield [sentence]

    return RunnableLambda(draft, name=answerer.name)
