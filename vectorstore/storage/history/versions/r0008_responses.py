"""Responses: what the OpenAI-compatible API answered, to go on from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "responses",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("previous_id", TEXT),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("request", TEXT, nullable=False),
        sa.Column("turns", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
    )
    op.create_index("responses_created", "responses", ["created"])
