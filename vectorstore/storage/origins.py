"""Origins: from where the file of a document came. A watched folder changes and removes only what came from it."""

from __future__ import annotations

from typing import NamedTuple

from vectorstore.storage.database import Database
from vectorstore.storage.hashes import document_id
from vectorstore.storage.tables import delete, documents, origins, select, upsert

UPLOADED = "upload"
"""The source of documents that came over HTTP; that of a watched folder begins with ``watch:``."""


class Origin(NamedTuple):
    """The file that a document was read from."""

    name: str
    """The document's."""
    source: str
    file_sha256: str
    """Of the file's bytes, in hex."""
    size: int
    modified: int
    """Nanoseconds since 1970; 0 where that isn't known."""


_COLUMNS = tuple(origins.c[name] for name in Origin._fields)


class Origins:
    """Notes and looks up origins. Thread-safe, as the database is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, origin: Origin) -> None:
        """Note where a document came from last."""
        with self._database.transaction() as connection:
            upsert(connection, origins, [{"document_id": document_id(origin.name), **origin._asdict()}])

    def get(self, name: str) -> Origin | None:
        """Return where a document came from; None when nobody noted it."""
        found = self._database.rows(select(*_COLUMNS).where(origins.c.document_id == document_id(name)))
        return Origin(*found[0]) if found else None

    def of_source(self, source: str) -> dict[str, Origin]:
        """Return all that came from a source, by the documents' names."""
        rows = self._database.rows(select(*_COLUMNS).where(origins.c.source == source))
        return {row.name: Origin(*row) for row in rows}

    def drop(self, origin: Origin) -> None:
        """Forget where a document came from, which is no more; and copies of its file that were left out beside it."""
        copies = (origins.c.file_sha256 == origin.file_sha256) & origins.c.document_id.not_in(select(documents.c.id))
        with self._database.transaction() as connection:
            connection.execute(delete(origins).where((origins.c.document_id == document_id(origin.name)) | copies))
