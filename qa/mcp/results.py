"""What the tools return: the fields are the protocol's ``structuredContent``."""

from __future__ import annotations

from typing import Protocol

from pydantic import BaseModel, Field

from qa.answering.rendering import source_url
from qa.types import Answer, Citation, PassageHit
from vectorstore.types import Document, DocumentInfo, Spans

BLACKED_OUT = "█"
MOST_CHARACTERS = 20_000
"""Longest part of a text that one call returns."""


class SearchResult(BaseModel):
    id: str = Field(description="For `fetch`: DOCUMENT_ID, a colon, and the passage's first and last offset.")
    title: str
    url: str = Field(description="Where the document is served; empty where no server runs.")
    text: str
    document: str = Field(description="The document's name.")
    section: str


class SearchResults(BaseModel):
    results: list[SearchResult] = Field(description="Best first.")


class TextRange(BaseModel):
    """A part of a document's raw text."""

    id: str
    title: str
    url: str
    text: str
    metadata: dict[str, str]
    start: int = Field(description="Offset of its first character in the document.")
    end: int
    length: int = Field(description="Characters of the whole document: read on from `end` until it is reached.")


class DocumentEntry(BaseModel):
    id: str
    name: str
    title: str
    date: str | None = Field(description="ISO 8601, where the document says it.")
    length: int = Field(description="Characters.")
    uri: str = Field(description="Of the resource with its text.")


class DocumentEntries(BaseModel):
    documents: list[DocumentEntry]


class CitedSentence(BaseModel):
    text: str
    citations: list[int]


class AskResult(BaseModel):
    answer: str = Field(description="The sentences with their marks, or what is said where there is no answer.")
    abstained: bool = Field(description="Whether the documents don't say.")
    reason: str | None = Field(description="Why it abstained.")
    sentences: list[CitedSentence]
    citations: list[Citation] = Field(description="Quotes, with the offsets of their characters in the document.")
    warnings: list[str]

    @classmethod
    def of(cls, answer: Answer) -> AskResult:
        return cls(
            answer=answer.answer,
            abstained=answer.abstained,
            reason=answer.reason,
            sentences=[CitedSentence(text=one.text, citations=one.citations) for one in answer.sentences],
            citations=answer.citations,
            warnings=answer.warnings,
        )

    def as_text(self) -> str:
        """Return the answer and, a line each, its sources: what a client shows that knows no structured content."""
        sources = [f"[{one.number}] {one.document}: {one.quote}" for one in self.citations]
        return "\n".join([self.answer, *sources, *self.warnings])


class Reports(Protocol):
    """What the tools need of a library. Each method raises a QAError or VectorStoreError that a caller can act on."""

    async def ask(self, question: str, documents: list[str] | None) -> AskResult: ...

    async def search(self, query: str, limit: int, documents: list[str] | None) -> SearchResults: ...

    async def read(self, document: str, start: int, length: int) -> TextRange: ...

    async def documents(self) -> DocumentEntries: ...


def uri_of(document_id: str) -> str:
    """Return the URI of the resource that is a document's text."""
    return f"report://documents/{document_id}"


def entry_of(info: DocumentInfo) -> DocumentEntry:
    return DocumentEntry(
        id=info.id, name=info.name, title=info.title, date=info.date, length=info.chars, uri=uri_of(info.id)
    )


def found(hits: list[PassageHit], url: str) -> SearchResults:
    """Return passages as search results.

    Args:
        url: of the server, without a slash at its end; empty for none.
    """
    return SearchResults(
        results=[
            SearchResult(
                id=f"{hit.document_id}:{hit.spans[0][0]}-{hit.spans[-1][1]}",
                title=hit.title or hit.document,
                url=source_url(url, hit.document_id, hit.spans) if url else "",
                text=hit.text,
                document=hit.document,
                section=hit.section,
            )
            for hit in hits
        ]
    )


def range_of(document: Document, start: int, length: int, url: str) -> TextRange:
    """Return a part of a document's text: at most ``MOST_CHARACTERS``, and nothing behind its end.

    A model reads it: what gives it orders is blacked out, character by character, so that offsets hold.
    """
    info, text = document.info, _blacked_out(document.text, document.orders)
    start = min(start, len(text))
    end = min(len(text), start + min(length, MOST_CHARACTERS))
    return TextRange(
        id=info.id,
        title=info.title or info.name,
        url=source_url(url, info.id) if url else "",
        text=text[start:end],
        metadata={"document": info.name, **({"date": info.date} if info.date else {})},
        start=start,
        end=end,
        length=len(text),
    )


def _blacked_out(text: str, spans: Spans) -> str:
    """Return ``text`` with ``spans`` blacked out, which are in order; one may end within another."""
    parts, at = [], 0
    for start, end in spans:
        start, end = max(start, at), max(end, at)
        parts += [text[at:start], BLACKED_OUT * (end - start)]
        at = end
    return "".join([*parts, text[at:]])
