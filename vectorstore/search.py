"""Searching the two indexes for passages that the catalogue holds, in an order that depends on nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vectorstore.cache import Cache
from vectorstore.catalog import Catalog
from vectorstore.dense import Dense, exact
from vectorstore.lexical import Lexical
from vectorstore.records import VectorBatch, Vectors
from vectorstore.types import Hit

_EXACT_BELOW = 20_000  # passages; so many are compared faster one by one than by Chroma, whose filters are slow
_TIES = 32  # hits asked for beyond k, so that equal scores at the cut are ordered by us and not by an index
_CACHED_ROWS = 50_000  # passage vectors for the exact search (about 80 MB)


class Searcher:
    """Both searches of a library; see :meth:`vectorstore.library.Library.dense` and ``lexical``."""

    def __init__(self, catalog: Catalog, dense: Dense, lexical: Lexical) -> None:
        self._catalog = catalog
        self._dense = dense
        self._lexical = lexical

    def dense(self, cache: Cache, vector: Vectors, k: int, documents: Sequence[str] | None) -> list[Hit]:
        """``vector`` has unit length."""
        if k < 1:
            return []
        if documents is None:
            return self._living(lambda more: self._dense.search(vector, more), k)
        scope = list(dict.fromkeys(documents))
        size = self._catalog.count(scope)
        if size < _EXACT_BELOW:
            return self._best(exact(self._matrices(cache, scope, size), vector, k + _TIES), k)
        return self._living(lambda more: self._dense.search(vector, more, scope), k)

    def lexical(self, query: str, k: int, documents: Sequence[str] | None) -> list[Hit]:
        if k < 1:
            return []
        return self._living(lambda more: self._lexical.search(query, more, documents), k)

    def _living(self, search: Callable[[int], list[Hit]], k: int) -> list[Hit]:
        """Return the ``k`` best hits of passages that the catalogue holds: an index may be ahead of it, or behind."""
        asked = k + _TIES
        while True:
            hits = search(asked)
            kept = self._best(hits, k)
            if len(kept) == k or len(hits) < asked:
                return kept
            asked *= 2

    def _best(self, hits: Sequence[Hit], k: int) -> list[Hit]:
        """Return the ``k`` best of those hits that are passages, in an order that no index's history can change."""
        places = self._catalog.places([hit.passage_id for hit in hits])
        living = [hit for hit in hits if hit.passage_id in places]
        return sorted(living, key=lambda hit: (-hit.score, places[hit.passage_id]))[:k]

    def _matrices(self, cache: Cache, documents: Sequence[str], size: int) -> list[VectorBatch]:
        if cache.rows + size > _CACHED_ROWS:
            cache.rows, cache.matrices = 0, {}
        held = cache.matrices
        found = [held.get(document) or self._catalog.vectors.of_document(document) for document in documents]
        held.update(zip(documents, found, strict=True))
        cache.rows = sum(len(batch.ids) for batch in list(held.values()))
        return found
