"""Whose jobs are whose: a key that is limited to some collections sees its own alone. Earlier ones are nobody's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("owner", TEXT, nullable=False, server_default=""))
    op.create_index("jobs_owner", "jobs", ["owner", "number"])
