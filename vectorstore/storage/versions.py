"""Earlier versions of documents: the texts that stored answers cite, kept when a document is replaced.

A version is named by the SHA-256 of its text, which every citation carries. One that no stored answer cites is kept for
an hour, for answers that are being written, and goes with the next change. A document that is removed takes all of its
versions along: whoever removes it wants it gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from vectorstore.storage import records
from vectorstore.storage.collections import Scope
from vectorstore.storage.database import Connection, Database
from vectorstore.storage.rows import in_chunks, verify
from vectorstore.storage.tables import (
    bindparam,
    citations,
    delete,
    documents,
    func,
    insert,
    members,
    messages,
    select,
    texts,
    versions,
)
from vectorstore.types import Document, DocumentInfo

_KEPT = timedelta(hours=1)
_COPIED = ("name", "title", "date", "source", "added")


class CitedBy(NamedTuple):
    """How many stored conversations, and answers in them, cite a document, in whichever version."""

    conversations: int
    answers: int


def keep(connection: Connection, name: str, sha256: str) -> None:
    """Keep the text of the document of that name, unless its new text has the hash ``sha256`` too.

    It belongs into the transaction that replaces the document, before that.
    """
    now = datetime.now(UTC)
    cited = select(citations.c.message_id).where(
        citations.c.document_id == versions.c.document_id, citations.c.sha256 == versions.c.sha256
    )
    old = versions.c.superseded < (now - _KEPT).isoformat(timespec="seconds")
    connection.execute(delete(versions).where(old, ~cited.exists()))
    query = (
        select(documents, texts.c.text, texts.c.blocks, texts.c.crc.label("text_crc"))
        .join(texts, texts.c.document == documents.c.key)
        .where(documents.c.name == name)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return
    mine = versions.c.document_id == row.id
    connection.execute(delete(versions).where(mine, versions.c.sha256.in_((row.sha256, sha256))))
    if row.sha256 != sha256:
        values = {column: getattr(row, column) for column in _COPIED}
        values |= {"document_id": row.id, "sha256": row.sha256, "superseded": now.isoformat(timespec="seconds")}
        connection.execute(insert(versions).values(**values, text=row.text, blocks=row.blocks, crc=row.text_crc))


def forget(connection: Connection, document_id: str) -> None:
    """Delete all earlier versions of a document that is removed."""
    connection.execute(delete(versions).where(versions.c.document_id == document_id))


_HASHES = select(documents.c.id, documents.c.sha256).where(documents.c.id.in_(bindparam("some", expanding=True)))


class Versions:
    """Reads earlier versions, and which are the current ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, document_ids: Sequence[str]) -> dict[str, str]:
        """Return the current version of those documents that there are, by id."""
        return {row[0]: row[1] for row in in_chunks(self._database, _HASHES, document_ids)}

    def holder(self, sha256: str, within: Scope | None = None) -> str | None:
        """Return the name of a document whose current version that is; None when there is none.

        Args:
            within: ids of the collections that it is in one of; None for wherever it is.
        """
        query = select(documents.c.name).where(documents.c.sha256 == sha256).order_by(documents.c.name).limit(1)
        if within is not None:
            inside = select(members.c.document).where(members.c.collection.in_(within))
            query = query.where(documents.c.key.in_(inside))
        found = self._database.rows(query)
        return str(found[0].name) if found else None

    def document(self, document_id: str, sha256: str) -> Document | None:
        """Return an earlier version, without its passages, which are no more; None when it is not kept.

        Raises:
            LibraryBroken: it is damaged.
        """
        mine = (versions.c.document_id == document_id) & (versions.c.sha256 == sha256)
        found = self._database.rows(select(versions).where(mine))
        if not found:
            return None
        row = found[0]
        verify(self._database, row.crc, f"an earlier version of document {row.name!r}", row.text, row.blocks)
        info = DocumentInfo(
            id=row.document_id,
            name=row.name,
            title=row.title,
            sha256=row.sha256,
            chars=len(row.text),
            passages=0,
            date=row.date,
            source=row.source,
            added=row.added,
        )
        return Document(info, row.text, records.load_blocks(row.blocks), ())

    def cited_by(self, document_id: str) -> CitedBy:
        """Return how much would lose its source with a document."""
        query = (
            select(func.count(messages.c.conversation_id.distinct()), func.count(citations.c.message_id.distinct()))
            .select_from(citations.join(messages, messages.c.id == citations.c.message_id))
            .where(citations.c.document_id == document_id)
        )
        return CitedBy(*self._database.rows(query)[0])
