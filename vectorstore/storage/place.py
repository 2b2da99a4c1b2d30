"""Where a library's tables are: a SQLite file in its directory, or a Postgres database. Opens and imports nothing."""

from __future__ import annotations

from pathlib import Path

from vectorstore.errors import LibraryBroken


def place(data_dir: Path, database_url: str | None = None) -> Path | str:
    """Return the path of the SQLite file, or the URL of the Postgres database when there is one."""
    return database_url or data_dir / "library.sqlite3"


def refuse_orphans(data_dir: Path) -> None:
    """Refuse to start an empty catalogue beside indexes of one that is gone.

    Raises:
        LibraryBroken: the catalogue is missing or empty, and indexes show that there was one.
    """
    file = data_dir / "library.sqlite3"
    if file.exists() and file.stat().st_size > 0:
        return
    if any((data_dir / name / "state.json").exists() for name in ("dense", "lexical")):
        raise LibraryBroken(
            f"{file} is {'empty' if file.exists() else 'missing'}, and the indexes beside it show that there was one; "
            f"restore it from a backup, or delete {data_dir} and ingest the documents again"
        )
