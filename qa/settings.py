"""Settings: read once at the entry point from ``QA_*`` variables (and ``.env``), and passed in from there."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from annotated_types import Ge
from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from qa.errors import SettingsError
from vectorstore.errors import LibraryError
from vectorstore.reading.limits import Limits, OcrOptions, Progress, ReadOptions
from vectorstore.reading.ocr import is_installed
from vectorstore.storage.place import place

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "QA_"
_USERINFO = re.compile(r"(?<=://)[^/\s]+@")
ENV_FILE = ".env"
_ENCODING = "utf-8-sig"
"""Some editors begin a file with a byte order mark, which would be part of its first name."""


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server at ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def without_passwords(text: str) -> str:
    """Return ``text`` without what stands before the ``@`` of URLs in it: a name, a password, a token."""
    return _USERINFO.sub("***@", text)


def _expanded(path: Path) -> Path:
    """Return a path without ``~``.

    Raises:
        ValueError: there is no such user.
    """
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{error}; write the path without ~") from None


class Settings(BaseSettings):
    """All settings, with their bounds. Each field is the variable ``QA_<NAME>``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding=_ENCODING,
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
    )

    data_dir: Path = Field(Path("data"), description="Where the library lives.")
    embedder: str = Field(
        "bundled",
        description='"bundled" (multilingual-e5-small), "openai:MODEL" of an OpenAI-compatible endpoint, or a '
        "sentence-transformers model name or local path.",
    )
    embedder_base_url: str | None = Field(
        None,
        description="That endpoint, up to and with /v1; OpenAI's own by default.",
        validation_alias=AliasChoices("QA_EMBEDDER_BASE_URL", "OPENAI_BASE_URL", "embedder_base_url"),
    )
    embedder_api_key: SecretStr | None = Field(
        None,
        description="The key for that endpoint.",
        validation_alias=AliasChoices("QA_EMBEDDER_API_KEY", "OPENAI_API_KEY", "embedder_api_key"),
    )
    chunk_chars: int = Field(350, ge=80, le=1000, description="Longest passage, in characters.")
    database_url: SecretStr | None = Field(
        None,
        description="A Postgres database (postgresql://...) for all that is stored, instead of SQLite; needs the extra "
        "`postgres`.",
    )
    chroma_url: str | None = Field(
        None,
        repr=False,  # a login may be in it
        description="A Chroma server, instead of the embedded one: http(s)://HOST:PORT, with a path and USER:PASSWORD@ "
        "where a proxy wants them; with QA_DATABASE_URL, any number of processes share the library, each with a "
        "QA_DATA_DIR of its own.",
    )
    work: bool = Field(
        True, description="Whether the server works on changes itself; off leaves them to `qa worker` processes."
    )
    job_lease: int = Field(
        60, ge=5, le=3600, description="Seconds after which a change is taken over from a worker that is gone."
    )
    watchdog: int = Field(
        180,
        ge=0,
        le=3600,
        description="Seconds after which a server in which nothing runs any more ends itself; 0: never.",
    )

    read_file_mb: int = Field(200, ge=1, le=4000, description="Largest file that is read.")
    read_memory_mb: int = Field(1500, ge=300, le=64_000, description="Memory of the process that reads one file.")
    read_cpu_seconds: int = Field(60, ge=1, le=3600, description="CPU time of that process.")
    read_seconds: int = Field(120, ge=1, le=7200, description="Time that it may take.")
    read_output_mb: int = Field(64, ge=1, le=1000, description="Text that is read from one file, with its places.")
    read_unpacked_mb: int = Field(400, ge=1, le=16_000, description="An Office file or book, unpacked.")
    read_pages: int = Field(5000, ge=1, le=100_000, description="Pages that are read of one document.")
    upload_mb: int = Field(1024, ge=1, le=100_000, description="All files of one upload together.")
    upload_files: int = Field(200, ge=1, le=10_000, description="Files of one upload.")
    watch: str = Field("", description="Folders that the server follows, separated by commas.")
    watch_ignore: str = Field(
        "~$*,*.tmp,*.part,*.crdownload",
        description="Names and paths in watched folders to leave out, as patterns separated by commas.",
    )

    draw_seconds: int = Field(20, ge=1, le=600, description="Time that drawing one page of a document may take.")
    draw_megapixels: int = Field(16, ge=1, le=200, description="Largest image of a page.")
    page_cache_mb: int = Field(256, ge=0, le=1_000_000, description="Images of pages that are kept on the disk.")
    ocr: bool = Field(
        True, description="Recognise the text of pages that are pictures, where the extra `ocr` is installed."
    )
    ocr_page_seconds: int = Field(300, ge=1, le=3600, description="Time that one such page may take.")
    ocr_memory_mb: int = Field(4000, ge=1500, le=64_000, description="Memory of the process that recognises text.")

    ranker: str = Field(
        "reader",
        description='"reader" (a small encoder reads the best passages; "reader:PATH" with other weights), "linear" '
        "(without it), or a sentence-transformers cross-encoder by name or local path.",
    )
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
    llm_timeout: float = Field(
        60.0, gt=0, le=600, description="Seconds that the model may be silent, from a call's start or its last output."
    )
    llm_max_tokens: int | None = Field(
        None, ge=16, le=1_000_000, description="Longest answer of the model, its thoughts included; the endpoint's own."
    )
    llm_passages: int = Field(
        10,
        ge=1,
        le=40,
        description="Passages that the model is shown; twice as many for lists, summaries, comparisons.",
    )
    llm_repair: bool = Field(True, description="Ask the model once more about sentences that failed verification.")
    llm_structured: bool = Field(
        False, description="Ask the model for answers by a JSON schema, where its endpoint takes one; else for text."
    )

    host: str = Field("127.0.0.1", min_length=1, description="Address to serve at.")
    port: int = Field(8000, ge=1, le=65535, description="Port to serve at.")
    allowed_hosts: str = Field(
        "",
        description="Names under which the server may be asked, separated by commas, beside this machine's own; "
        '"*.example.com" for all below one, "*" for any.',
    )
    keys: Literal["auto", "on", "off"] = Field(
        "auto", description="Whether the server asks for API keys; auto: unless only this machine can reach it."
    )
    key_questions_per_minute: int = Field(60, ge=1, le=100_000, description="Questions that one API key may ask.")
    key_questions_at_once: int = Field(4, ge=1, le=1000, description="Questions of one API key at the same time.")
    api_key: SecretStr | None = Field(None, description="What the commands show to a server that asks for a key.")
    questions_at_once: int = Field(4, ge=1, le=64, description="Questions worked on at the same time; others wait.")
    questions_waiting: int = Field(100, ge=0, le=10_000, description="Questions that may wait; more are refused (503).")
    log_format: Literal["text", "json"] = Field(
        "text", description="Log lines of `qa serve`, `qa worker` and `qa watch`: for people, or JSON."
    )
    otlp_endpoint: str | None = Field(
        None, description="An OpenTelemetry collector (OTLP over HTTP) to send traces to; needs the extra `otel`."
    )
    history_turns: int = Field(6, ge=0, le=50, description="Earlier messages that a follow-up is read against.")
    history_limit: int = Field(200, ge=2, le=10_000, description="Messages kept in one conversation.")
    question_chars: int = Field(2000, ge=10, le=20_000, description="Longest question, in characters.")

    def read_options(self, password: str | None = None, progress: Progress | None = None) -> ReadOptions:
        """Return how files are read.

        Args:
            password: opens those that are encrypted.
            progress: is told which of a document's pages are recognised.
        """
        limits = Limits(
            file_mb=self.read_file_mb,
            memory_mb=self.read_memory_mb,
            cpu_seconds=self.read_cpu_seconds,
            wall_seconds=self.read_seconds,
            output_mb=self.read_output_mb,
            unpacked_mb=self.read_unpacked_mb,
            pages=self.read_pages,
            draw_seconds=self.draw_seconds,
            draw_megapixels=self.draw_megapixels,
        )
        found = OcrOptions(self.data_dir / "ocr", self.ocr_page_seconds, self.ocr_memory_mb)
        return ReadOptions(limits, password, found if self.reads_pictures else None, progress)

    @property
    def reads_pictures(self) -> bool:
        """Whether the text of pictures is recognised."""
        return self.ocr and is_installed()

    @field_validator("*")
    @classmethod
    def _at_home(cls, value: object, info: ValidationInfo) -> object:
        """Read ``~`` of a path: no shell does in ``.env``, and a folder of that name would be made."""
        if isinstance(value, str) and info.field_name in ("embedder", "ranker") and value.startswith("~"):
            return str(_expanded(Path(value)))
        return _expanded(value) if isinstance(value, Path) else value

    @property
    def watched(self) -> list[Path]:
        """The folders of ``watch``."""
        return [_expanded(Path(folder.strip())) for folder in self.watch.split(",") if folder.strip()]

    @property
    def ignored(self) -> list[str]:
        """The patterns of ``watch_ignore``."""
        return [pattern.strip() for pattern in self.watch_ignore.split(",") if pattern.strip()]

    @property
    def postgres_url(self) -> str | None:
        """``database_url`` with its password."""
        return None if self.database_url is None else self.database_url.get_secret_value()

    @property
    def database(self) -> Path | str:
        """Where everything is stored: the SQLite file, or the URL of the Postgres database."""
        return place(self.data_dir, self.postgres_url)

    @property
    def models_dir(self) -> Path:
        """Where models are kept that are made once of the bundled weights."""
        return self.data_dir / "models"

    @property
    def shares_library(self) -> bool:
        """Whether other processes may use, and change, the library too."""
        return self.database_url is not None and self.chroma_url is not None

    def require_shared(self, what: str) -> None:
        """Raise SettingsError unless other processes may use the library too; ``what`` needs that."""
        if not self.shares_library:
            raise SettingsError(
                f"{what} needs a library that several processes share: set QA_DATABASE_URL to a Postgres database and "
                "QA_CHROMA_URL to a Chroma server; without them, `qa serve` works on changes itself"
            )

    @property
    def requires_key(self) -> bool:
        """Whether the server asks for API keys."""
        return self.keys == "on" or (self.keys == "auto" and not is_loopback(self.host))


