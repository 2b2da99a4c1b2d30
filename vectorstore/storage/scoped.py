"""What the catalogue holds in some collections: the part of it that a caller may see.

Every query here asks the database itself whether a document is in them, so that nothing depends on an index or on a
cache being up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vectorstore.storage.catalog import (
    DOCUMENTS,
    OWNERS,
    PLACES,
    ROW,
    ROWS,
    SOME_ROWS,
    Catalog,
    meant,
    storable,
)
from vectorstore.storage.changelog import changed, first_to_change
from vectorstore.storage.collections import Scope, put_members, require_there
from vectorstore.storage.database import Database
from vectorstore.storage.records import PassageText
from vectorstore.storage.rows import in_chunks
from vectorstore.storage.tables import Condition, bindparam, documents, exists, func, members, passages, select
from vectorstore.types import Collection, DocumentInfo


class ScopedCatalog:
    """Reads of the catalogue within the collections of ``scope``; see :class:`vectorstore.storage.catalog.Catalog`."""

    def __init__(self, database: Database, catalog: Catalog, scope: Scope) -> None:
        self._database = database
        self._catalog = catalog
        self.scope = scope
        self.vectors = catalog.vectors
        # A few rows are looked up one by one, many through the list of the collections' documents.
        one = (members.c.document == documents.c.key) & members.c.collection.in_(scope)
        few: Condition = exists(select(members.c.document).where(one))
        inside = select(members.c.document).where(members.c.collection.in_(scope))
        many: Condition = documents.c.key.in_(inside)
        some: Any = bindparam("some", expanding=True)
        self._infos = ROWS.where(many)
        self._some_infos = SOME_ROWS.where(few)
        self._documents = DOCUMENTS.where(many)
        self._owners = OWNERS.where(few)
        self._named = ROW.where(documents.c.id.in_(some) | documents.c.name.in_(some), few)
        self._inside = select(documents.c.id).where(documents.c.id.in_(some), few)
        self._places = PLACES.where(few)
        self._count = select(func.sum(documents.c.passages)).where(many)
        self._ids = select(passages.c.id).where(passages.c.document.in_(inside)).order_by(passages.c.id)

    @property
    def generation(self) -> int:
        """As the whole catalogue's."""
        return self._catalog.generation

    def infos(self) -> list[DocumentInfo]:
        """Return the documents, by name."""
        return [self._catalog.info_of(row) for row in self._database.rows(self._infos)]

    def info(self, name_or_id: str, to_change: bool = False) -> DocumentInfo:
        """Return the document of that name, or else of that id.

        Raises:
            UnknownDocument: there is none here; whether there is one elsewhere is not told.
            AmbiguousDocument: it is ``to_change``, and the name is the id of another here.
        """
        found = list(in_chunks(self._database, self._named, [name_or_id])) if storable(name_or_id) else []
        return meant(name_or_id, [self._catalog.info_of(row) for row in found], to_change)

    def some_infos(self, ids: Sequence[str]) -> list[DocumentInfo]:
        """Return those of ``ids`` that are documents here, by name."""
        found = [self._catalog.info_of(row) for row in in_chunks(self._database, self._some_infos, ids)]
        return sorted(found, key=lambda info: info.name)

    def first_infos(self, most: int, after: int = 0) -> list[DocumentInfo]:
        """Return at most ``most`` documents by name, leaving out the first ``after``."""
        rows = self._database.rows(self._infos.limit(most).offset(after))
        return [self._catalog.info_of(row) for row in rows]

    def ids(self) -> list[str]:
        """Return the ids of the documents, by name."""
        return [info.id for info in self.infos()]

    def document_count(self, ids: Sequence[str] | None = None) -> int:
        """Return the number of documents here, of all or of those of ``ids``."""
        if ids is not None:
            return sum(self.inside(ids).values())
        return int(self._database.rows(self._documents)[0][0])

    def owners(self, passage_ids: Sequence[int]) -> list[str]:
        """Return the ids of the documents that some passages are of, in no order; of those here."""
        return list(dict.fromkeys(row.id for row in in_chunks(self._database, self._owners, passage_ids)))

    def inside(self, document_ids: Sequence[str]) -> dict[str, bool]:
        """Return of each of ``document_ids`` whether it is a document here."""
        found = {row.id for row in in_chunks(self._database, self._inside, document_ids)}
        return {id: id in found for id in document_ids}

    def collections(self) -> list[Collection]:
        """Return the collections, by name."""
        return self._catalog.collections.all(self.scope)

    def collection_ids(self, names_or_ids: Sequence[str]) -> Scope:
        """Return the ids of some of the collections.

        Raises:
            UnknownCollection: one of them isn't here.
        """
        return self._catalog.collections.scope(names_or_ids, self.scope)

    def collections_of(self, document_ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the names of documents' collections, by document id; no others than those here."""
        return self._catalog.collections.names(document_ids, self.scope)

    def count(self, document_ids: Sequence[str] | None = None) -> int:
        """Return the number of passages, of all documents or of some, which must be documents here."""
        if document_ids is not None:
            return self._catalog.count(document_ids)
        return int(self._database.rows(self._count)[0][0] or 0)

    def passage_ids(self) -> list[int]:
        """Return the ids of all passages, in order."""
        return [row.id for row in self._database.rows(self._ids)]

    def places(self, ids: Sequence[int]) -> tuple[dict[int, tuple[str, int]], int]:
        """Return document name and ordinal of those of ``ids`` that are passages here, as of a generation."""
        with self._database.read():
            found = in_chunks(self._database, self._places, ids)
            return {row[0]: (row[1], row[2]) for row in found}, self.generation


def collect(catalog: Catalog, placed: Mapping[str, Scope]) -> list[PassageText]:
    """Put each document, by id, into its collections, and out of all others; return their passages.

    Raises:
        UnknownDocument: one of them isn't there (any more); nothing was changed.
        UnknownCollection: the same of a collection.
    """
    texts: list[PassageText] = []
    with catalog.transaction() as connection:
        first_to_change(connection)
        infos = [(catalog.info_by_id(id), scope) for id, scope in placed.items()]
        changed(connection, [info.id for info, _ in infos])
        require_there(connection, {id for scope in placed.values() for id in scope})
        for info, scope in infos:
            key = connection.execute(select(documents.c.key).where(documents.c.id == info.id)).scalar_one()
            put_members(connection, key, scope)
            texts += catalog.texts_of(info.id)
    return texts
