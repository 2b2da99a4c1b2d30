"""Files that wait for a worker, in the database, so that whichever process works on their jobs can read them."""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path

from vectorstore.original import PART
from vectorstore.storage.database import Database
from vectorstore.storage.tables import delete, insert, received_parts, select

SPOOL = "uploads"
"""The directory, in the data directory, in which files are received; they wait there where no process shares it."""
RECEIVING = "receiving-"
"""Begins the names of folders in it of which nothing is kept."""


def put(database: Database, received: str, path: Path) -> None:
    """Store a file, all of it or nothing.

    Raises:
        OSError: it can't be read.
        LibraryError: the database failed.
    """
    now = int(time.time())
    with path.open("rb") as file, database.transaction() as connection:
        number = 0
        while (data := file.read(PART)) or number == 0:  # an empty file has a part too
            row = {"id": received, "part": number, "created": now, "data": data}
            connection.execute(insert(received_parts).values(row))
            number += 1


def load(database: Database, received: str) -> bytes | None:
    """Return a file's content; None when it is not there (any more)."""
    query = select(received_parts.c.data).where(received_parts.c.id == received).order_by(received_parts.c.part)
    parts = [row.data for row in database.rows(query)]
    return b"".join(parts) if parts else None


def drop(database: Database, received: str) -> None:
    """Delete a file; one that is not there doesn't matter."""
    with database.transaction() as connection:
        connection.execute(delete(received_parts).where(received_parts.c.id == received))


def sweep(database: Database, keep: Collection[str], older_than: float) -> None:
    """Delete what is not in ``keep`` and older than some seconds."""
    old = received_parts.c.created < int(time.time() - older_than)
    found = database.rows(select(received_parts.c.id).where(old).distinct())
    for row in found:
        if row.id not in keep:
            drop(database, row.id)
