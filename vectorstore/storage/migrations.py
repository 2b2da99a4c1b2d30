"""Brings a library's tables up to date with Alembic; the revisions are the same on every database.

They are in ``history/versions``; ``HEAD`` is the newest. To change a table, add a revision, change ``tables`` alike,
and move ``HEAD``.
"""

from __future__ import annotations

from pathlib import Path

from vectorstore.errors import LibraryBroken
from vectorstore.storage.tables import Connection, select, text

HEAD = "0010"
"""Revisions are numbered in four digits, so that a newer one is greater."""
BEFORE_ALEMBIC = 2
"""Versions of SQLite files were once counted in ``PRAGMA user_version``; up to here they are the same as revisions."""
_NOTHING = "0000"
_HISTORY = Path(__file__).with_name("history")


def is_current(connection: Connection, name: str) -> bool:
    """Return whether all tables are those of ``HEAD``. Alembic isn't imported for it, which takes a fifth of a second.

    Args:
        name: of the database, for people.

    Raises:
        LibraryBroken: it is of a newer version of this program.
    """
    revision = _revision(connection)
    version = revision or _before_alembic(connection)
    if version > HEAD:
        raise LibraryBroken(
            f"{name} has version {version} and this program knows up to {HEAD}: "
            "upgrade the program, or choose another data directory or database"
        )
    return revision == HEAD


def migrate(connection: Connection) -> None:
    """Bring the tables up to ``HEAD``, in the caller's transaction, which no other may run beside."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_HISTORY).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if _revision(connection) is None and (before := _before_alembic(connection)) > _NOTHING:
        command.stamp(config, before)
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":  # programs from before Alembic refuse what is above their own number
        connection.execute(text(f"PRAGMA user_version = {BEFORE_ALEMBIC + 1}"))


def _revision(connection: Connection) -> str | None:
    """Return the tables' revision; None when Alembic hasn't been here."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return str(connection.execute(select(text("version_num FROM alembic_version"))).scalar_one())


def _before_alembic(connection: Connection) -> str:
    """Return the version of tables that Alembic doesn't know of yet."""
    if connection.dialect.name != "sqlite":
        return _NOTHING
    return f"{connection.execute(text('PRAGMA user_version')).scalar_one():04}"
