"""Files that wait with their jobs, on their way into a backup: they are in the data directory, or in the database.

In a backup they are in its tables, where a worker looks as well. What became of a job whose file is gone is told.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from vectorstore.errors import LibraryError
from vectorstore.storage import received
from vectorstore.storage.database import Database
from vectorstore.storage.jobs import UNFINISHED
from vectorstore.storage.received import RECEIVING
from vectorstore.storage.tables import func, jobs, received_parts, select, update

LOST = "the file that was received is not in the backup; send it again"


class Held:
    """Second names of files of a spool: one whose job ends meanwhile is there until the backup is written."""

    def __init__(self, spool: Path | None, folder: Path | None) -> None:
        self._spool = spool
        self._folder = folder

    def hold(self) -> None:
        """Give those files that are there now a second name."""
        if self._spool is None or self._folder is None:
            return
        for path in self._spool.iterdir():
            second = self._folder / path.name
            if path.is_file() and not second.exists():
                _link(path, second)

    def put(self, database: Database) -> None:
        """Write the files of a backup's jobs to its tables, where they are not there already.

        Raises:
            LibraryError: one can't be read, or a disk is full.
        """
        folders = [folder for folder in (self._folder, self._spool) if folder is not None]
        for file in _files(database) - _stored(database):
            path = next((folder / file for folder in folders if (folder / file).is_file()), None)
            try:
                if path is not None:
                    received.put(database, file, path)
            except OSError as error:
                raise LibraryError(f"{path} can't be read: {error.strerror}") from error


@contextmanager
def held(spool: Path | None) -> Iterator[Held]:
    """Give what holds the files of a spool, which need not be there; one that can't be written to is read as it is."""
    folder = None
    with suppress(OSError):
        folder = Path(tempfile.mkdtemp(prefix=RECEIVING, dir=spool)) if spool is not None else None
    try:
        yield Held(spool, folder)
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def fail_lost(database: Database) -> int:
    """Let the jobs of a backup fail whose files are not in it, and return how many."""
    stored = _stored(database)
    waiting = database.rows(select(jobs.c.number, jobs.c.payload).where(jobs.c.state.in_(UNFINISHED)))
    lost = [row.number for row in waiting if (file := _file(row.payload)) and file not in stored]
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    failed = {"state": "failed", "reason": LOST, "worker": None, "lease_ends": None, "updated": now}
    with database.transaction() as connection:
        for number in lost:
            connection.execute(update(jobs).where(jobs.c.number == number).values(failed))
    return len(lost)


def count(database: Database) -> int:
    """Return how many changes were asked for and are not done yet."""
    return int(database.rows(select(func.count()).where(jobs.c.state.in_(UNFINISHED)))[0][0])


def _files(database: Database) -> set[str]:
    """Return the ids of the files of jobs that aren't done; failed and cancelled ones may be tried again."""
    rows = database.rows(select(jobs.c.payload).where(jobs.c.state != "ready"))
    return {file for row in rows if (file := _file(row.payload))}


def _stored(database: Database) -> set[str]:
    return {row.id for row in database.rows(select(received_parts.c.id).distinct())}


def _file(payload: str) -> str:
    """Return the id of the file that a job needs, as ``vectorstore.changes.tasks`` writes it; empty for none."""
    return str(json.loads(payload or "{}").get("file", ""))


def _link(path: Path, second: Path) -> None:
    with suppress(FileNotFoundError):  # its job is over
        try:
            os.link(path, second)
        except FileNotFoundError:
            raise
        except OSError:  # a file system without second names
            shutil.copyfile(path, second)
