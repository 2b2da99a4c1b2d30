"""All tables of a library, the same on SQLite and on Postgres, and the words of SQLAlchemy that queries are written in.

``history`` makes these tables; a test compares the two. Everything else that reads or writes them imports from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import sqlalchemy
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)

__all__ = [
    "Condition",
    "Connection",
    "Query",
    "Row",
    "Table",
    "api_keys",
    "as_number",
    "as_text",
    "bindparam",
    "changes",
    "citations",
    "collections",
    "conversations",
    "delete",
    "documents",
    "exists",
    "feedback",
    "func",
    "insert",
    "jobs",
    "members",
    "messages",
    "meta",
    "metadata",
    "or_",
    "original_parts",
    "originals",
    "origins",
    "passages",
    "places",
    "received_parts",
    "responses",
    "select",
    "text",
    "texts",
    "true",
    "update",
    "upsert",
    "vector_cache",
    "vectors",
    "versions",
]


Row = sqlalchemy.Row[*tuple[Any, ...]]
"""A row of a result: a tuple whose items also have their columns' names."""
Condition = sqlalchemy.ColumnElement[bool]
Query = Select[*tuple[Any, ...]]


class _PostgresText(TypeDecorator[str]):
    """Text in the order of code points, as SQLite has it. Postgres can't hold a NUL: U+FFFD stands for it."""

    impl = Text
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(collation="C")

    def process_bind_param(self, value: str | None, dialect: object) -> str | None:
        return value if value is None else value.replace("\0", "\ufffd")


def words() -> Text:
    """Return the type of every text column."""
    return Text().with_variant(_PostgresText(), "postgresql")


