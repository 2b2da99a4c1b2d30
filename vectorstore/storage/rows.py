"""Reads rows of the catalogue: many ids in one statement, and each row's checksum verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from vectorstore.errors import LibraryBroken
from vectorstore.storage.database import Connection, Database
from vectorstore.storage.records import checksum

_CHUNK = 500  # ids in one SQL statement


def verify(database: Database, crc: int, what: str, *parts: str | bytes) -> None:
    """Compare ``parts`` with the checksum that was stored with them.

    Raises:
        LibraryBroken: they differ.
    """
    if checksum(*parts) != crc:
        raise damaged(database, f"{what} differs from its checksum")


def damaged(database: Database, why: str) -> LibraryBroken:
    """Return the error for a damaged catalogue."""
    return LibraryBroken(
        f"{database.path} is damaged ({why}); restore it from a backup, or move it away and ingest the documents again"
    )


def in_chunks(connection: Connection, query: str, values: Iterable[int] | Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of ``query``, whose ``{}`` becomes a list of placeholders, over ``values`` in small portions."""
    everything = list(values)
    for start in range(0, len(everything), _CHUNK):
        portion = everything[start : start + _CHUNK]
        yield from connection.execute(query.format(",".join("?" * len(portion))), portion)
