"""Stores where a document's characters stand on its pages: one row for each document that has pages."""

from __future__ import annotations

import zlib

from vectorstore.places import Places
from vectorstore.storage.database import Connection, Database
from vectorstore.storage.records import checksum
from vectorstore.storage.rows import damaged, verify


def put_places(connection: Connection, key: int | None, places: Places) -> None:
    """Add the places of the document of that key, which has none yet."""
    pages, boxes = places.dump()
    connection.execute("INSERT INTO places VALUES (?, ?, ?, ?)", (key, pages, boxes, checksum(pages, boxes)))


def load_places(database: Database, document_id: str) -> Places | None:
    """Return the places of a document; None where it has no pages, or doesn't exist.

    Raises:
        LibraryBroken: they are damaged.
    """
    with database.read() as connection:
        row = connection.execute(
            "SELECT p.pages, p.boxes, p.crc FROM places p JOIN documents d ON d.key = p.document WHERE d.id = ?",
            (document_id,),
        ).fetchone()
    if row is None:
        return None
    pages, boxes, crc = row
    what = f"the pages of document {document_id}"
    verify(database, crc, what, pages, boxes)
    try:
        return Places.load(pages, boxes)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise damaged(database, f"{what}: {error}") from error
