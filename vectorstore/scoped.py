"""A part of a library: the documents of some collections, as if there were no others."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Ids
from typing import NamedTuple

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from vectorstore.corpus import Corpus
from vectorstore.embeddings import Embedder
from vectorstore.indexes.dense import Dense, normalised
from vectorstore.indexes.directory import Directory, Repairing
from vectorstore.indexes.lexical import Lexical, inverse_frequency
from vectorstore.indexes.scoped import ScopedSearcher
from vectorstore.ingestion.swaps import Swaps
from vectorstore.places import PagePlace
from vectorstore.storage.cache import Cache, Remembered
from vectorstore.storage.catalog import unknown_document
from vectorstore.storage.collections import Scope
from vectorstore.storage.records import Vectors
from vectorstore.storage.scoped import ScopedCatalog
from vectorstore.text.language import Language
from vectorstore.types import Collection, Document, DocumentInfo, Hit, Span, StoredPassage

_SCOPES = 64
_ROWS = 60_000  # vectors in memory (about 90 MB) of all scopes together


class Parts(NamedTuple):
    """What a library gives its scopes of itself."""

    dense: Dense
    lexical: Lexical
    state: Callable[[], Cache]
    """Returns another cache after each change of the library."""
    repairing: Repairing
    """Runs a search, and repairs an index that fails."""
    digest: Callable[[Sequence[DocumentInfo]], str]
    within: Callable[[Scope], ScopedLibrary]


class _Known:
    """What is cached of one state of the library within the scope."""

    def __init__(self, state: Cache) -> None:
        self.state = state
        self.passage_count: int | None = None
        self.inside = Remembered[str, bool]()
        self.counts = Remembered[str, int]()


class ScopedLibrary:
    """A :class:`~vectorstore.corpus.Corpus`: what is in any of some collections of a library. Threads may share it.

    A document that isn't in it is an unknown one. Statistics, such as how rare a word is, are the scope's own.
    """

    def __init__(self, library: Corpus, catalog: ScopedCatalog, parts: Parts) -> None:
        """For ``Library.within``."""
        self._scope = catalog.scope
        self._library = library
        self._catalog = catalog
        self._parts = parts
        self._searcher = ScopedSearcher(catalog, parts.dense, parts.lexical, self._weights)
        self.directory = Directory(catalog, parts.lexical, parts.repairing, catalog.scope)
        self._known = _Known(parts.state())

    def _current(self) -> _Known:
        state = self._parts.state()
        known = self._known
        if known.state is not state:
            known = self._known = _Known(state)
        return known

    # About

    @property
    def swaps(self) -> Swaps:
        return self._library.swaps

    @property
    def embedder(self) -> Embedder:
        return self._library.embedder

    @property
    def generation(self) -> int:
        """Counts the changes of the whole library."""
        return self._library.generation

    @property
    def fingerprint(self) -> str:
        """A digest (hex) of what the documents here say, and of how they were indexed."""
        return self._parts.digest(self.documents())

    @property
    def rows(self) -> int:
        """Vectors that are held in memory."""
        return self._searcher.rows

    def within(self, scope: Scope) -> ScopedLibrary:
        """Return what is in any of some of the collections, given by ids; others than those here hold nothing."""
        return self._parts.within(tuple(id for id in scope if id in self._scope))

    def scope(self, collections: Sequence[str]) -> Scope:
        """Return the ids of some collections.

        Raises:
            UnknownCollection: one of them isn't here.
        """
        return self._catalog.collection_ids(collections)

    def collections(self) -> list[Collection]:
        """Return the collections, by name."""
        return self._catalog.collections()

    def collections_of(self, document_ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the names of documents' collections, by document id; of those in scope."""
        return self._catalog.collections_of(document_ids)

    # Documents and passages

    def documents(self) -> list[DocumentInfo]:
        """Return the documents, by name: for a list of them; ``directory`` looks some up."""
        return self._catalog.infos()

    def document_info(self, name_or_id: str, to_change: bool = False) -> DocumentInfo:
        """Return a document's entry.

        Raises:
            UnknownDocument: there is none here of that name or id.
            AmbiguousDocument: it is ``to_change``, and the name is the id of another here.
        """
        return self._catalog.info(name_or_id, to_change)

    def document(self, name_or_id: str) -> Document:
        """Return a document whole.

        Raises:
            UnknownDocument: there is none here of that name or id.
        """
        return self._library.document_by_id(self._catalog.info(name_or_id).id)

    def document_by_id(self, id: str) -> Document:
        """Return the document of that id whole.

        Raises:
            UnknownDocument: there is none here of that id.
        """
        if not self._inside([id]):
            raise unknown_document(id)
        return self._library.document_by_id(id)

    def places(self, document_id: str, spans: Iterable[Span]) -> tuple[PagePlace, ...]:
        """Return on which pages some characters of a document stand; nothing for one that isn't here."""
        return self._library.places(document_id, spans) if self._inside([document_id]) else ()

    def passages(self, ids: Sequence[int], having: str = "") -> list[StoredPassage]:
        """Return passages in the order of ``ids``, with ``having`` in them; others than those here are left out."""
        stored = self._library.passages(ids, having)
        inside = set(self._inside([one.document_id for one in stored]))
        return [one for one in stored if one.document_id in inside]

    def passages_of(self, document_id: str, most: int | None = None) -> list[StoredPassage]:
        """Return a document's passages in order, or the first ``most``; none of one that isn't here."""
        return self._library.passages_of(document_id, most) if self._inside([document_id]) else []

    def sentence_vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors of passages' bare sentences, (sentences, dimensions) each; of those here."""
        return self._library.sentence_vectors([stored.id for stored in self.passages(ids)])

    def passage_vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors of passages in context, (dimensions,) each; of those here."""
        return self._library.passage_vectors([stored.id for stored in self.passages(ids)])

    def _inside(self, document_ids: Sequence[str]) -> list[str]:
        """Return those of ``document_ids`` that are documents here, each once."""
        known = self._current().inside.some(document_ids, self._catalog.inside)
        return [id for id in dict.fromkeys(document_ids) if known[id]]

    # Searching

    def question_vectors(self, texts: Sequence[str], language: Language | None = None) -> Vectors:
        """Return the vectors of questions, shape (len(texts), dimensions); see ``Library.question_vectors``."""
        return self._library.question_vectors(texts, language)

    def dense(
        self, vector: Vectors, k: int, documents: Sequence[str] | None = None, without: Ids[str] = ()
    ) -> list[Hit]:
        """Return the ``k`` passages here that are nearest to ``vector``; see ``Library.dense``."""
        vector = normalised(vector, self.embedder.dimensions)
        among = None if documents is None else self._inside(documents)
        cache = self._current().state
        return self._parts.repairing(lambda: self._searcher.dense(cache, vector, k, among, without))

    def lexical(self, query: str, k: int, documents: Sequence[str] | None = None, without: Ids[str] = ()) -> list[Hit]:
        """Return the ``k`` best passages here by BM25; see ``Library.lexical``."""
        among = None if documents is None else self._inside(documents)
        return self._parts.repairing(lambda: self._searcher.lexical(query, k, among, without))

    def idf(self, terms: Sequence[str]) -> NDArray[float64]:
        """Return ln(1 + (N - df + 0.5) / (df + 0.5)) of terms over the passages here, shape (len(terms),)."""
        known = self._current()
        if known.passage_count is None:
            known.passage_count = self._catalog.count()
        total = known.passage_count
        counts = known.counts.some(terms, self._counts)
        return inverse_frequency(total, [min(counts[term], total) for term in terms])

    def _counts(self, terms: Sequence[str]) -> dict[str, int]:
        return dict(zip(terms, self._parts.lexical.count(terms, self._scope), strict=True))

    def _weights(self, terms: Sequence[str]) -> list[float]:
        """Return by how much each term tells more, or less, here than in the whole library."""
        return [float(factor) for factor in self.idf(terms) / np.maximum(self._parts.lexical.idf(terms), 1e-6)]


class Scopes:
    """The scopes of a library that were asked for last, within a bound of memory."""

    def __init__(self, make: Callable[[Scope], ScopedLibrary]) -> None:
        self._make = make
        self._held: OrderedDict[Scope, ScopedLibrary] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, scope: Scope) -> ScopedLibrary:
        """Return the part of the library that is in any collection of ``scope``."""
        with self._lock:
            found = self._held[scope] = self._held.pop(scope) if scope in self._held else self._make(scope)
            while len(self._held) > 1 and (
                len(self._held) > _SCOPES or sum(one.rows for one in self._held.values()) > _ROWS
            ):
                self._held.popitem(last=False)
        return found
