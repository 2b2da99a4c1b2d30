"""Chat completions, models and errors: the parts of OpenAI's schema that apply here.

As with OpenAI, unknown parameters are refused. Parameters that steer how a model writes (temperature, seed, tools)
are accepted and ignored, since sentences are quoted from reports or verified against them. Those that shape what is
returned (stop, max_tokens, response_format) do as OpenAI's; those that ask for what there is none of say so.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from qa.api.examples import COMPLETION, COMPLETION_REQUEST, OPENAI_ERROR
from qa.api.openai.annotations import MessageAnnotation
from qa.api.schema import Collections, Text
from qa.types import Citation

MODEL = "report-qa"
"""The model's id in requests and responses."""
IGNORED = "Accepted and ignored."
TEXT_PARTS = ("text", "input_text", "output_text", "refusal")
"""Types of the parts of a message that are read."""
NO_TOOLS = (
    "no tools are called here, so none can be demanded; leave tool_choice out, "
    "and ask for structured output with response_format instead of a tool"
)


class ContentPart(BaseModel):
    """A part of a message. Text is read; images, audio and files are not, and the answer says so."""

    model_config = ConfigDict(extra="allow")

    type: Text = Field(description="`text`, `input_text`, `output_text`, or another, which is not read.")
    text: Text | None = None
    refusal: Text | None = None

    @model_validator(mode="after")
    def _text_has_text(self) -> Self:
        if self.is_text and self.text is None and self.refusal is None:
            raise ValueError(f"a part of type {self.type} needs its text")
        return self

    @property
    def is_text(self) -> bool:
        return self.type in TEXT_PARTS


class MessageParam(BaseModel):
    """One message. The roles system, developer, tool and function are ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[ContentPart] | None = None

    @property
    def text(self) -> str:
        return text_of(self.content)

    @property
    def unread(self) -> bool:
        """Whether it has parts that are no text."""
        return has_unread(self.content)


def text_of(content: str | list[ContentPart] | None) -> str:
    """Return the text of a message's content."""
    if isinstance(content, list):
        return "\n".join(part.text or part.refusal or "" for part in content if part.is_text)
    return content or ""


def has_unread(content: str | list[ContentPart] | None) -> bool:
    """Return whether a message's content has parts that are no text."""
    return isinstance(content, list) and not all(part.is_text for part in content)


class StreamOptions(BaseModel):
    include_usage: bool = False
    include_obfuscation: bool | None = Field(None, description=IGNORED)


class JsonSchema(BaseModel):
    """The JSON Schema that an answer is to fit; see ``qa.api.openai.structured``."""

    name: Annotated[Text, StringConstraints(max_length=64)]
    description: Text | None = None
    schema_: dict[Text, Any] = Field(default_factory=dict, alias="schema")
    strict: bool | None = None


class ResponseFormat(BaseModel):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None

    @model_validator(mode="after")
    def _has_its_schema(self) -> Self:
        if self.type == "json_schema" and self.json_schema is None:
            raise ValueError("json_schema is missing; the answer's own schema is json_object")
        return self


Stop = Annotated[Text, StringConstraints(min_length=1, max_length=1000)]


