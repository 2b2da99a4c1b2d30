"""Documents, their texts, passages and vectors."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    meta = op.create_table(
        "meta",
        sa.Column("key", TEXT, primary_key=True),
        sa.Column("value", TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "documents",
        sa.Column("key", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False, unique=True),
        sa.Column("name", TEXT, nullable=False, unique=True),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("given_title", TEXT),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("chars", NUMBER, nullable=False),
        sa.Column("passages", NUMBER, nullable=False),
        sa.Column("date", TEXT),
        sa.Column("source", TEXT),
        sa.Column("added", TEXT, nullable=False),
        sa.Column("built", TEXT, nullable=False),
        sa.Column("crc", NUMBER, nullable=False),
    )
    op.create_index("documents_sha256", "documents", ["sha256"])
    document = sa.ForeignKey("documents.key", ondelete="CASCADE")
    op.create_table(
        "texts",
        sa.Column("document", NUMBER, document, primary_key=True, autoincrement=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("blocks", TEXT, nullable=False),
        sa.Column("crc", NUMBER, nullable=False),
    )
    op.create_table(
        "passages",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("document", NUMBER, sa.ForeignKey("documents.key", ondelete="CASCADE"), nullable=False),
        sa.Column("ordinal", NUMBER, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("section", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("spans", TEXT, nullable=False),
        sa.Column("crc", NUMBER, nullable=False),
    )
    op.create_index("passages_document", "passages", ["document", "ordinal"])
    passage = sa.ForeignKey("passages.id", ondelete="CASCADE")
    op.create_table(
        "vectors",
        sa.Column("passage", NUMBER, passage, primary_key=True, autoincrement=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("sentences", sa.LargeBinary, nullable=False),
        sa.Column("crc", NUMBER, nullable=False),
    )
    values = {"library": uuid.uuid4().hex, "generation": "0", "stamp": uuid.uuid4().hex, "next_passage": "1"}
    op.bulk_insert(meta, [{"key": key, "value": value} for key, value in values.items()])
