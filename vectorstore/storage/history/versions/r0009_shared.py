"""What several processes share: the log of changes that each follows, and received files on Postgres."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("generation", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("document_id", TEXT, primary_key=True),
        sa.Column("stamp", TEXT, nullable=False),
        sa.Column("swapped", NUMBER, nullable=False),
    )
    op.create_index("changes_stamp", "changes", ["stamp"])
    op.create_table(
        "received_parts",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("part", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
