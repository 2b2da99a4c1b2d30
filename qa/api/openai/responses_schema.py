"""Requests and responses of ``/v1/responses``: the parts of OpenAI's schema that apply here."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from qa.api.openai.annotations import FileAnnotation, UrlAnnotation
from qa.api.openai.schema import IGNORED, NO_TOOLS, ContentPart, JsonSchema, has_unread, text_of
from qa.api.schema import Id, Text, require_storable
from qa.types import Citation

ASKED: dict[str, Any] = {"model": "report-qa", "input": "青山县2023年粮食总产量是多少？"}


class InputItem(BaseModel):
    """A message, or what a tool or a model did before (which is ignored)."""

    model_config = ConfigDict(extra="allow")

    type: Text = "message"
    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: Text | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        return text_of(self.content) if self.type == "message" else ""

    @property
    def unread(self) -> bool:
        """Whether it has parts that are no text."""
        return has_unread(self.content)


class TextFormat(JsonSchema):
    """How the answer is to be written; a name and a schema only with ``json_schema``."""

    type: Literal["text", "json_object", "json_schema"]
    name: Annotated[Text, Field(max_length=64)] = ""

    @model_validator(mode="after")
    def _has_its_schema(self) -> Self:
        if self.type == "json_schema" and not self.schema_:
            raise ValueError("schema is missing; the answer's own schema is json_object")
        return self


class TextConfig(BaseModel):
    format: TextFormat | None = None
    verbosity: Text | None = Field(None, description=IGNORED)


class ResponseRequest(BaseModel):
    """A question, alone or behind the messages before it, or behind an earlier response."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [ASKED]})

    model: Text = Field(description='"report-qa"; see `GET /v1/models`.')
    input: Text | Annotated[list[InputItem], Field(min_length=1, max_length=2000)] = Field(
        description="The question, or messages whose last one by the user is it."
    )
    instructions: Text | list[InputItem] | None = Field(
        None,
        description="Accepted, repeated in the response and not followed, as are messages of the roles system and "
        "developer: every sentence is quoted from the reports or verified against them, whatever it was told.",
    )
    previous_response_id: Id | None = Field(None, description="Goes on from that response, any number of times.")
    documents: list[Text] | None = Field(
        None, min_length=1, max_length=1000, description="Extension: names or ids of the documents to search."
    )
    stream: bool | None = None
    store: bool | None = Field(None, description="Whether it can be gone on from and read later: yes by default.")
    max_output_tokens: Annotated[int, Field(ge=1)] | None = Field(
        None, description="The answer is cut after so many words and Chinese characters; its status is `incomplete`."
    )
    text: TextConfig | None = Field(None, description="`format`: as `response_format` of a chat completion.")
    tools: list[dict[Text, Any]] | None = Field(
        None,
        max_length=128,
        description="`file_search` makes annotations `file_citation`s, and chooses `vector_store_ids`; others are "
        "never called.",
    )
    tool_choice: Any = Field(None, description="`none`, `auto`, or `file_search`.")
    include: list[Text] | None = Field(
        None, max_length=100, description="`file_search_call.results`: with the passages found."
    )
    metadata: dict[Text, Any] | None = Field(None, description="Repeated in the response.")
    background: Literal[False] | None = None
    conversation: None = Field(None, description="Not there: use `previous_response_id`.")
    prompt: None = Field(None, description="Not there.")

    temperature: Annotated[float, Field(ge=0, le=2, description=IGNORED)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1, description=IGNORED)] | None = None
    stream_options: dict[Text, Any] | None = Field(None, description=IGNORED)
    truncation: Literal["auto", "disabled"] | None = Field(None, description=IGNORED)
    reasoning: dict[Text, Any] | None = Field(None, description=IGNORED)
    parallel_tool_calls: bool | None = Field(None, description=IGNORED)
    max_tool_calls: int | None = Field(None, description=IGNORED)
    service_tier: Text | None = Field(None, description=IGNORED)
    user: Text | None = Field(None, description=IGNORED)
    safety_identifier: Text | None = Field(None, description=IGNORED)
    prompt_cache_key: Text | None = Field(None, description=IGNORED)
    prompt_cache_retention: Text | None = Field(None, description=IGNORED)

    @field_validator("instructions", "metadata", "text", "tools", mode="before")
    @classmethod
    def _can_be_repeated(cls, given: Any) -> Any:
        require_storable(given)
        return given

    @field_validator("tool_choice")
    @classmethod
    def _no_tools(cls, choice: Any) -> Any:
        if choice not in (None, "none", "auto", {"type": "file_search"}):
            raise ValueError(NO_TOOLS.replace("response_format", "text.format"))
        return choice

    @field_validator("conversation", mode="before")
    @classmethod
    def _no_conversation(cls, given: Any) -> Any:
        if given is not None:
            raise ValueError("there are no conversations under /v1; go on with previous_response_id")
        return given

    @property
    def items(self) -> list[InputItem]:
        """The input as messages."""
        return [InputItem(role="user", content=self.input)] if isinstance(self.input, str) else self.input

    @property
    def wants_json(self) -> bool:
        return self.text is not None and self.text.format is not None and self.text.format.type != "text"

    @property
    def wanted_schema(self) -> dict[str, Any] | None:
        """The JSON Schema that the answer is to fit."""
        wanted = self.text.format if self.text is not None else None
        return wanted.schema_ if wanted is not None and wanted.type == "json_schema" else None

    @property
    def file_search(self) -> dict[str, Any] | None:
        """The first tool ``file_search``."""
        return next((tool for tool in self.tools or () if tool.get("type") == "file_search"), None)

    def repeated(self) -> dict[str, Any]:
        """Return what a response repeats of its request."""
        names = ("instructions", "max_output_tokens", "metadata", "previous_response_id", "text", "tools", "include")
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, include=set(names)) | {
            "store": self.store is not False,
            "model": self.model,
        }


