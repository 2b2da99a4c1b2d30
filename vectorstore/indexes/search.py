"""Searches both indexes, drops what the catalogue doesn't hold, and orders hits the same way every time."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from vectorstore.indexes.dense import Dense, exact
from vectorstore.indexes.lexical import Lexical
from vectorstore.storage.cache import Cache
from vectorstore.storage.hashes import document_id
from vectorstore.storage.records import VectorBatch, Vectors
from vectorstore.storage.vectors import StoredVectors
from vectorstore.types import Hit

_EXACT_BELOW = 20_000  # passages; so many are compared faster one by one than by Chroma, whose filters are slow
TIES = 32  # hits asked for beyond k, so that equal scores at the cut are ordered by us and not by an index
TRIES = 20  # tries of a search, when documents change meanwhile
_CACHED_ROWS = 50_000  # passage vectors for the exact search (about 80 MB)


class Searched(Protocol):
    """What searching needs of the catalogue, or of the part of it that a caller may see."""

    @property
    def vectors(self) -> StoredVectors: ...

    @property
    def generation(self) -> int: ...

    def ids(self) -> list[str]: ...

    def count(self, document_ids: Sequence[str] | None = None) -> int: ...

    def places(self, ids: Sequence[int]) -> tuple[dict[int, tuple[str, int]], int]: ...


class Searcher:
    """Both searches of a library; see :meth:`vectorstore.library.Library.dense` and ``lexical``.

    New passages enter the indexes before the catalogue, and old ones leave them after it. So all that the catalogue
    holds is found, and the rest is dropped here. The index is asked again only if the catalogue changed between the
    index's answer and this check.
    """

    def __init__(self, catalog: Searched, dense: Dense, lexical: Lexical) -> None:
        self._catalog = catalog
        self._dense = dense
        self._lexical = lexical

    def dense(
        self, cache: Cache, vector: Vectors, k: int, documents: Sequence[str] | None, without: Collection[str] = ()
    ) -> list[Hit]:
        """``vector`` has unit length."""
        if k < 1:
            return []
        if documents is None and (self._dense.is_open or not is_small(self._catalog.count())):
            return self._living(lambda more: self._dense.search(vector, more), k, without)
        found = self._catalog.ids() if documents is None else dict.fromkeys(documents)
        scope = [id for id in found if id not in without]
        if is_small(self._catalog.count(scope)):
            return self._exact(cache, vector, k, scope)
        return self._living(lambda more: self._dense.search(vector, more, scope), k)

    def lexical(self, query: str, k: int, documents: Sequence[str] | None, without: Collection[str] = ()) -> list[Hit]:
        if k < 1:
            return []
        return self._living(lambda more: self._lexical.search(query, more, documents), k, without)

    def _living(
        self, search: Callable[[int], list[Hit]], k: int, without: Collection[str] = (), share: float = 1.0
    ) -> list[Hit]:
        """Return the ``k`` best hits that are passages; an index may hold more than the catalogue does.

        Args:
            without: ids of documents whose passages are left out.
            share: of its hits that are likely to be passages here.
        """
        asked = math.ceil((k + TIES) / share)
        kept: list[Hit] = []
        for _ in range(TRIES):
            before = self._catalog.generation
            self._lexical.catch_up(before)
            hits = search(asked)
            kept, after = self._known(hits, without)
            if before == after:
                if len(kept) >= k or len(hits) < asked:
                    break
                asked *= 2
        return kept[:k]

    def _exact(self, cache: Cache, vector: Vectors, k: int, scope: Sequence[str]) -> list[Hit]:
        """Return the ``k`` best passages of a few documents; the cached vectors may be out of date."""
        kept: list[Hit] = []
        for attempt in range(TRIES):
            before = self._catalog.generation
            hits = exact(self._matrices(cache if attempt == 0 else Cache(), scope), vector, k + TIES)
            kept, after = self._known(hits)
            if before == after and len(kept) == len(hits):
                break
        return kept[:k]

    def _known(self, hits: Sequence[Hit], without: Collection[str] = ()) -> tuple[list[Hit], int]:
        """Return the generation, and those hits that are passages, in an order independent of an index's history."""
        places, generation = self._catalog.places([hit.passage_id for hit in hits])
        known = [hit for hit in hits if hit.passage_id in places]
        if without:
            known = [hit for hit in known if document_id(places[hit.passage_id][0]) not in without]
        return sorted(known, key=lambda hit: (-hit.score, places[hit.passage_id])), generation

    def _matrices(self, cache: Cache, documents: Sequence[str]) -> list[VectorBatch]:
        held = cache.matrices
        found = [held.get(document) or self._catalog.vectors.of_document(document) for document in documents]
        held.update(zip(documents, found, strict=True))
        if sum(len(batch.ids) for batch in list(held.values())) > _CACHED_ROWS:
            cache.matrices = {}
        return found


def is_small(passages: int) -> bool:
    """Whether so many passages are compared one by one."""
    return passages < _EXACT_BELOW
