"""Where the characters of a document with pages stand on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    document = sa.ForeignKey("documents.key", ondelete="CASCADE")
    op.create_table(
        "places",
        sa.Column("document", NUMBER, document, primary_key=True, autoincrement=False),
        sa.Column("pages", TEXT, nullable=False),
        sa.Column("boxes", sa.LargeBinary, nullable=False),
        sa.Column("crc", NUMBER, nullable=False),
    )