class OutputText(BaseModel):
    type: Literal["output_text"] = "output_text"
    text: str
    annotations: list[UrlAnnotation | FileAnnotation] = Field(
        description="One for each citation mark in the text, in order."
    )
    logprobs: list[Any] = []


class OutputMessage(BaseModel):
    id: str
    type: Literal["message"] = "message"
    role: Literal["assistant"] = "assistant"
    status: Literal["in_progress", "completed", "incomplete"]
    content: list[OutputText]


class FileSearchResult(BaseModel):
    file_id: str
    filename: str
    score: float
    text: str
    attributes: dict[str, str] = {}


class FileSearchCall(BaseModel):
    id: str
    type: Literal["file_search_call"] = "file_search_call"
    status: Literal["in_progress", "completed"]
    queries: list[str]
    results: list[FileSearchResult] | None = None


class ReasoningText(BaseModel):
    type: Literal["summary_text"] = "summary_text"
    text: str


class ReasoningItem(BaseModel):
    """Thoughts of a language model before its first sentence: only in a stream, not verified, not kept."""

    id: str
    type: Literal["reasoning"] = "reasoning"
    status: Literal["in_progress", "completed"]
    summary: list[ReasoningText]


class InputTokensDetails(BaseModel):
    cached_tokens: int = 0
    cache_write_tokens: int = 0


class OutputTokensDetails(BaseModel):
    reasoning_tokens: int = 0


class ResponseUsage(BaseModel):
    """Counted in words and Chinese characters, since there may be no model with a tokenizer."""

    input_tokens: int
    input_tokens_details: InputTokensDetails = InputTokensDetails()
    output_tokens: int
    output_tokens_details: OutputTokensDetails = OutputTokensDetails()
    total_tokens: int


class IncompleteDetails(BaseModel):
    reason: Literal["max_output_tokens"] | None = Field(description="Null where the client left before the end.")


class ResponseFailure(BaseModel):
    code: Literal["server_error"] = "server_error"
    message: str


class ResponseObject(BaseModel):
    """An answer."""

    id: str
    object: Literal["response"] = "response"
    created_at: int = Field(description="Unix time in seconds.")
    status: Literal["in_progress", "completed", "incomplete", "failed"]
    error: ResponseFailure | None = None
    incomplete_details: IncompleteDetails | None = None
    instructions: Any = None
    max_output_tokens: int | None = None
    metadata: dict[str, Any] = {}
    model: str
    output: list[FileSearchCall | ReasoningItem | OutputMessage]
    parallel_tool_calls: bool = False
    previous_response_id: str | None = None
    store: bool
    temperature: float | None = None
    text: dict[str, Any]
    tool_choice: Literal["auto"] = "auto"
    tools: list[dict[str, Any]] = []
    top_p: float | None = None
    truncation: Literal["disabled"] = "disabled"
    usage: ResponseUsage | None = None
    citations: list[Citation] = Field(default=[], description="Extension: each with its place in the document.")
    abstained: bool = Field(default=False, description="Extension: the reports don't answer the question.")
    warnings: list[str] = Field(default=[], description="Extension: for people, what went less well.")


class DeletedResponse(BaseModel):
    id: str
    object: Literal["response"] = "response"
    deleted: Literal[True] = True


class InputItemView(BaseModel):
    """A message of a response's input."""

    id: str
    type: Literal["message"] = "message"
    role: Literal["user", "assistant"]
    status: Literal["completed"] = "completed"
    content: list[dict[str, Any]]


class InputItemList(BaseModel):
    object: Literal["list"] = "list"
    data: list[InputItemView]
    first_id: str
    last_id: str
    has_more: Literal[False] = False
