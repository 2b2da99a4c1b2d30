"""Searches both indexes within some collections.

The lexical index filters by itself. Chroma's filters cost many times the search itself, so that few passages are
compared one by one, without it, and of many more hits are asked for than are wanted. Whatever an index says, the
catalogue decides which hits may be seen.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence

import numpy as np

from vectorstore.indexes.dense import Dense, exact
from vectorstore.indexes.lexical import Lexical, Weigh
from vectorstore.indexes.search import TIES, TRIES, Searcher, is_small
from vectorstore.storage.cache import Cache
from vectorstore.storage.records import VectorBatch, Vectors
from vectorstore.storage.scoped import ScopedCatalog
from vectorstore.types import Hit

_MORE = 1.3  # times as many hits are asked for as the collections' share of the library tells


class ScopedSearcher(Searcher):
    """Both searches within the collections of ``catalog``; see :class:`vectorstore.indexes.search.Searcher`."""

    def __init__(self, catalog: ScopedCatalog, dense: Dense, lexical: Lexical, weigh: Weigh) -> None:
        """``weigh``: see :meth:`vectorstore.indexes.lexical.Lexical.search`."""
        super().__init__(catalog, dense, lexical)
        self._scope = catalog.scope
        self._weigh = weigh
        self._near = _Near(catalog)

    @property
    def rows(self) -> int:
        """Vectors that are held in memory."""
        return self._near.rows

    def dense(
        self, cache: Cache, vector: Vectors, k: int, documents: Sequence[str] | None, without: Collection[str] = ()
    ) -> list[Hit]:
        """``vector`` has unit length; ``documents`` are documents here."""
        if documents is not None:
            return super().dense(cache, vector, k, documents, without)
        generation = self._catalog.generation
        count = self._near.count(generation)
        if k < 1 or not count:
            return []
        if is_small(count):
            return self._nearest(vector, k, generation, without)
        share = min(1.0, count / max(self._lexical.total, count) / _MORE)
        return self._living(lambda more: self._dense.search(vector, more), k, without, share)

    def lexical(self, query: str, k: int, documents: Sequence[str] | None, without: Collection[str] = ()) -> list[Hit]:
        """``documents`` are documents here."""
        if k < 1:
            return []
        scope = self._scope if documents is None else None
        return self._living(lambda more: self._lexical.search(query, more, documents, scope, self._weigh), k, without)

    def _nearest(self, vector: Vectors, k: int, before: int, without: Collection[str]) -> list[Hit]:
        kept: list[Hit] = []
        asked = k + TIES
        for _ in range(TRIES):
            hits = exact([self._near.batch(before)], vector, asked)
            kept, after = self._known(hits, without)
            if before == after:
                if len(kept) >= k or len(hits) < asked:
                    break
                asked *= 2
            before = after
        return kept[:k]


class _Near:
    """The vectors of a few collections' passages, in memory. Ids of passages are never used twice, so that vectors
    stay true when the library changes, and only new ones are read."""

    def __init__(self, catalog: ScopedCatalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._held: tuple[int, VectorBatch] | None = None
        self._counted: tuple[int, int] = (-1, 0)

    def count(self, generation: int) -> int:
        """Return the number of passages as of ``generation``, or later."""
        counted = self._counted
        if counted[0] != generation:
            self._counted = counted = (generation, self._catalog.count())
        return counted[1]

    @property
    def rows(self) -> int:
        held = self._held
        return len(held[1].ids) if held else 0

    def batch(self, generation: int) -> VectorBatch:
        """Return all vectors as of ``generation``, or later."""
        held = self._held
        if held is not None and held[0] == generation:
            return held[1]
        with self._lock:
            held = self._held
            if held is None or held[0] != generation:
                self._held = held = (generation, self._renewed(held[1] if held else None))
        return held[1]

    def _renewed(self, before: VectorBatch | None) -> VectorBatch:
        ids = self._catalog.passage_ids()
        if before is not None and ids == before.ids:  # what changed is in other collections
            return before
        rows = {id: row for row, id in enumerate(before.ids if before is not None else ())}
        new = self._catalog.vectors.of_passages([id for id in ids if id not in rows])
        kept = [id for id in ids if id in rows or id in new]  # some may have been removed since their ids were read
        found = [before.vectors[rows[id]] if before is not None and id in rows else new[id] for id in kept]
        return VectorBatch(kept, [], np.stack(found) if found else np.empty((0, 0), dtype=np.float32))
