"""Collections of documents, in the catalogue: what there is, and which documents are in them.

A collection's id never changes and is never used twice, so that nothing which refers to it can come to mean another.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from vectorstore.errors import BadCollection, SharedDocument, SourceError, UnknownCollection
from vectorstore.storage.database import Connection, Database
from vectorstore.storage.rows import in_chunks
from vectorstore.storage.tables import (
    bindparam,
    collections,
    delete,
    documents,
    func,
    insert,
    members,
    select,
    update,
)
from vectorstore.types import Collection

DEFAULT = "default"
"""Id of the collection that documents are in which were not put into another."""
NAME_CHARS = 64
Scope = tuple[str, ...]
"""Ids of collections, sorted, each once: what is in any of them may be seen."""

_COUNT = select(func.count()).select_from(members).where(members.c.collection == collections.c.id).scalar_subquery()
_ALL = select(collections.c.id, collections.c.name, collections.c.created, _COUNT).order_by(collections.c.name)
_HELD = (
    select(documents.c.id, members.c.collection, collections.c.name)
    .select_from(
        documents.join(members, members.c.document == documents.c.key).join(
            collections, collections.c.id == members.c.collection
        )
    )
    .where(documents.c.id.in_(bindparam("some", expanding=True)))
    .order_by(collections.c.name)
)


class Collections:
    """Makes, names and removes collections. Thread-safe, as the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, scope: Scope | None = None) -> list[Collection]:
        """Return all collections, or those of ``scope``, by name, each with the number of its documents."""
        query = _ALL if scope is None else _ALL.where(collections.c.id.in_(scope))
        return [Collection(*row) for row in self._database.rows(query)]

    def find(self, name_or_id: str, scope: Scope | None = None) -> Collection:
        """Return the collection of that name, or else of that id.

        Raises:
            UnknownCollection: there is none, in ``scope``.
        """
        found = [one for one in self.all(scope) if name_or_id in (one.name, one.id)]
        if not found:
            raise UnknownCollection(f"there is no collection {name_or_id[:NAME_CHARS]!r}")
        return max(found, key=lambda one: one.name == name_or_id)

    def scope(self, names_or_ids: Sequence[str], within: Scope | None = None) -> Scope:
        """Return the ids of some collections.

        Raises:
            UnknownCollection: one of them isn't there, or not in ``within``.
        """
        return tuple(sorted({self.find(name, within).id for name in names_or_ids}))

    def add(self, name: str) -> Collection:
        """Make an empty collection.

        Raises:
            BadCollection: the name is empty, too long, not printable, or another collection's.
        """
        made = Collection(uuid.uuid4().hex[:16], _checked(name), _now())
        with self._database.transaction() as connection:
            self._refuse_taken(connection, made.name)
            connection.execute(insert(collections).values(id=made.id, name=made.name, created=made.created))
        return made

    def rename(self, name_or_id: str, name: str) -> Collection:
        """Give a collection another name; its documents, and the keys that may see it, stay as they are.

        Raises:
            UnknownCollection, BadCollection
        """
        name = _checked(name)
        with self._database.transaction() as connection:
            found = self.find(name_or_id)
            if name != found.name:
                self._refuse_taken(connection, name)
                connection.execute(update(collections).where(collections.c.id == found.id).values(name=name))
        return Collection(found.id, name, found.created, found.documents)

    def remove(self, name_or_id: str) -> Collection:
        """Remove a collection, and no document. A key that was limited to it sees nothing in its place.

        Raises:
            UnknownCollection
            BadCollection: it is the default one, or documents are in no other, which nobody could find any more.
        """
        with self._database.transaction() as connection:
            found = self.find(name_or_id)
            if found.id == DEFAULT:
                raise BadCollection(
                    f"the collection {found.name!r} takes in new documents; it can be renamed, not removed"
                )
            mine = select(members.c.document).where(members.c.collection == found.id)
            others = select(members.c.document).where(members.c.collection != found.id)
            alone = select(func.count()).select_from(mine.except_(others).subquery())
            if count := connection.execute(alone).scalar_one():
                raise BadCollection(
                    f"{count} documents of the collection {found.name!r} are in no other; "
                    "put them into another first, or remove them"
                )
            connection.execute(delete(collections).where(collections.c.id == found.id))
        return found

    def _refuse_taken(self, connection: Connection, name: str) -> None:
        self._database.one_at_a_time("names of collections")
        if connection.execute(select(collections.c.id).where(collections.c.name == name)).first():
            raise BadCollection(f"there is a collection called {name!r} already; choose another name")

    def names(self, document_ids: Sequence[str], scope: Scope | None = None) -> dict[str, list[str]]:
        """Return the names of documents' collections, by document id; only those in ``scope``."""
        rows = in_chunks(self._database, _HELD, document_ids)
        names: dict[str, list[str]] = {}
        for row in rows:
            if scope is None or row.collection in scope:
                names.setdefault(row.id, []).append(row.name)
        return names

    def members(self, collection: str) -> list[str]:
        """Return the ids of the documents of a collection, given by id."""
        joined = documents.join(members, members.c.document == documents.c.key)
        query = select(documents.c.id).select_from(joined).where(members.c.collection == collection)
        return [row[0] for row in self._database.rows(query)]

    def ids_of(self, document_ids: Sequence[str]) -> dict[str, Scope]:
        """Return the ids of documents' collections, by document id."""
        return ids_of(self._database, document_ids)


def ids_of(database: Database, document_ids: Sequence[str]) -> dict[str, Scope]:
    """Return the ids of documents' collections, by document id."""
    found: dict[str, list[str]] = {}
    for row in in_chunks(database, _HELD, document_ids):
        found.setdefault(row.id, []).append(row.collection)
    return {id: tuple(sorted(ids)) for id, ids in found.items()}


def refusal(name: str, held: Scope, within: Scope | None) -> SourceError | None:
    """Return why who is limited to ``within`` may not change a document that is in ``held``; None where they may."""
    if within is None or set(held) <= set(within):
        return None
    if set(held).isdisjoint(within):
        return SourceError(f"the name {name!r} can't be used here; give the document another one")
    return SharedDocument(f"{name!r} is in other collections too; only who sees all of them can replace or remove it")


def require_there(connection: Connection, ids: Iterable[str]) -> None:
    """Raise where one of some collections was removed since it was looked up; it comes after ``first_to_change``.

    Raises:
        UnknownCollection
    """
    wanted = set(ids)
    there = set(connection.execute(select(collections.c.id).where(collections.c.id.in_(wanted))).scalars())
    if wanted - there:
        raise UnknownCollection(f"there is no collection {min(wanted - there)!r}")


def put_members(connection: Connection, key: int, scope: Sequence[str]) -> None:
    """Put the document of that key into collections, and out of all others."""
    connection.execute(delete(members).where(members.c.document == key))
    connection.execute(insert(members), [{"document": key, "collection": id} for id in scope])


def dump_scope(scope: Scope | None) -> str | None:
    """Return the text of a column that limits something to some collections; None for no limit."""
    return None if scope is None else " ".join(scope)


def load_scope(text: str | None) -> Scope | None:
    return None if text is None else tuple(text.split())


def _checked(name: str) -> str:
    name = name.strip()
    if not name or len(name) > NAME_CHARS or not name.isprintable() or "," in name:
        raise BadCollection(
            f"a collection's name has 1 to {NAME_CHARS} printable characters and no comma; {name[:80]!r} has not"
        )
    return name


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
