"""All tables of a library's file, as an ordered list of migrations; ``PRAGMA user_version`` counts those applied.

To change a table, append a migration. Never edit one that has been released: files out there have been through it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.errors import LibraryBroken

if TYPE_CHECKING:
    from vectorstore.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from the version before to ``number``."""

    number: int
    what: str
    apply: Callable[[Connection], None]


_CATALOGUE = """
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
)
"""

# Files of version 1, and of version 0 when keys came first, have some of these tables: their users made them then.
_CACHE_AND_SESSIONS = """
CREATE TABLE IF NOT EXISTS vector_cache (
    embedder TEXT NOT NULL,
    kind TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (embedder, kind, sha256)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    owner TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    answer TEXT,
    created TEXT NOT NULL,
    UNIQUE (conversation_id, ordinal)
);
CREATE TABLE IF NOT EXISTS feedback (
    message_id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    rating TEXT NOT NULL,
    comment TEXT NOT NULL,
    created TEXT NOT NULL,
    answer TEXT NOT NULL,
    history TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS feedback_conversation ON feedback (conversation_id);
CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    created TEXT NOT NULL,
    revoked TEXT
)
"""

_PLACES = """
CREATE TABLE places (
    document INTEGER PRIMARY KEY REFERENCES documents (key) ON DELETE CASCADE,
    pages TEXT NOT NULL,
    boxes BLOB NOT NULL,
    crc INTEGER NOT NULL
)
"""


def _catalogue(connection: Connection) -> None:
    _run(connection, _CATALOGUE)
    meta = {"library": uuid.uuid4().hex, "generation": "0", "stamp": uuid.uuid4().hex, "next_passage": "1"}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())


def _cache_and_sessions(connection: Connection) -> None:
    _run(connection, _CACHE_AND_SESSIONS)
    columns = {row[1] for row in connection.execute("PRAGMA table_info(conversations)")}
    if "owner" not in columns:  # of a time before API keys
        connection.execute("ALTER TABLE conversations ADD COLUMN owner TEXT NOT NULL DEFAULT ''")
    connection.execute("CREATE INDEX IF NOT EXISTS conversations_recent ON conversations (owner, updated)")


def _run(connection: Connection, statements: str) -> None:
    for statement in statements.split(";"):  # executescript would commit
        connection.execute(statement)


MIGRATIONS = (
    Migration(1, "documents, their texts, passages and vectors", _catalogue),
    Migration(2, "remembered vectors, conversations, feedback and API keys", _cache_and_sessions),
    Migration(3, "pages and boxes of characters", lambda connection: _run(connection, _PLACES)),
)
NEWEST = MIGRATIONS[-1].number


def migrate(connection: Connection, path: Path) -> None:
    """Bring a file up to ``NEWEST``, each migration in a transaction of its own. Nothing is written when it is there.

    Another process may do the same at the same time.

    Raises:
        LibraryBroken: the file is of a newer version of this program, or damaged and would have to be changed.
        sqlite3.Error: it can't be read or written.
    """
    version = _version(connection)
    if version > NEWEST:
        raise LibraryBroken(
            f"{path} has version {version} and this program knows up to {NEWEST}: "
            "upgrade the program, or choose another data directory"
        )
    if version == NEWEST:
        return
    problem = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise LibraryBroken(
            f"{path} is damaged ({problem}); restore it from a backup, or move it away and ingest the documents again"
        )
    for migration in MIGRATIONS:
        _apply(connection, migration)


def _apply(connection: Connection, migration: Migration) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) < migration.number:  # looked up under the lock
            migration.apply(connection)
            connection.execute(f"PRAGMA user_version = {migration.number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
