"""Stores where a document's characters stand on its pages: one row for each document that has pages."""

from __future__ import annotations

import zlib

from vectorstore.places import Places
from vectorstore.storage.database import Connection, Database
from vectorstore.storage.hashes import checksum
from vectorstore.storage.rows import verify
from vectorstore.storage.tables import documents, insert, places, select


def put_places(connection: Connection, key: int, found: Places) -> None:
    """Add the places of the document of that key, which has none yet."""
    pages, boxes = found.dump()
    connection.execute(insert(places).values(document=key, pages=pages, boxes=boxes, crc=checksum(pages, boxes)))


def load_places(database: Database, document_id: str) -> Places | None:
    """Return the places of a document; None where it has no pages, or doesn't exist.

    Raises:
        LibraryBroken: they are damaged.
    """
    key = select(documents.c.key).where(documents.c.id == document_id).scalar_subquery()
    rows = database.rows(select(places.c.pages, places.c.boxes, places.c.crc).where(places.c.document == key))
    if not rows:
        return None
    pages, boxes, crc = rows[0]
    what = f"the pages of document {document_id}"
    verify(database, crc, what, pages, boxes)
    try:
        return Places.load(pages, boxes)
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise database.broken(f"{what}: {error}") from error
