"""The values that documents become: spans, blocks, sentences, passages, hits.

Every offset is a count of Unicode code points into a document's raw text, end exclusive. Text that was repaired or cut
is never stored without the spans that it came from, and always obeys ``cut(raw, spans) == text``: repair may leave
characters out and put pieces into another order, and never invents one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

Span = tuple[int, int]
Spans = tuple[Span, ...]


def cut(raw: str, spans: Spans | list[Span]) -> str:
    """Return the concatenation of ``raw[start:end]`` over ``spans``, in their order."""
    return "".join(raw[start:end] for start, end in spans)


class BlockKind(StrEnum):
    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    CAPTION = "caption"
    FURNITURE = "furniture"
    """Navigation, credits, licence lines: kept in the raw text, kept out of passages."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text that belongs together, in reading order."""

    kind: BlockKind
    text: str
    spans: Spans
    level: int = 0
    """Headings: 1 for the document's title, 2 and more below it. 0 for anything else."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What repair makes of a raw text: its blocks in reading order, and what it says about itself."""

    title: str
    """From the document itself: its title line, else its first words (about 40 characters at most)."""
    blocks: tuple[Block, ...]
    date: str | None = None
    """ISO date (and time) of publication, when a line of page furniture gives it."""
    source: str | None = None
    joins: tuple[tuple[int, int], ...] = ()
    """Seams that repair closed: (offset after the first half's last character, offset of the second half's first)."""
    raw: str = field(default="", repr=False)
    """The text that every span counts in."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence (or a table row, a list item, a heading's line) as it reads after repair."""

    text: str
    spans: Spans


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one section, at most about ``chunk_chars`` characters: the unit of retrieval.

    ``text`` holds its sentences in order; between two of them there is nothing, or white space that stands in the raw
    text too and is part of ``spans`` (so that two lines don't grow together). Touching spans are merged.
    """

    ordinal: int
    """Position in the document, from 0."""
    kind: BlockKind
    """PARAGRAPH or CAPTION."""
    section: str
    """Headings above it below the title, outermost first, joined by " / "; empty when there are none."""
    text: str
    spans: Spans
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document's row in the catalogue, without its text."""

    id: str
    name: str
    """The file's name, or the ``id`` of a JSONL line. Unique in a library."""
    title: str
    sha256: str
    chars: int
    passages: int
    date: str | None = None
    source: str | None = None
    added: str = ""
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document with its raw text, its layout and its passages."""

    info: DocumentInfo
    text: str
    blocks: tuple[Block, ...]
    passages: tuple[StoredPassage, ...] = field(default=())
    orders: Spans = ()
    """What gives orders to whoever answers from it (prompt injection): in none of its passages."""


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as the catalogue holds it, with what it needs to be cited."""

    id: int
    """The catalogue's key, the same in the dense and the lexical index."""
    document_id: str
    document: str
    """The document's name."""
    title: str
    passage: Passage
    sha256: str = ""
    """Of the document's text: the version that it is a passage of."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents that belong together; a document may be in several."""

    id: str
    """Never used twice, and kept when the collection is renamed."""
    name: str
    """Unique in a library."""
    created: str
    """ISO 8601, UTC."""
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; ``score`` is higher for better and only comparable inside one search."""

    passage_id: int
    score: float