class CompletionRequest(BaseModel):
    """A conversation whose last user message is the question; the messages before it are its history."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [COMPLETION_REQUEST]})

    model: Text = Field(description=f'"{MODEL}"; see `GET /v1/models`.')
    messages: list[MessageParam] = Field(min_length=1, max_length=2000)
    documents: list[Text] | None = Field(
        None, min_length=1, max_length=1000, description="Extension: names or ids of the documents to search."
    )
    collections: Collections | None = Field(
        None, min_length=1, max_length=100, description="Extension: names or ids of the collections to search."
    )
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, description="1: the same question gets the same answer.")] | None = None
    response_format: ResponseFormat | None = Field(
        None,
        description="`json_object`: the answer as JSON (answer, abstained, reason, sentences, citations). "
        "`json_schema`: the same, in a schema of yours with any of those properties.",
    )
    tool_choice: Any = Field(None, description="`none` or `auto`: no tools are called.")
    max_tokens: Annotated[int, Field(ge=1)] | None = Field(None, description="The older name of the next.")
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = Field(
        None, description="The answer is cut after so many words and Chinese characters; `finish_reason` is `length`."
    )
    stop: Stop | Annotated[list[Stop], Field(max_length=4)] | None = Field(
        None, description="The answer ends before the first of these."
    )
    logprobs: Literal[False] | None = None
    modalities: list[Literal["text"]] | None = None

    temperature: Annotated[float, Field(ge=0, le=2, description=IGNORED)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1, description=IGNORED)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2, description=IGNORED)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2, description=IGNORED)] | None = None
    seed: int | None = Field(None, description=IGNORED)
    user: Text | None = Field(None, description=IGNORED)
    logit_bias: dict[Text, float] | None = Field(None, description=IGNORED)
    metadata: dict[Text, Any] | None = Field(None, description=IGNORED)
    store: bool | None = Field(None, description=IGNORED)
    service_tier: Text | None = Field(None, description=IGNORED)
    tools: list[dict[Text, Any]] | None = Field(None, max_length=128, description="Accepted, never called.")
    parallel_tool_calls: bool | None = Field(None, description=IGNORED)
    reasoning_effort: Text | None = Field(None, description=IGNORED)
    verbosity: Text | None = Field(None, description=IGNORED)
    prompt_cache_key: Text | None = Field(None, description=IGNORED)
    prompt_cache_retention: Text | None = Field(None, description=IGNORED)
    safety_identifier: Text | None = Field(None, description=IGNORED)

    @field_validator("n")
    @classmethod
    def _one(cls, n: int | None) -> int | None:
        if n not in (None, 1):
            raise ValueError("the same question gets the same answer, so n can only be 1; ask again for another")
        return n

    @field_validator("tool_choice")
    @classmethod
    def _no_tools(cls, choice: Any) -> Any:
        if choice not in (None, "none", "auto"):
            raise ValueError(NO_TOOLS)
        return choice

    @field_validator("stream_options")
    @classmethod
    def _options_of_a_stream(cls, options: StreamOptions | None, info: ValidationInfo) -> StreamOptions | None:
        if options is not None and not info.data.get("stream"):
            raise ValueError("stream_options may stand only where stream is true")
        return options

    @property
    def stops(self) -> list[str]:
        """The stop sequences."""
        return [self.stop] if isinstance(self.stop, str) else list(self.stop or ())

    @property
    def most_tokens(self) -> int | None:
        """The smaller of the two limits."""
        limits = [limit for limit in (self.max_tokens, self.max_completion_tokens) if limit is not None]
        return min(limits, default=None)


class Usage(BaseModel):
    """Counted in words and Chinese characters, since there may be no model with a tokenizer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str = Field(description="The sentences with their citation marks: [1] is the citation of that number.")
    refusal: None = None
    annotations: list[MessageAnnotation] = Field(
        default=[], description="A `url_citation` for each citation mark in the content, in order."
    )
    citations: list[Citation] = Field(description="Extension: each with its quote and its place in the document.")
    abstained: bool = Field(
        description="Extension: the reports don't answer the question; the content says so in words."
    )
    warnings: list[str] = Field(default=[], description="Extension: for people, what went less well.")


class Choice(BaseModel):
    index: Literal[0] = 0
    message: CompletionMessage
    logprobs: None = None
    finish_reason: Literal["stop", "length"] = "stop"


class Completion(BaseModel):
    """An answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [COMPLETION]})

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(description="Unix time in seconds.")
    model: str
    choices: list[Choice]
    usage: Usage


class Delta(BaseModel):
    role: Literal["assistant"] | None = None
    content: str | None = None
    reasoning_content: str | None = Field(
        default=None, description="Extension: thoughts of the language model behind the answer; not verified."
    )


class ChunkChoice(BaseModel):
    index: Literal[0] = 0
    delta: Delta
    logprobs: None = None
    finish_reason: Literal["stop", "length"] | None = None


class CompletionChunk(BaseModel):
    """A chunk of an answer: one verified sentence. The chunk with a ``finish_reason`` has the extensions.

    Annotations stand beside the choices: Open WebUI makes a second source of each that it finds in a delta.
    """

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None
    annotations: list[MessageAnnotation] | None = None
    citations: list[Citation] | None = None
    abstained: bool | None = None
    warnings: list[str] | None = None
    event: dict[str, Any] | None = Field(
        default=None, description="Extension of Open WebUI: a `source` or `status`, which its page shows."
    )


class Model(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "report-qa"


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[Model]


class OpenAIErrorDetail(BaseModel):
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAIError(BaseModel):
    """The shape of every error under /v1."""

    model_config = ConfigDict(json_schema_extra={"examples": [OPENAI_ERROR]})

    error: OpenAIErrorDetail
