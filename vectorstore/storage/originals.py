"""Stores the files that documents were read from, each once, in parts: a row for each document that has one.

``keep`` and ``drop_unused`` are all that a change of documents needs: what it refers to is kept, what nothing refers to
any more is deleted in the same transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from vectorstore.original import Original
from vectorstore.storage.database import Connection, Database
from vectorstore.storage.hashes import checksum
from vectorstore.storage.rows import in_chunks, verify
from vectorstore.storage.tables import bindparam, delete, documents, exists, insert, original_parts, originals, select

_AT_ONCE = 16  # parts


def keep(connection: Connection, key: int, original: Original) -> None:
    """Let the document of that key, which has none yet, have an original; its bytes are stored unless they are held.

    Raises:
        UnreadableSource: its file has changed since it was read; the caller's transaction must not be committed.
    """
    connection.execute(insert(originals).values(document=key, sha256=original.sha256, size=original.size))
    held = select(original_parts.c.part).where(original_parts.c.sha256 == original.sha256).limit(1)
    if connection.execute(held).first() is None:
        for number, data in enumerate(original.parts()):
            row = {"sha256": original.sha256, "part": number, "data": data, "crc": checksum(data)}
            connection.execute(insert(original_parts).values(row))


def held_by(connection: Connection, name: str) -> Original | None:
    """Return the original of the document called ``name``, without its bytes; None when it has none."""
    query = select(originals.c.sha256, originals.c.size).join(documents, documents.c.key == originals.c.document)
    found = connection.execute(query.where(documents.c.name == name)).first()
    return None if found is None else Original(*found)


def held_for(database: Database, document_id: str) -> Original | None:
    """Return the original of a document by its id, without its bytes; None when it has none, or doesn't exist."""
    query = select(originals.c.sha256, originals.c.size).join(documents, documents.c.key == originals.c.document)
    found = database.rows(query.where(documents.c.id == document_id))
    return Original(*found[0]) if found else None


def drop_unused(connection: Connection, sha256: str) -> None:
    """Delete the bytes of that hash unless some document still has them."""
    used = exists().where(originals.c.sha256 == sha256)
    connection.execute(delete(original_parts).where(original_parts.c.sha256 == sha256, ~used))


_HASHES = select(originals.c.sha256).where(originals.c.sha256.in_(bindparam("some", expanding=True))).distinct()


def held(database: Database, some: Sequence[str]) -> set[str]:
    """Return those of some hashes that are of originals."""
    return {row.sha256 for row in in_chunks(database, _HASHES, some)}


def load(database: Database, sha256: str) -> bytes:
    """Return an original's bytes.

    Raises:
        LibraryBroken: they are damaged, or not there.
    """
    columns = (original_parts.c.data, original_parts.c.crc)
    query = select(*columns).where(original_parts.c.sha256 == sha256).order_by(original_parts.c.part)
    what = f"the file {sha256[:12]}"
    parts = []
    for data, crc in database.rows(query):
        verify(database, crc, what, data)
        parts.append(data)
    content = b"".join(parts)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise database.broken(f"{what} is not whole")
    return content


def check(database: Database) -> None:
    """Read all originals.

    Raises:
        LibraryBroken: one is damaged, or not whole.
    """
    found: dict[str, int] = {}
    columns = (original_parts.c.sha256, original_parts.c.data, original_parts.c.crc)
    with database.read() as connection:
        for sha256, data, crc in connection.execute(select(*columns), execution_options={"yield_per": _AT_ONCE}):
            verify(database, crc, f"the file {sha256[:12]}", data)
            found[sha256] = found.get(sha256, 0) + len(data)
        for sha256, size in connection.execute(select(originals.c.sha256, originals.c.size)):
            if found.get(sha256, 0) != size:
                raise database.broken(f"the file {sha256[:12]} is not whole")
