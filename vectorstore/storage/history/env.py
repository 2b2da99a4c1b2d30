"""Runs Alembic's revisions over the connection that ``vectorstore.storage.migrations`` hands it, in its transaction."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
