"""Reads rows of the catalogue: many ids in one statement, and each row's checksum verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vectorstore.storage.database import Database
from vectorstore.storage.hashes import checksum
from vectorstore.storage.tables import Query, Row

_CHUNK = 500  # ids in one SQL statement


def verify(database: Database, crc: int, what: str, *parts: str | bytes) -> None:
    """Compare ``parts`` with the checksum that was stored with them.

    Raises:
        LibraryBroken: they differ.
    """
    if checksum(*parts) != crc:
        raise database.broken(f"{what} differs from its checksum")


def in_chunks(database: Database, query: Query, values: Sequence[int] | Sequence[str]) -> Iterator[Row]:
    """Yield the rows of ``query``, whose expanding parameter ``some`` takes ``values``, in small portions."""
    for start in range(0, len(values), _CHUNK):
        yield from database.rows(query, {"some": values[start : start + _CHUNK]})
