"""Collections, what keys may do, and which collections keys and conversations are limited to.

Whatever is there already may do what it could: documents are in the default collection, and no key is limited.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    collections = op.create_table(
        "collections",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("name", TEXT, nullable=False, unique=True),
        sa.Column("created", TEXT, nullable=False),
    )
    op.create_table(
        "members",
        sa.Column("document", NUMBER, sa.ForeignKey("documents.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("collection", TEXT, sa.ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("members_collection", "members", ["collection", "document"])
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    op.bulk_insert(collections, [{"id": "default", "name": "default", "created": now}])
    op.execute("INSERT INTO members (document, collection) SELECT key, 'default' FROM documents")
    op.add_column("conversations", sa.Column("collections", TEXT))
    op.add_column("api_keys", sa.Column("roles", TEXT, nullable=False, server_default="ask,download"))
    op.add_column("api_keys", sa.Column("collections", TEXT))
