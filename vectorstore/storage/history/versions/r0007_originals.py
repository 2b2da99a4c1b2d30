"""The files that documents were read from, whose pages are shown as images."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    document = sa.ForeignKey("documents.key", ondelete="CASCADE")
    op.create_table(
        "originals",
        sa.Column("document", NUMBER, document, primary_key=True, autoincrement=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
    )
    op.create_index("originals_sha256", "originals", ["sha256"])
    op.create_table(
        "original_parts",
        sa.Column("sha256", TEXT, primary_key=True),
        sa.Column("part", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("crc", NUMBER, nullable=False),
    )