def load(**overrides: object) -> Settings:
    """Read the settings from the environment and ``.env``; ``overrides`` (by field name) win over both.

    Raises:
        SettingsError: a value is out of its bounds, or a ``QA_*`` variable or an override is unknown, or ``.env`` is
            no text; names it and the way out.
    """
    try:
        in_file = dotenv_values(ENV_FILE, encoding=_ENCODING)
    except UnicodeDecodeError as error:
        raise SettingsError(f"{ENV_FILE} is not text in UTF-8 ({error}); save it as UTF-8") from None
    for name in sorted({*os.environ, *in_file}):
        if name.upper().startswith(PREFIX):
            _refuse_unknown(name, name.upper().removeprefix(PREFIX).lower(), PREFIX)
    for name in overrides:
        _refuse_unknown(name, name)
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("; ".join(_complaint(detail) for detail in error.errors())) from None
    if settings.chroma_url is not None:
        from vectorstore.indexes.chroma_server import ChromaServer  # late: its package loads numpy

        try:
            ChromaServer.of(settings.chroma_url)
        except LibraryError as error:
            raise SettingsError(str(error)) from None
    return settings


def _refuse_unknown(name: str, field: str, prefix: str = "") -> None:
    """Raise SettingsError when there is no such field; suggests one that is spelt much the same, else lists all."""
    fields = Settings.model_fields
    if field in fields:
        return

    def shown(known: str) -> str:
        return prefix + known.upper() if prefix else known

    # Without the prefix, which all have in common and which would make any two names look alike.
    close = difflib.get_close_matches(field, fields, n=1)
    known = ", ".join(shown(name) for name in sorted(fields))
    hint = f"did you mean {shown(close[0])}?" if close else f"known settings are: {known}"
    raise SettingsError(f"{name} is not a setting; {hint}")


def _complaint(detail: ErrorDetails) -> str:
    """Return a line such as "QA_PORT is '0'; it must be 1 to 65535"."""
    name = str(detail["loc"][0])
    field = name.removeprefix(PREFIX).removeprefix("OPENAI_").lower()
    variable = name if name.startswith((PREFIX, "OPENAI_")) else PREFIX + name.upper()
    bounds = {type(item).__name__: item for item in getattr(Settings.model_fields.get(field), "metadata", ())}
    low, high = bounds.get("Ge") or bounds.get("Gt"), bounds.get("Le")
    if low and high:
        floor = f"{low.ge}" if isinstance(low, Ge) else f"more than {low.gt}"
        return f"{variable} is {detail['input']!r}; it must be {floor} to {high.le}"
    if detail["type"] == "literal_error":
        return f"{variable} is {detail['input']!r}; it must be {detail['ctx']['expected']}"
    return f"{variable} is {detail['input']!r}: {detail['msg']}"
