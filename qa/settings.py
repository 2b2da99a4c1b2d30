"""Settings: read once at the entry point from ``QA_*`` variables (and ``.env``), and passed in from there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from qa.errors import SettingsError

PREFIX = "QA_"


class Settings(BaseSettings):
    """Everything that can be set, with its bounds. Each field is the variable ``QA_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", populate_by_name=True)

    data_dir: Path = Field(Path("data"), description="Where the library lives.")
    embedder: str = Field(
        "bundled", description='"bundled" (multilingual-e5-small), or a sentence-transformers model name or local path.'
    )
    chunk_chars: int = Field(350, ge=80, le=1000, description="Longest passage, in characters.")
    chroma_url: str | None = Field(None, description="A Chroma server, instead of the embedded one.")

    retrieve_k: int = Field(10, ge=1, le=50, description="Passages handed over with an answer.")
    candidates_k: int = Field(40, ge=5, le=400, description="Hits taken from each index before they are fused.")

    answerer: Literal["auto", "extractive", "model"] = Field(
        "auto", description="auto: the model when one is configured, else extractive."
    )
    llm_base_url: str | None = Field(
        None, validation_alias=AliasChoices("QA_LLM_BASE_URL", "OPENAI_BASE_URL", "llm_base_url")
    )
    llm_model: str | None = Field(None, description="The model's name at that endpoint.")
    llm_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("QA_LLM_API_KEY", "OPENAI_API_KEY", "llm_api_key")
    )
    llm_gguf: Path | None = Field(None, description="A GGUF file on this machine; needs the extra `local`.")
    llm_timeout: float = Field(60.0, gt=0, le=600, description="Seconds that one call of the model may take.")

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    history_turns: int = Field(6, ge=0, le=50, description="Earlier messages that a follow-up is read against.")
    history_limit: int = Field(200, ge=2, le=10_000, description="Messages kept in one conversation.")
    question_chars: int = Field(2000, ge=10, le=20_000, description="Longest question, in characters.")


def load(**overrides: object) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: a value is out of its bounds, or a ``QA_*`` variable is unknown; names it and the way out.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            raise SettingsError(f"{name} is not a setting; known settings are: {', '.join(sorted(known))}")
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        name = name if name.startswith((PREFIX, "OPENAI_")) else PREFIX + name.upper()
        raise SettingsError(f"{name} is {first['input']!r}: {first['msg']}") from error
