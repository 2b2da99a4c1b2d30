"""Requests and responses about vector stores and files: the documents of the library as OpenAI's API has them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from qa.api.openai.schema import IGNORED
from qa.api.schema import Text

QUERIES = 8
"""Queries in one search."""
RESULTS = 50
"""Most results of a search, as with OpenAI."""
Query = Annotated[Text, Field(min_length=1, max_length=2000)]
Attributes = dict[str, str]


class FileCounts(BaseModel):
    in_progress: Literal[0] = 0
    completed: int
    failed: Literal[0] = 0
    cancelled: Literal[0] = 0
    total: int


class VectorStore(BaseModel):
    """A set of documents that can be searched."""

    id: str
    object: Literal["vector_store"] = "vector_store"
    name: str
    created_at: int = Field(description="Unix time in seconds.")
    status: Literal["completed"] = "completed"
    file_counts: FileCounts
    usage_bytes: int = Field(description="Of the documents' texts.")
    last_active_at: int
    metadata: dict[str, str] = {}


class StoreFile(BaseModel):
    """A document of a vector store."""

    id: str
    object: Literal["vector_store.file"] = "vector_store.file"
    created_at: int
    vector_store_id: str
    status: Literal["completed"] = "completed"
    last_error: None = None
    usage_bytes: int
    attributes: Attributes


class FileObject(BaseModel):
    """A document."""

    id: str
    object: Literal["file"] = "file"
    bytes: int = Field(description="Of its text in UTF-8, as far as is known without reading it: three a character.")
    created_at: int
    filename: str
    purpose: Literal["assistants"] = "assistants"
    status: Literal["processed"] = "processed"


class _List(BaseModel):
    object: Literal["list"] = "list"
    first_id: str | None
    last_id: str | None
    has_more: bool


class VectorStoreList(_List):
    data: list[VectorStore]


class StoreFileList(_List):
    data: list[StoreFile]


class FileList(_List):
    data: list[FileObject]


class RankingOptions(BaseModel):
    ranker: Text | None = Field(None, description=IGNORED)
    score_threshold: Annotated[float, Field(ge=0, le=1)] | None = None


class SearchRequest(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"query": "茶园面积"}]})

    query: Query | Annotated[list[Query], Field(min_length=1, max_length=QUERIES)]
    filters: dict[Text, Any] | None = Field(
        None, description="As with OpenAI, over the attributes `document`, `title`, `date` and `source`."
    )
    max_num_results: Annotated[int, Field(ge=1, le=RESULTS)] = 10
    ranking_options: RankingOptions | None = None
    rewrite_query: bool | None = Field(None, description=IGNORED)

    @property
    def queries(self) -> list[str]:
        return [self.query] if isinstance(self.query, str) else self.query


class FoundText(BaseModel):
    type: Literal["text"] = "text"
    text: str


class Found(BaseModel):
    """A passage."""

    file_id: str
    filename: str
    score: float = Field(description="One divided by its rank: scores compare within one search only.")
    attributes: Attributes
    content: list[FoundText]
    spans: list[tuple[int, int]] = Field(
        description="Extension: code points of the passage in the document's text, end exclusive."
    )


class SearchPage(BaseModel):
    """The passages found, best first."""

    object: Literal["vector_store.search_results.page"] = "vector_store.search_results.page"
    search_query: list[str]
    data: list[Found]
    has_more: Literal[False] = False
    next_page: None = None
