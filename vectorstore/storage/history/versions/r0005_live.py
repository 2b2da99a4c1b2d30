"""Documents that change while they are asked: what a job came to, earlier versions, who cites them, where files are."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("result", TEXT))
    op.create_index("jobs_updated", "jobs", ["updated"])
    op.create_table(
        "versions",
        sa.Column("document_id", TEXT, primary_key=True),
        sa.Column("sha256", TEXT, primary_key=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("date", TEXT),
        sa.Column("source", TEXT),
        sa.Column("added", TEXT, nullable=False),
        sa.Column("superseded", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("blocks", TEXT, nullable=False),
        sa.Column("crc", NUMBER, nullable=False),
    )
    message = sa.ForeignKey("messages.id", ondelete="CASCADE")
    op.create_table(
        "citations",
        sa.Column("message_id", TEXT, message, primary_key=True),
        sa.Column("document_id", TEXT, primary_key=True),
        sa.Column("sha256", TEXT, primary_key=True),
    )
    op.create_index("citations_document", "citations", ["document_id", "sha256"])
    op.create_table(
        "origins",
        sa.Column("document_id", TEXT, primary_key=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("file_sha256", TEXT, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("modified", NUMBER, nullable=False),
    )
    op.create_index("origins_source", "origins", ["source"])
    _note_citations(op.get_bind())


def _note_citations(connection: sa.Connection) -> None:
    """Take what stored answers cite to be the documents as they are now: until here nobody noted the version."""
    documents = sa.table("documents", sa.column("id"), sa.column("sha256"))
    messages = sa.table("messages", sa.column("id"), sa.column("answer"))
    citations = sa.table("citations", sa.column("message_id"), sa.column("document_id"), sa.column("sha256"))
    held = {row.id: row.sha256 for row in connection.execute(sa.select(documents.c.id, documents.c.sha256))}
    answered = sa.select(messages.c.id, messages.c.answer).where(messages.c.answer.is_not(None))
    rows = []
    for message, answer in connection.execute(answered).all():
        cited = {str(citation.get("document_id")) for citation in json.loads(answer).get("citations", ())}
        rows += [{"message_id": message, "document_id": id, "sha256": held[id]} for id in sorted(cited & held.keys())]
    if rows:
        connection.execute(sa.insert(citations), rows)