def number() -> BigInteger:
    """Return the type of every number: 64 bits; on SQLite INTEGER, which a row's own number must be."""
    return BigInteger().with_variant(Integer(), "sqlite")


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", words(), primary_key=True),
    Column("value", words(), nullable=False),
    sqlite_with_rowid=False,
)
documents = Table(
    "documents",
    metadata,
    Column("key", number(), primary_key=True, autoincrement=False),
    Column("id", words(), nullable=False, unique=True),
    Column("name", words(), nullable=False, unique=True),
    Column("title", words(), nullable=False),
    Column("given_title", words()),
    Column("sha256", words(), nullable=False),
    Column("chars", number(), nullable=False),
    Column("passages", number(), nullable=False),
    Column("date", words()),
    Column("source", words()),
    Column("added", words(), nullable=False),
    Column("built", words(), nullable=False),
    Column("crc", number(), nullable=False),
    Index("documents_sha256", "sha256"),
)
collections = Table(
    "collections",
    metadata,
    Column("id", words(), primary_key=True),
    Column("name", words(), nullable=False, unique=True),
    Column("created", words(), nullable=False),
)
members = Table(
    "members",
    metadata,
    Column("document", ForeignKey("documents.key", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("collection", ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    Index("members_collection", "collection", "document"),
)
"""Which documents are in which collections; each is in one at least."""
texts = Table(
    "texts",
    metadata,
    Column("document", ForeignKey("documents.key", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("text", words(), nullable=False),
    Column("blocks", words(), nullable=False),
    Column("crc", number(), nullable=False),
)
places = Table(
    "places",
    metadata,
    Column("document", ForeignKey("documents.key", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("pages", words(), nullable=False),
    Column("boxes", LargeBinary, nullable=False),
    Column("crc", number(), nullable=False),
)
"""Where the characters of a document with pages stand on them; see ``vectorstore.places``."""
originals = Table(
    "originals",
    metadata,
    Column("document", ForeignKey("documents.key", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("sha256", words(), nullable=False),
    Column("size", number(), nullable=False),
    Index("originals_sha256", "sha256"),
)
"""Which file a document was read from, where its pages can be drawn."""
original_parts = Table(
    "original_parts",
    metadata,
    Column("sha256", words(), primary_key=True),
    Column("part", number(), primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("crc", number(), nullable=False),
)
"""The bytes of those files, each once; see ``vectorstore.storage.originals``."""
passages = Table(
    "passages",
    metadata,
    Column("id", number(), primary_key=True, autoincrement=False),
    Column("document", ForeignKey("documents.key", ondelete="CASCADE"), nullable=False),
    Column("ordinal", number(), nullable=False),
    Column("kind", words(), nullable=False),
    Column("section", words(), nullable=False),
    Column("text", words(), nullable=False),
    Column("spans", words(), nullable=False),
    Column("crc", number(), nullable=False),
    Index("passages_document", "document", "ordinal"),
)
vectors = Table(
    "vectors",
    metadata,
    Column("passage", ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("vector", LargeBinary, nullable=False),
    Column("sentences", LargeBinary, nullable=False),
    Column("crc", number(), nullable=False),
)
vector_cache = Table(
    "vector_cache",
    metadata,
    Column("embedder", words(), primary_key=True),
    Column("kind", words(), primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("vector", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
conversations = Table(
    "conversations",
    metadata,
    Column("id", words(), primary_key=True),
    Column("title", words(), nullable=False),
    Column("created", words(), nullable=False),
    Column("updated", words(), nullable=False),
    Column("owner", words(), nullable=False, server_default=""),
    Column("collections", words()),
    Index("conversations_recent", "owner", "updated"),
)
messages = Table(
    "messages",
    metadata,
    Column("id", words(), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", number(), nullable=False),
    Column("role", words(), nullable=False),
    Column("content", words(), nullable=False),
    Column("answer", words()),
    Column("created", words(), nullable=False),
    UniqueConstraint("conversation_id", "ordinal"),
)
feedback = Table(
    "feedback",
    metadata,
    Column("message_id", words(), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("rating", words(), nullable=False),
    Column("comment", words(), nullable=False),
    Column("created", words(), nullable=False),
    Column("answer", words(), nullable=False),
    Column("history", words(), nullable=False),
    Index("feedback_conversation", "conversation_id"),
)
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", words(), primary_key=True),
    Column("name", words(), nullable=False),
    Column("sha256", words(), nullable=False),
    Column("created", words(), nullable=False),
    Column("revoked", words()),
    Column("roles", words(), nullable=False, server_default="ask,download"),
    Column("collections", words()),
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", number(), primary_key=True, autoincrement=False),
    Column("id", words(), nullable=False, unique=True),
    Column("idempotency_key", words(), unique=True),
    Column("kind", words(), nullable=False),
    Column("document", words(), nullable=False),
    Column("payload", words(), nullable=False),
    Column("state", words(), nullable=False),
    Column("done", number(), nullable=False),
    Column("total", number(), nullable=False),
    Column("reason", words()),
    Column("attempts", number(), nullable=False),
    Column("worker", words()),
    Column("lease_ends", number()),
    Column("created", words(), nullable=False),
    Column("updated", words(), nullable=False),
    Column("result", words()),
    Column("owner", words(), nullable=False, server_default=""),
    Index("jobs_state", "state", "number"),
    Index("jobs_document", "document", "number"),
    Index("jobs_updated", "updated"),
    Index("jobs_owner", "owner", "number"),
)
versions = Table(
    "versions",
    metadata,
    Column("document_id", words(), primary_key=True),
    Column("sha256", words(), primary_key=True),
    Column("name", words(), nullable=False),
    Column("title", words(), nullable=False),
    Column("date", words()),
    Column("source", words()),
    Column("added", words(), nullable=False),
    Column("superseded", words(), nullable=False),
    Column("text", words(), nullable=False),
    Column("blocks", words(), nullable=False),
    Column("crc", number(), nullable=False),
)
"""Texts of documents that were replaced, as long as stored answers cite them; see ``versions.py``."""
citations = Table(
    "citations",
    metadata,
    Column("message_id", ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("document_id", words(), primary_key=True),
    Column("sha256", words(), primary_key=True),
    Index("citations_document", "document_id", "sha256"),
)
"""Which version of which document a stored answer cites. The document may be gone."""
origins = Table(
    "origins",
    metadata,
    Column("document_id", words(), primary_key=True),
    Column("name", words(), nullable=False),
    Column("source", words(), nullable=False),
    Column("file_sha256", words(), nullable=False),
    Column("size", number(), nullable=False),
    Column("modified", number(), nullable=False),
    Index("origins_source", "source"),
)
"""Where the file of a document came from: an upload, or a watched folder, which alone may remove it again."""
responses = Table(
    "responses",
    metadata,
    Column("id", words(), primary_key=True),
    Column("owner", words(), nullable=False),
    Column("previous_id", words()),
    Column("created", number(), nullable=False),
    Column("request", words(), nullable=False),
    Column("turns", words(), nullable=False),
    Column("answer", words(), nullable=False),
    Index("responses_created", "created"),
)
changes = Table(
    "changes",
    metadata,
    Column("generation", number(), primary_key=True, autoincrement=False),
    Column("document_id", words(), primary_key=True),
    Column("stamp", words(), nullable=False),
    Column("swapped", number(), nullable=False),
    Index("changes_stamp", "stamp"),
)
"""Which documents each of the last changes touched, for processes that follow them; see ``changelog.py``."""
received_parts = Table(
    "received_parts",
    metadata,
    Column("id", words(), primary_key=True),
    Column("part", number(), primary_key=True, autoincrement=False),
    Column("created", number(), nullable=False),
    Column("data", LargeBinary, nullable=False),
)
"""Files that wait for a worker of any machine, where processes share a library; see ``vectorstore.changes.spool``."""


def as_number(value: Any) -> Any:
    """Return the SQL expression of a text column's number."""
    return cast(value, BigInteger)


def as_text(value: Any) -> Any:
    """Return the SQL expression of a number's text."""
    return cast(value, Text)


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; one whose primary key is there already takes the place of the other."""
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    others = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    if rows:
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), list(rows))
