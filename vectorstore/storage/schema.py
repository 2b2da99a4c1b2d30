"""The catalogue's tables, and the check that a file has them in a version that this program knows."""

from __future__ import annotations

import uuid

from vectorstore.errors import LibraryBroken
from vectorstore.storage.database import Database

SCHEMA_VERSION = 1
CHECKED = ("meta", "documents", "passages")
"""Tables that are looked up by indexes of their own, and so are checked whenever a file is opened."""
_STATEMENTS = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    given_title TEXT,
    sha256 TEXT NOT NULL,
    chars INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    date TEXT,
    source TEXT,
    added TEXT NOT NULL,
    built TEXT NOT NULL,
    crc INTEGER NOT NULL
);
CREATE INDEX documents_sha256 ON documents (sha256);
CREATE TABLE texts (
    document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE,
    text TEXT NOT NULL,
    blocks TEXT NOT NULL,
    crc INTEGER NOT NULL
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    kind TEXT NOT NULL,
    section TEXT NOT NULL,
    text TEXT NOT NULL,
    spans TEXT NOT NULL,
    crc INTEGER NOT NULL
);
CREATE INDEX passages_document ON passages (document, ordinal);
CREATE TABLE vectors (
    passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    vector BLOB NOT NULL,
    sentences BLOB NOT NULL,
    crc INTEGER NOT NULL
);
"""


def prepare(database: Database) -> None:
    """Create the tables in a new database, check the version of one that was there.

    Raises:
        LibraryBroken: a newer version of this program made it.
    """
    with database.transaction() as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise LibraryBroken(
                f"{database.path} has version {version} and this program knows up to {SCHEMA_VERSION}: "
                "upgrade the program, or choose another data directory"
            )
        if version == 0:
            for statement in _STATEMENTS.split(";"):
                connection.execute(statement)
            meta = {"library": uuid.uuid4().hex, "generation": "0", "stamp": uuid.uuid4().hex, "next_passage": "1"}
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
