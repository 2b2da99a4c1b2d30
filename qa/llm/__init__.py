"""Language models behind one interface, and the choice among them by the settings."""

from __future__ import annotations

from qa.llm.base import Message, Model
from qa.settings import Settings

__all__ = ["Message", "Model", "from_settings"]


def from_settings(settings: Settings) -> Model | None:
    """Return the model that the settings describe, None when they describe none. Nothing is contacted or loaded yet.

    Raises:
        SettingsError: the GGUF file, or the extra ``local`` that it needs, is missing.
    """
    # Their clients take seconds to import, and most installations have no model.
    if settings.llm_gguf is not None:
        from qa.llm.local import LocalModel

        return LocalModel(settings.llm_gguf, settings.llm_timeout)
    if settings.llm_model is None or (settings.llm_base_url is None and settings.llm_api_key is None):
        return None
    from qa.llm.endpoint import Endpoint

    return Endpoint(
        settings.llm_model, settings.llm_base_url, settings.llm_api_key, settings.llm_timeout, settings.llm_max_tokens
    )
