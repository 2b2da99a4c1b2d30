"""Finds documents by their names, titles and first lines, however many there are; nothing is kept of them here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from vectorstore.indexes.heads import Condition
from vectorstore.indexes.lexical import Lexical
from vectorstore.storage.collections import Scope
from vectorstore.types import DocumentInfo

Result = TypeVar("Result")

_SOME = 8  # documents that are asked for where the catalogue may know that the first is in the collections no more


class _Counts(NamedTuple):
    generation: int
    documents: int
    passages: int


class Repairing(Protocol):
    """Runs a search, and repairs an index that fails."""

    def __call__(self, search: Callable[[], Result], /) -> Result: ...


class _Catalogue(Protocol):
    """What is asked of :class:`vectorstore.storage.catalog.Catalog`, or of a part of it."""

    @property
    def generation(self) -> int: ...

    def count(self) -> int: ...

    def document_count(self, ids: Sequence[str] | None = None) -> int: ...

    def some_infos(self, ids: Sequence[str]) -> list[DocumentInfo]: ...

    def first_infos(self, most: int, after: int = 0) -> list[DocumentInfo]: ...

    def owners(self, passage_ids: Sequence[int]) -> list[str]: ...


class Directory:
    """Looks documents up in the catalogue and in the lexical index. Each method's cost is that of what it returns.

    ``documents`` are always the ids of those to look at; None for all.
    """

    def __init__(
        self, catalog: _Catalogue, lexical: Lexical, repairing: Repairing, collections: Scope | None = None
    ) -> None:
        """``collections``: ids of those that ``catalog`` is limited to; whatever the index says, it decides."""
        self._catalog = catalog
        self._lexical = lexical
        self._repairing = repairing
        self._collections = collections
        self._counted = _Counts(-1, 0, 0)

    def count(self, documents: Sequence[str] | None = None) -> int:
        """Return the number of documents."""
        if documents is not None:
            return self._catalog.document_count(documents)
        return self._counts().documents

    @property
    def passages(self) -> int:
        """The number of passages of all documents."""
        return self._counts().passages

    def _counts(self) -> _Counts:
        """Return the counts as of now; counting is the one thing that takes longer the more there are."""
        generation = self._catalog.generation
        if self._counted.generation != generation:
            self._counted = _Counts(generation, self._catalog.document_count(), self._catalog.count())
        return self._counted

    def infos(self, ids: Sequence[str]) -> list[DocumentInfo]:
        """Return those of ``ids`` that are documents, by name."""
        return self._catalog.some_infos(ids)

    def first(self, most: int, documents: Sequence[str] | None = None) -> list[DocumentInfo]:
        """Return the first ``most`` documents by name."""
        if documents is not None:
            return self._catalog.some_infos(documents)[:most]
        return self._catalog.first_infos(most)

    def spread(self, most: int) -> list[DocumentInfo]:
        """Return at most ``most`` documents, evenly spread over all, by name."""
        step = max(1, self.count() // most)
        return [info for at in range(most) for info in self._catalog.first_infos(1, after=at * step)]

    def may_have(self, condition: Condition) -> bool:
        """Return False where no document meets ``condition`` for sure, which is found out faster than by ``has``.

        Raises:
            LibraryError: tantivy failed.
        """
        return self._repairing(lambda: self._lexical.may_open([condition]))

    def has(self, *conditions: Condition, documents: Sequence[str] | None = None) -> bool:
        """Return whether some document meets all ``conditions``.

        Raises:
            LibraryError: tantivy failed.
        """
        if self._collections is None:
            return bool(self._openings(conditions, 1, documents))
        return bool(self._catalog.owners(self._openings(conditions, _SOME, documents)))

    def find(self, *conditions: Condition, most: int, documents: Sequence[str] | None = None) -> list[str] | None:
        """Return the ids of the documents that meet all ``conditions``, in no order; None if they are more than most.

        Raises:
            LibraryError: tantivy failed.
        """
        found = self._openings(conditions, most + 1, documents)
        return None if len(found) > most else self._catalog.owners(found)

    def _openings(self, conditions: Sequence[Condition], most: int, documents: Sequence[str] | None) -> list[int]:
        return self._repairing(lambda: self._lexical.openings(conditions, most, documents, self._collections))
