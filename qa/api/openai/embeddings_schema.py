"""Requests and responses of the embeddings endpoint."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from qa.api.openai.schema import IGNORED
from qa.api.schema import Text

INPUTS = 128
"""Texts in one request for embeddings."""
INPUT_CHARS = 20_000
TOKEN_IDS = (
    "these are token ids of a tokenizer that the embedder doesn't have; send the texts themselves "
    "(LangChain: OpenAIEmbeddings(..., check_embedding_ctx_length=False))"
)


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
    user: Text | None = Field(None, description=IGNORED)

    @field_validator("input", mode="before")
    @classmethod
    def _no_token_ids(cls, given: Any) -> Any:
        flat = (
            [item for one in given for item in (one if isinstance(one, list) else [one])]
            if isinstance(given, list)
            else []
        )
        if flat and all(isinstance(item, int) and not isinstance(item, bool) for item in flat):
            raise ValueError(TOKEN_IDS)
        return given


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
