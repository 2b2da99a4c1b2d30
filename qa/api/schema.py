"""Requests and responses of the HTTP API, with examples; more of them in ``qa.types`` and ``qa.sessions.chat``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from qa.api.examples import DOCUMENT, DOCUMENTS, ERRORS, QUESTION, READINESS
from qa.api.schema_pages import PageSummary
from qa.sessions.chat import ChatError
from vectorstore.text.markup import markup
from vectorstore.types import Block, BlockKind, Document, DocumentInfo, StoredPassage

if TYPE_CHECKING:
    from vectorstore.library import Library

OffsetSpans = Annotated[
    list[tuple[int, int]], Field(description="Code points into the document's raw text, end exclusive.")
]


def _encodable(text: str) -> str:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise ValueError("the text has half a character (a lone surrogate)") from None
    return text


Text = Annotated[str, AfterValidator(_encodable)]
"""JSON can encode a lone surrogate, which can't be stored as UTF-8."""
_NESTED = 150


def require_storable(given: Any) -> None:
    """Raise ValueError for JSON that can't be sent back or stored: half characters in it, or nested too deep."""
    waiting = [(given, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > _NESTED:
            raise ValueError(f"it is nested more than {_NESTED} deep")
        if isinstance(part, str):
            _encodable(part)
        elif isinstance(part, Mapping):
            waiting.extend((one, depth + 1) for entry in part.items() for one in entry)
        elif isinstance(part, list):
            waiting.extend((one, depth + 1) for one in part)


Id = Annotated[Text, StringConstraints(max_length=64)]

IdempotencyKey = Annotated[
    str | None,
    Header(max_length=200, description="Your own name for this request: sent again, it does nothing a second time."),
]
Collections = list[Annotated[Text, StringConstraints(max_length=200)]]


class ChatRequest(BaseModel):
    """A question."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [QUESTION]})

    question: Text = Field(
        description="As a person would type it; up to 2,000 characters by default (QA_QUESTION_CHARS)."
    )
    conversation_id: Id | None = Field(None, description="From an earlier answer, to ask a follow-up.")
    documents: list[Text] | None = Field(
        None, min_length=1, max_length=1000, description="Names or ids of the documents to search; all by default."
    )
    collections: Collections | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="Names or ids of the collections to search; all by default. "
        "A conversation that begins with this question stays limited to them.",
    )
    stream: bool = Field(False, description="Answer with server-sent events; `Accept: text/event-stream` does too.")
    replaces: Id | None = Field(
        None,
        description="Id of an earlier question of this conversation, to ask it anew: it and all that follows it "
        "are deleted when the new answer is stored.",
    )

    @model_validator(mode="after")
    def _replaces_in_a_conversation(self) -> ChatRequest:
        if self.replaces is not None and self.conversation_id is None:
            raise ValueError("replaces needs the conversation_id that the question is in")
        return self


class DocumentSummary(BaseModel):
    """A document without its text."""

    id: str
    name: str
    title: str
    date: str | None = None
    source: str | None = None
    sha256: str
    chars: int
    passage_count: int
    added: str = Field(description="ISO 8601, UTC.")
    collections: list[str] = Field(description="Names of those that it is in and that the caller may see.")

    @classmethod
    def of(cls, info: DocumentInfo, collections: Sequence[str]) -> DocumentSummary:
        return cls(
            id=info.id,
            name=info.name,
            title=info.title,
            date=info.date,
            source=info.source,
            sha256=info.sha256,
            chars=info.chars,
            passage_count=info.passages,
            added=info.added,
            collections=list(collections),
        )


class DocumentList(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [DOCUMENTS]})

    documents: list[DocumentSummary]


class Heading(BaseModel):
    level: int = Field(description="1 for the document's title, 2 and more below it.")
    text: str
    spans: OffsetSpans

    @classmethod
    def of(cls, block: Block) -> Heading:
        return cls(level=block.level, text=block.text, spans=list(block.spans))


class PassageView(BaseModel):
    ordinal: int
    kind: BlockKind
    section: str
    text: str
    spans: OffsetSpans

    @classmethod
    def of(cls, stored: StoredPassage) -> PassageView:
        passage = stored.passage
        return cls(
            ordinal=passage.ordinal,
            kind=passage.kind,
            section=passage.section,
            text=passage.text,
            spans=list(passage.spans),
        )


class DocumentView(DocumentSummary):
    """A document with its raw text, its headings and its passages."""

    model_config = ConfigDict(json_schema_extra={"examples": [DOCUMENT]})

    text: str = Field(description="The raw text, as it was read; all spans are offsets into it.")
    headings: list[Heading]
    passages: list[PassageView]
    captions: OffsetSpans = Field(description="Spans of picture captions: code points, end exclusive.")
    furniture: OffsetSpans = Field(
        description="Spans of page furniture (navigation, credits, footers), which is in no passage."
    )
    orders: OffsetSpans = Field(
        default=[],
        description="Spans that give orders to whoever answers (prompt injection): shown to people, in no passage.",
    )

    markup: OffsetSpans = Field(
        description="Spans that are only markup (bars of tables, `**`, addresses of links): left out in display."
    )
    pages: list[PageSummary] = Field(description="Its pages, slides or sheets; none where it has none.")
    page_starts: list[tuple[int, int]] = Field(
        description="Offset and page (counted from 1): from there to the next one's offset, the text is of that page."
    )
    page_images: bool = Field(description="Whether `/documents/{id}/pages/{page}.png` shows its pages.")

    @classmethod
    def of_library(cls, library: Library, id: str, collections: Sequence[str]) -> DocumentView:
        """Return the view of a document in a library.

        Raises:
            UnknownDocument: there is none of that id.
        """
        document = library.document_by_id(id)
        places = library.pages(id)
        view = cls.of_earlier(document, collections)
        return view.model_copy(
            update={
                "passages": [PassageView.of(stored) for stored in document.passages],
                "pages": [
                    PageSummary.of(number, page) for number, page in enumerate(places.pages if places else (), 1)
                ],
                "page_starts": [(start, index + 1) for start, index in (places.runs if places else ())],
                "page_images": library.page_images.are_there(id),
            }
        )

    @classmethod
    def of_earlier(cls, document: Document, collections: Sequence[str]) -> DocumentView:
        """Return the view of a version that answers no more: without passages and pages."""
        return cls(
            **DocumentSummary.of(document.info, collections).model_dump(),
            text=document.text,
            headings=[Heading.of(b) for b in document.blocks if b.kind in (BlockKind.TITLE, BlockKind.HEADING)],
            passages=[],
            captions=_spans_of(document.blocks, BlockKind.CAPTION),
            furniture=_spans_of(document.blocks, BlockKind.FURNITURE),
            markup=markup(document.text, (span for block in document.blocks for span in block.spans)),
            pages=[],
            page_starts=[],
            page_images=False,
            orders=list(document.orders),
        )


def _spans_of(blocks: Iterable[Block], kind: BlockKind) -> list[tuple[int, int]]:
    return sorted(span for block in blocks if block.kind is kind for span in block.spans)


class Health(BaseModel):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok", "version": "0.1.0"}]})

    status: str
    version: str


class Readiness(BaseModel):
    """Questions can be asked."""

    model_config = ConfigDict(json_schema_extra={"examples": [READINESS]})

    status: str
    documents: int | None = Field(description="Null where API keys are required: `GET /documents` lists them.")
    passages: int | None
    answerer: str
    version: str


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of the errors with these statuses."""
    return {
        status: {
            "model": ChatError,
            "description": ERRORS[status]["description"],
            "content": {"application/json": {"example": ERRORS[status]["example"]}},
        }
        for status in (*statuses, *([507] if 503 in statuses else []))  # a full disk
    }
