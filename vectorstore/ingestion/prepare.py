"""From raw documents to documents ready for the catalogue: repaired, cut into passages, checked, embedded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vectorstore.embeddings import Embedder
from vectorstore.embeddings.cache import VectorCache, cached_encode
from vectorstore.errors import EmbedderError
from vectorstore.ingestion.chunking import CHUNKING, chunk
from vectorstore.ingestion.context import PASSAGE_VECTORS, context, in_context
from vectorstore.reading import RawDocument
from vectorstore.storage.records import IndexedDocument, IndexedPassage, Vectors
from vectorstore.types import Layout, Passage, cut

_UNIT = 0.01  # how far a vector's length may be from 1


@dataclass(frozen=True)
class Prepared:
    """A document cut into passages, and the texts whose vectors it needs."""

    raw: RawDocument
    layout: Layout
    passages: tuple[Passage, ...]

    @property
    def texts(self) -> list[str]:
        """The contexts of its passages, where there is one, and their bare sentences."""
        contexts = (context(self.layout.title, passage.section) for passage in self.passages)
        sentences = (sentence.text for passage in self.passages for sentence in passage.sentences)
        return [*filter(None, contexts), *sentences]


class Preparer:
    """Makes documents ready for the catalogue with one embedder and one chunking."""

    def __init__(self, embedder: Embedder, chunk_chars: int, cache: VectorCache) -> None:
        self._embedder = embedder
        self._cache = cache
        self._chunk_chars = chunk_chars
        self.built = f"{embedder.fingerprint} chunking-{CHUNKING}-{chunk_chars} vectors-{PASSAGE_VECTORS}"
        """Names the embedder, the chunking and how vectors are combined; a library is of one such combination."""

    def prepare(self, raw: RawDocument) -> Prepared:
        """Repair a document's layout and cut it into passages.

        Raises:
            ValueError: it can't be stored, or a passage isn't made of its document's characters.
            UnreadableSource: its file changed since it was read.
        """
        for text in (raw.name, raw.title or "", raw.text):
            text.encode("utf-8")  # a lone surrogate has no place in a database: UnicodeEncodeError is a ValueError
            if "\0" in text:  # nor has a NUL in Postgres
                raise ValueError(f"it holds a NUL at character {text.index(chr(0))}; take it out")
        if raw.original is not None:
            raw.original.check()
        from vectorstore.layout import repair  # loads a dictionary, which asking a question doesn't need

        layout = repair(raw.text, raw.title)
        passages = chunk(layout, self._chunk_chars)
        for passage in passages:
            _check(raw.text, passage)
        return Prepared(raw, layout, passages)

    def embed(self, documents: Sequence[Prepared], progress: Callable[[int, int], None]) -> list[IndexedDocument]:
        """Give documents their vectors, all in one go; texts that were embedded before are looked up.

        Args:
            progress: called with the number of texts done and of all texts.

        Raises:
            EmbedderError: the embedder failed.
        """
        texts = list(dict.fromkeys(text for document in documents for text in document.texts))
        vectors = dict(zip(texts, self._encode(texts, progress), strict=True))
        return [self._indexed(document, vectors) for document in documents]

    def forget_others(self) -> None:
        """Forget the remembered vectors of other embedders."""
        self._cache.keep_only(self._embedder.fingerprint)

    def _indexed(self, document: Prepared, vectors: dict[str, Vectors]) -> IndexedDocument:
        raw, layout = document.raw, document.layout
        return IndexedDocument(
            name=raw.name,
            given_title=raw.title,
            title=layout.title,
            sha256=raw.sha256,
            text=raw.text,
            date=layout.date,
            source=layout.source,
            built=self.built,
            blocks=layout.blocks,
            passages=tuple(_with_vectors(passage, layout.title, vectors) for passage in document.passages),
            places=raw.places,
            original=raw.original,
        )

    def _encode(self, texts: Sequence[str], progress: Callable[[int, int], None]) -> Vectors:
        vectors = cached_encode(self._embedder, self._cache, texts, "passage", progress)
        wanted = (len(texts), self._embedder.dimensions)
        if vectors.shape != wanted or not np.all(np.abs(np.linalg.norm(vectors, axis=1) - 1) < _UNIT):
            raise EmbedderError(
                f"the embedder {self._embedder.name!r} gave an array of shape {vectors.shape} for {len(texts)} texts; "
                f"unit vectors, shape {wanted}, were wanted"
            )
        return vectors


def _with_vectors(passage: Passage, title: str, vectors: Mapping[str, Vectors]) -> IndexedPassage:
    texts = [sentence.text for sentence in passage.sentences]
    sentences = np.stack([vectors[text] for text in texts])
    above = vectors.get(context(title, passage.section))
    return IndexedPassage(passage, in_context(above, sentences, [len(text) for text in texts]), sentences)


def _check(raw: str, passage: Passage) -> None:
    """Check the invariant that every offset relies on.

    Raises:
        ValueError: a passage or a sentence isn't what its spans cut out of the raw text.
    """
    if cut(raw, passage.spans) != passage.text:
        raise ValueError(f"passage {passage.ordinal} differs from its spans {passage.spans}")
    for sentence in passage.sentences:
        if cut(raw, sentence.spans) != sentence.text:
            raise ValueError(f"a sentence of passage {passage.ordinal} differs from its spans {sentence.spans}")
