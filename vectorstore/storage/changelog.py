"""The log of changes: which documents each of the last changes touched, so that other processes can follow them.

A change is counted first in its transaction. Whoever changes the library at the same time waits there, so that the
log's generations are committed in their order.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from vectorstore.storage.database import Connection, Database
from vectorstore.storage.tables import (
    as_number,
    as_text,
    bindparam,
    changes,
    delete,
    documents,
    func,
    insert,
    meta,
    select,
    update,
)

KEPT = 10_000
"""Changes that are remembered; who missed more builds its index anew."""
_LOOKUP = 500  # ids in one query: old builds of SQLite allow 999 variables
_GENERATION = select(meta.c.value).where(meta.c.key == "generation")
_THERE = select(documents.c.id).where(documents.c.id.in_(bindparam("some", expanding=True)))
_SINCE = select(changes.c.document_id).where(changes.c.generation > bindparam("after")).distinct()
_OLDEST = select(func.min(changes.c.generation))
_SWAPPED = (
    select(changes.c.generation).where(changes.c.generation > bindparam("after"), changes.c.swapped == 1).limit(1)
)


class News(NamedTuple):
    """What happened since some generation."""

    generation: int
    """Up to which this tells."""
    stamp: str
    documents: list[str] | None
    """Ids of the documents that were added, replaced, removed, or put into other collections; None where the log
    doesn't reach so far back."""


class ChangeLog:
    """Reads the log. Thread-safe, as the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def generation(self) -> int:
        """Counts the changes of the library, from 0."""
        return int(self._database.rows(_GENERATION)[0][0])

    def since(self, generation: int) -> News:
        """Return what happened after ``generation``."""
        with self._database.read() as connection:
            now = _now(connection)
            current = int(now["generation"])
            if generation == current:
                return News(current, now["stamp"], [])
            oldest = connection.execute(_OLDEST).scalar_one()
            known = oldest is not None and oldest - 1 <= generation <= current
            touched = list(connection.execute(_SINCE, {"after": generation}).scalars()) if known else None
            return News(current, now["stamp"], touched)

    def generation_of(self, stamp: str) -> int | None:
        """Return the generation that had that stamp; None when that is forgotten, or was of another library."""
        with self._database.read() as connection:
            now = _now(connection)
            if stamp == now["stamp"]:
                return int(now["generation"])
            query = select(func.max(changes.c.generation)).where(changes.c.stamp == stamp)
            found = connection.execute(query).scalar_one()
        return None if found is None else int(found)

    def swapped_since(self, generation: int) -> bool:
        """Return whether a document that was there at ``generation`` has been replaced or removed."""
        return bool(self._database.rows(_SWAPPED, {"after": generation}))


def _now(connection: Connection) -> dict[str, str]:
    entries = select(meta.c.key, meta.c.value).where(meta.c.key.in_(("generation", "stamp")))
    return {row.key: row.value for row in connection.execute(entries)}


def count_up(connection: Connection, key: str, by: int) -> None:
    """Add to a number; another process that wants to waits until the transaction ends."""
    more = as_text(as_number(meta.c.value) + by)
    connection.execute(update(meta).where(meta.c.key == key).values(value=more))


def first_to_change(connection: Connection) -> None:
    """Wait until no other transaction changes the library; this comes before what decides on a change is read."""
    count_up(connection, "generation", 0)


def changed(connection: Connection, document_ids: Sequence[str]) -> set[str]:
    """Count a change of the library, and log which documents it touches; it comes before they are changed.

    Returns:
        those of ``document_ids`` that are documents.
    """
    stamp = uuid.uuid4().hex
    count_up(connection, "generation", 1)
    connection.execute(update(meta).where(meta.c.key == "stamp").values(value=stamp))
    generation = int(connection.execute(_GENERATION).scalar_one())
    ids = list(dict.fromkeys(document_ids))
    there: set[str] = set()
    for start in range(0, len(ids), _LOOKUP):
        there.update(connection.execute(_THERE, {"some": ids[start : start + _LOOKUP]}).scalars())
    rows = [{"generation": generation, "document_id": id, "stamp": stamp, "swapped": int(id in there)} for id in ids]
    connection.execute(insert(changes), rows)
    connection.execute(delete(changes).where(changes.c.generation <= generation - KEPT))
    return there
