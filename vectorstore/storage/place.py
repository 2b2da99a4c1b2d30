"""Where a library's tables are: a SQLite file in its directory, or a Postgres database. Opens and imports nothing."""

from __future__ import annotations

from pathlib import Path


def place(data_dir: Path, database_url: str | None = None) -> Path | str:
    """Return the path of the SQLite file, or the URL of the Postgres database when there is one."""
    return database_url or data_dir / "library.sqlite3"
