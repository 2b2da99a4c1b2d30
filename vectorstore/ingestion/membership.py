"""A library's collections, and which documents are in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from vectorstore.errors import BadCollection, SourceError
from vectorstore.ingestion.writer import Writer
from vectorstore.storage.catalog import Catalog
from vectorstore.storage.changelog import count_up
from vectorstore.storage.collections import Scope, refusal
from vectorstore.types import Collection


class Membership:
    """Makes, names and removes collections, and puts documents into them. Threads may share it."""

    def __init__(
        self, catalog: Catalog, writer: Writer, changes: AbstractContextManager[object], forget: Callable[[], None]
    ) -> None:
        """
        Args:
            changes: held while the library is changed.
            forget: drops what is cached of the catalogue.
        """
        self._catalog = catalog
        self._collections = catalog.collections
        self._writer = writer
        self._changes = changes
        self._forget = forget

    def all(self) -> list[Collection]:
        """Return all collections, by name."""
        return self._collections.all()

    def names(self, document_ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the names of documents' collections, by document id."""
        return self._collections.names(document_ids)

    def scope_of(self, name: str) -> Scope:
        """Return the ids of the collections of the document called ``name``."""
        return self._catalog.collections_of(name)

    def refusal(self, name: str, within: Scope | None) -> SourceError | None:
        """Return why who is limited to ``within`` may not change what has that name; None where they may."""
        return refusal(name, self.scope_of(name), within) if self._catalog.held(name) is not None else None

    def scope(self, names_or_ids: Sequence[str], within: Scope | None = None) -> Scope:
        """Return the ids of some collections, as ``Library.within`` takes them.

        Raises:
            UnknownCollection: one of them isn't there, or not in ``within``.
        """
        return self._collections.scope(names_or_ids, within)

    def put(self, documents: Sequence[str], names_or_ids: Sequence[str]) -> None:
        """Put documents, given by names or ids, into collections, and out of all others.

        Raises:
            UnknownDocument, AmbiguousDocument, UnknownCollection: nothing was changed.
            BadCollection: no collection is named, and a document is in one at least.
        """
        with self._changes:
            ids = [self._catalog.info(document, to_change=True).id for document in documents]
            self.place(dict.fromkeys(ids, names_or_ids))

    def place(self, placed: Mapping[str, Sequence[str]]) -> None:
        """Put each document, by id, into collections, and out of all others: all of it happens, or nothing.

        Raises:
            UnknownDocument, UnknownCollection, BadCollection: as ``put``.
        """
        with self._changes:
            into = {id: self.scope(names) for id, names in placed.items()}
            if not all(into.values()):
                raise BadCollection("a document is in one collection at least; name it")
            self._writer.collect(into)

    def fill(self, name_or_id: str, documents: Sequence[str], orphans_to: str | None = None) -> Collection:
        """Have a collection hold these documents, given by names or ids, and no others: all of it happens, or nothing.

        Args:
            orphans_to: name or id of the collection that takes the documents which would be in none.

        Raises:
            UnknownCollection, UnknownDocument, AmbiguousDocument
            BadCollection: a document would be in no collection.
        """
        with self._changes:
            found = self._collections.find(name_or_id)
            refuge = None if orphans_to is None else self._collections.find(orphans_to).id
            wanted = {self._catalog.info(document, to_change=True).id for document in documents}
            held = set(self._collections.members(found.id))
            scopes = self._collections.ids_of(sorted(held ^ wanted))
            placed = {
                one: self._left(one, scope, found, refuge) if one in held else tuple(sorted({*scope, found.id}))
                for one, scope in scopes.items()
            }
            if placed:
                self._writer.collect(placed)
            return self._collections.find(found.id)

    def _left(self, document: str, scope: Scope, collection: Collection, refuge: str | None) -> Scope:
        """Return the collections of a document that is taken out of one."""
        left = tuple(id for id in scope if id != collection.id)
        if not left and refuge in (None, collection.id):
            name = self._catalog.info_by_id(document).name
            raise BadCollection(
                f"{name!r} is in no other collection than {collection.name!r}; put it into another first, "
                "or say in orphans_to which one takes it"
            )
        return left or (str(refuge),)

    def add(self, name: str) -> Collection:
        """Make an empty collection.

        Raises:
            BadCollection: the name is empty, too long, not printable, has a comma, or is another collection's.
        """
        return self._collections.add(name)

    def rename(self, name_or_id: str, name: str) -> Collection:
        """Give a collection another name; its documents, and the keys that may see it, stay as they are.

        Raises:
            UnknownCollection
            BadCollection: as ``add``.
        """
        return self._collections.rename(name_or_id, name)

    def remove(self, name_or_id: str) -> Collection:
        """Remove a collection, and no document. A key that was limited to it sees nothing in its place.

        Raises:
            UnknownCollection
            BadCollection: it is the default one, or documents are in no other, which nobody could find any more.
        """
        with self._changes:
            with self._catalog.transaction() as connection:
                count_up(connection, "generation", 1)  # of which the indexes need not know; who puts documents in waits
                removed = self._collections.remove(name_or_id)
            self._forget()
        return removed
