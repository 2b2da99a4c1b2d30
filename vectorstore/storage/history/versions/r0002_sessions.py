"""Remembered vectors, conversations, feedback and API keys.

A SQLite file of version 1, and one of version 0 when keys came first, has some of these tables: their users made them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    there = set(sa.inspect(op.get_bind()).get_table_names())
    if "vector_cache" not in there:
        op.create_table(
            "vector_cache",
            sa.Column("embedder", TEXT, primary_key=True),
            sa.Column("kind", TEXT, primary_key=True),
            sa.Column("sha256", sa.LargeBinary, primary_key=True),
            sa.Column("vector", sa.LargeBinary, nullable=False),
            sqlite_with_rowid=False,
        )
    if "conversations" not in there:
        op.create_table(
            "conversations",
            sa.Column("id", TEXT, primary_key=True),
            sa.Column("title", TEXT, nullable=False),
            sa.Column("created", TEXT, nullable=False),
            sa.Column("updated", TEXT, nullable=False),
            sa.Column("owner", TEXT, nullable=False, server_default=""),
        )
    elif all(column["name"] != "owner" for column in sa.inspect(op.get_bind()).get_columns("conversations")):
        op.add_column("conversations", sa.Column("owner", TEXT, nullable=False, server_default=""))
    op.create_index("conversations_recent", "conversations", ["owner", "updated"], if_not_exists=True)
    if "messages" not in there:
        op.create_table(
            "messages",
            sa.Column("id", TEXT, primary_key=True),
            _conversation(),
            sa.Column("ordinal", NUMBER, nullable=False),
            sa.Column("role", TEXT, nullable=False),
            sa.Column("content", TEXT, nullable=False),
            sa.Column("answer", TEXT),
            sa.Column("created", TEXT, nullable=False),
            sa.UniqueConstraint("conversation_id", "ordinal"),
        )
    _create_feedback_and_keys(there)


def _create_feedback_and_keys(there: set[str]) -> None:
    if "feedback" not in there:
        op.create_table(
            "feedback",
            sa.Column("message_id", TEXT, primary_key=True),
            _conversation(),
            sa.Column("rating", TEXT, nullable=False),
            sa.Column("comment", TEXT, nullable=False),
            sa.Column("created", TEXT, nullable=False),
            sa.Column("answer", TEXT, nullable=False),
            sa.Column("history", TEXT, nullable=False),
        )
    op.create_index("feedback_conversation", "feedback", ["conversation_id"], if_not_exists=True)
    if "api_keys" not in there:
        op.create_table(
            "api_keys",
            sa.Column("id", TEXT, primary_key=True),
            sa.Column("name", TEXT, nullable=False),
            sa.Column("sha256", TEXT, nullable=False),
            sa.Column("created", TEXT, nullable=False),
            sa.Column("revoked", TEXT),
        )


def _conversation() -> sa.Column[str]:
    return sa.Column("conversation_id", TEXT, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False)
