"""Conversion between values and the catalogue's rows; each row has a checksum that is verified when it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vectorstore.original import Original
from vectorstore.places import Places
from vectorstore.types import Block, BlockKind, Passage, Sentence, Span, Spans

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class IndexedPassage:
    """A passage and its vectors, ready for the catalogue."""

    passage: Passage
    vector: Vectors
    """Of the passage in context (see :mod:`vectorstore.ingestion.context`), shape (dimensions,)."""
    sentence_vectors: Vectors
    """Of its bare sentences, shape (sentences, dimensions)."""


@dataclass(frozen=True)
class IndexedDocument:
    """A document ready for the catalogue."""

    name: str
    given_title: str | None
    title: str
    sha256: str
    text: str
    date: str | None
    source: str | None
    built: str
    """The embedder and the chunking that made its passages and vectors."""
    blocks: tuple[Block, ...]
    passages: tuple[IndexedPassage, ...]
    places: Places | None = None
    """On which page each character of ``text`` stands, where the format has pages."""
    collections: tuple[str, ...] = ()
    """Ids of those that it is in; none leaves it in those that it is in already, a new one in the default."""
    original: Original | None = None
    """The file that it was read from, where its pages can be drawn."""


class Held(NamedTuple):
    """What the catalogue knows of a name."""

    sha256: str
    given_title: str | None
    built: str


class PassageText(NamedTuple):
    """What the lexical index needs of a passage."""

    id: int
    document_id: str
    title: str
    section: str
    text: str
    collections: tuple[str, ...]
    """Ids of its document's collections."""
    opens: Opening | None = None
    """What it begins; None but for a document's first passage."""


class Opening(NamedTuple):
    """What the lexical index holds of a document with its first passage."""

    name: str
    text: str
    """The beginning of its passages."""


class DocumentText(NamedTuple):
    """What the lexical index needs of a document beside its passages."""

    id: str
    name: str
    title: str
    collections: tuple[str, ...]
    """Ids."""


HEAD_CHARS = 400
_HEAD_PASSAGES = 5  # most passages are longer than 100 characters


def passage_texts(document: DocumentText, passages: Sequence[tuple[int, str, str]]) -> Iterator[PassageText]:
    """Yield what the lexical index needs of all passages of a document.

    Args:
        passages: id, section and text of each, in order.
    """
    head = ""
    for _, _, text in passages[:_HEAD_PASSAGES]:
        head = f"{head}\n{text}".strip()[:HEAD_CHARS]
    opens: Opening | None = Opening(document.name, head)
    for id, section, text in passages:
        yield PassageText(id, document.id, document.title, section, text, document.collections, opens)
        opens = None


class VectorBatch(NamedTuple):
    """What the dense index needs of some passages: ``vectors`` has shape (len(ids), dimensions)."""

    ids: list[int]
    document_ids: list[str]
    vectors: Vectors


def dump_blocks(blocks: tuple[Block, ...]) -> str:
    return _dump([[block.kind, block.text, block.spans, block.level] for block in blocks])


def load_blocks(data: str) -> tuple[Block, ...]:
    return tuple(Block(BlockKind(kind), text, _spans(spans), level) for kind, text, spans, level in json.loads(data))


def dump_spans(passage: Passage) -> str:
    """Return the spans of a passage and of its sentences, each sentence with its place in the passage's text.

    A sentence that isn't a part of the passage's text (which is allowed) is stored in full.
    """
    sentences: list[tuple[Spans, int | str]] = []
    end = 0
    for sentence in passage.sentences:
        at = passage.text.find(sentence.text, end)
        sentences.append((sentence.spans, sentence.text if at < 0 else at))
        end = end if at < 0 else at + len(sentence.text)
    return _dump([passage.spans, sentences])


def load_passage(ordinal: int, kind: str, section: str, text: str, spans: str) -> Passage:
    own, of_sentences = json.loads(spans)
    sentences = []
    for pairs, place in of_sentences:
        its = _spans(pairs)
        length = sum(end - start for start, end in its)
        sentences.append(Sentence(place if isinstance(place, str) else text[place : place + length], its))
    return Passage(ordinal, BlockKind(kind), section, text, _spans(own), tuple(sentences))


def dump_vectors(passage: IndexedPassage) -> tuple[bytes, bytes]:
    """Return the passage's vector (little-endian float32) and its sentences' vectors (float16, enough for cosine)."""
    return passage.vector.astype("<f4").tobytes(), passage.sentence_vectors.astype("<f2").tobytes()


def load_vector(data: bytes) -> Vectors:
    return np.frombuffer(data, dtype="<f4").astype(np.float32)


def load_sentence_vectors(data: bytes, dimensions: int) -> Vectors:
    return np.frombuffer(data, dtype="<f2").astype(np.float32).reshape(-1, dimensions)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _spans(pairs: list[list[int]]) -> Spans:
    return tuple[Span, ...]([(start, end) for start, end in pairs])  # a list is made twice as fast as a generator
