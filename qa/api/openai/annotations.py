"""Citations as OpenAI's annotations: each citation mark of an answer's text, with its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from qa.answering.rendering import pages, source_url
from qa.types import Citation
from vectorstore.text.language import Language

START = "Index of the first character of the mark (`[1]`) in the text, in code points."
END = "Index behind its last character."
QUOTE = "Extension: the cited characters, exactly."
PAGE = "Extension: the pages that the quote stands on; empty where the document has none."


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation mark in an answer's text: ``text[start:end] == f"[{number}]"``, in code points."""

    number: int
    start: int
    end: int


class UrlCitation(BaseModel):
    """A mark, and where its source can be read."""

    start_index: int = Field(description=START)
    end_index: int = Field(description=END)
    title: str = Field(description="The document's name, and the page where it has pages.")
    url: str = Field(description="Of the document's text, with the place of the quote in it (RFC 5147).")
    file_id: str = Field(description="Extension: the document's id.")
    quote: str = Field(description=QUOTE)
    page: str = Field(default="", description=PAGE)


class MessageAnnotation(BaseModel):
    """An annotation of a chat message."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class UrlAnnotation(UrlCitation):
    """An annotation of a response's text."""

    type: Literal["url_citation"] = "url_citation"


class FileAnnotation(BaseModel):
    """An annotation of a response's text where the request has the tool ``file_search``."""

    type: Literal["file_citation"] = "file_citation"
    file_id: str
    filename: str
    index: int = Field(description="Where the mark begins.")
    start_index: int = Field(description=f"Extension: {START}")
    end_index: int = Field(description=f"Extension: {END}")
    quote: str = Field(description=QUOTE)
    page: str = Field(default="", description=PAGE)


def url_citation(mark: Mark, citation: Citation, base: str, language: Language) -> UrlCitation:
    """Return the annotation of a mark by its URL."""
    page = pages(citation, language)
    return UrlCitation(
        start_index=mark.start,
        end_index=mark.end,
        title=f"{citation.document} · {page}" if page else citation.document,
        url=source_url(base, citation.document_id, citation.spans, citation.sha256),
        file_id=citation.document_id,
        quote=citation.quote,
        page=page,
    )


def file_citation(mark: Mark, citation: Citation, language: Language) -> FileAnnotation:
    """Return the annotation of a mark by its file."""
    return FileAnnotation(
        file_id=citation.document_id,
        filename=citation.document,
        index=mark.start,
        start_index=mark.start,
        end_index=mark.end,
        quote=citation.quote,
        page=pages(citation, language),
    )


def message_annotations(
    marks: Sequence[Mark], citations: Mapping[int, Citation], base: str, language: Language
) -> list[MessageAnnotation]:
    """Return the annotations of a chat message."""
    return [
        MessageAnnotation(url_citation=url_citation(mark, citations[mark.number], base, language)) for mark in marks
    ]
