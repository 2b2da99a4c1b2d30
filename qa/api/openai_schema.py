"""Requests and responses of the OpenAI-compatible API: the parts of OpenAI's schema that apply here.

As with OpenAI, unknown parameters are refused. Parameters that steer how a model writes (temperature, stop, tools)
are accepted and ignored, since sentences are quoted from reports or verified against them. Parameters that ask for
another kind of answer (several choices, JSON, log probabilities) are refused.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from qa.api.examples import COMPLETION, COMPLETION_REQUEST, OPENAI_ERROR
from qa.api.schema import Collections, Text
from qa.types import Citation

MODEL = "report-qa"
"""The model's id in requests and responses."""
INPUTS = 128
"""Texts in one request for embeddings."""
INPUT_CHARS = 20_000

_IGNORED = "Accepted and ignored."


class TextPart(BaseModel):
    """A text part of a message; images, audio and files are refused."""

    type: Literal["text"]
    text: Text


class MessageParam(BaseModel):
    """One message. The roles system, developer, tool and function are ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[TextPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    include_usage: bool = False
    include_obfuscation: bool | None = Field(None, description=_IGNORED)


class ResponseFormat(BaseModel):
    type: Literal["text"]


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
    n: Literal[1] | None = None
    response_format: ResponseFormat | None = None
    tool_choice: Literal["none", "auto"] | None = None
    logprobs: Literal[False] | None = None
    modalities: list[Literal["text"]] | None = None

    temperature: Annotated[float, Field(ge=0, le=2, description=_IGNORED)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1, description=_IGNORED)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2, description=_IGNORED)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2, description=_IGNORED)] | None = None
    max_tokens: Annotated[int, Field(ge=1, description=_IGNORED)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, description=_IGNORED)] | None = None
    seed: int | None = Field(None, description=_IGNORED)
    stop: Text | list[Text] | None = Field(None, description=_IGNORED)
    user: Text | None = Field(None, description=_IGNORED)
    logit_bias: dict[Text, float] | None = Field(None, description=_IGNORED)
    metadata: dict[Text, Any] | None = Field(None, description=_IGNORED)
    store: bool | None = Field(None, description=_IGNORED)
    service_tier: Text | None = Field(None, description=_IGNORED)
    tools: list[dict[Text, Any]] | None = Field(None, description="Accepted, never called.")
    parallel_tool_calls: bool | None = Field(None, description=_IGNORED)
    reasoning_effort: Text | None = Field(None, description=_IGNORED)
    verbosity: Text | None = Field(None, description=_IGNORED)
    prompt_cache_key: Text | None = Field(None, description=_IGNORED)
    prompt_cache_retention: Text | None = Field(None, description=_IGNORED)
    safety_identifier: Text | None = Field(None, description=_IGNORED)

    @model_validator(mode="after")
    def _options_of_a_stream(self) -> CompletionRequest:
        if self.stream_options is not None and not self.stream:
            raise ValueError("stream_options may stand only where stream is true")
        return self


class Usage(BaseModel):
    """Counted in words and Chinese characters, since there may be no model with a tokenizer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str = Field(description="The sentences with their citation marks: [1] is the citation of that number.")
    refusal: None = None
    citations: list[Citation] = Field(description="Extension: each with its quote and its place in the document.")
    abstained: bool = Field(
        description="Extension: the reports don't answer the question; the content says so in words."
    )


class Choice(BaseModel):
    index: Literal[0] = 0
    message: CompletionMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


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
    finish_reason: Literal["stop"] | None = None


class CompletionChunk(BaseModel):
    """A chunk of an answer: one verified sentence. The chunk with a ``finish_reason`` has the extensions."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None
    citations: list[Citation] | None = None
    abstained: bool | None = None


class Model(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "report-qa"


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[Model]


class EmbeddingRequest(BaseModel):
    """Texts to embed with the library's own embedder."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"model": "bundled", "input": "茶园"}]})

    model: Text = Field(description="As in `GET /v1/models`.")
    input: (
        Annotated[Text, StringConstraints(min_length=1, max_length=INPUT_CHARS)]
        | Annotated[
            list[Annotated[Text, StringConstraints(min_length=1, max_length=INPUT_CHARS)]],
            Field(min_length=1, max_length=INPUTS),
        ]
    ) = Field(description="Text; token ids are refused, as embedders differ in their tokenizers.")
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(None, ge=1, description="Only the embedder's own number.")
    input_type: Literal["query", "passage"] = Field(
        "passage", description="Extension: questions and passages are embedded differently."
    )
    user: Text | None = Field(None, description=_IGNORED)


class Embedding(BaseModel):
    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str = Field(description="Numbers, or little-endian float32 in base64.")


class EmbeddingUsage(BaseModel):
    prompt_tokens: int
    total_tokens: int


class EmbeddingList(BaseModel):
    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage


class OpenAIErrorDetail(BaseModel):
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAIError(BaseModel):
    """The shape of every error under /v1."""

    model_config = ConfigDict(json_schema_extra={"examples": [OPENAI_ERROR]})

    error: OpenAIErrorDetail
