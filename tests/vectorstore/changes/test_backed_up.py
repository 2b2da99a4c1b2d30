"""What waits for a worker when a backup is made: it is done after restoring, or says why not."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vectorstore.changes import Changes, NewFile, Outcome
from vectorstore.errors import LibraryError
from vectorstore.library import Library
from vectorstore.storage.backup import backup, restore
from vectorstore.storage.database import Database
from vectorstore.storage.jobs import UNFINISHED, Job, Jobs
from vectorstore.storage.place import place as place_of
from vectorstore.storage.tables import received_parts, select
from vectorstore.storage.waiting import LOST, Held

Open = Callable[..., Library]


@pytest.fixture(params=["sqlite", "postgres", "shared"])
def source(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Options of the library that is backed up: its files wait in the data directory, or in the database."""
    options = {}
    if request.param != "sqlite":
        options["database_url"] = request.getfixturevalue("postgres_url")
    if request.param == "shared":
        options["chroma_url"] = request.getfixturevalue("chroma_server")
    return options


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest) -> str | None:
    """The URL of the database that is restored to; None for SQLite."""
    return request.getfixturevalue("other_postgres_url") if request.param == "postgres" else None


def asked(library: Library, data_dir: Path) -> list[Job]:
    """Queue a file to be done, one that is cancelled, and a large one; nobody works on them."""
    changes = Changes(library, data_dir)
    files = {"a.txt": "A has 1 mill.", "b.txt": "B has 1 mill.", "c.txt": "C has 3 mills. " * 50_000}
    received = []
    with changes.spool.receiving() as folder:
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
            received.append(NewFile(name, changes.spool.keep(folder / name)))
    jobs = changes.ingest(received)
    assert changes.jobs.cancel(jobs[1].id)
    return jobs


def worked(changes: Changes, jobs: list[Job]) -> None:
    """Wait until jobs are over."""
    until = time.monotonic() + 60
    while any(found is None or found.state in UNFINISHED for found in (changes.jobs.get(job.id) for job in jobs)):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_what_waits_is_done_after_restoring(
    open_library: Open, tmp_path: Path, source: dict[str, Any], target: str | None
) -> None:
    with open_library(**source) as library:
        jobs = asked(library, tmp_path / "data")
        before = sorted(path.name for path in (tmp_path / "data" / "uploads").iterdir())
        held = backup(place_of(tmp_path / "data", source.get("database_url")), tmp_path / "saved", tmp_path / "data")
        assert (held.waiting, held.lost) == (2, 0)
        assert sorted(path.name for path in (tmp_path / "data" / "uploads").iterdir()) == before
    assert restore(tmp_path / "saved", tmp_path / "moved", target) == held
    with pytest.raises(LibraryError, match="2 waiting changes"):
        restore(tmp_path / "saved", tmp_path / "moved", target)
    with open_library(tmp_path / "moved", database_url=target) as library:
        changes = Changes(library, tmp_path / "moved")
        changes.worker.start()
        worked(changes, jobs)
        assert sorted(info.name for info in library.documents()) == ["a.txt", "c.txt"]
        assert changes.retry(jobs[1].id)
        worked(changes, jobs)
        assert [Outcome.of(job).what for job in changes.jobs.recent()] == ["added"] * 3
        changes.worker.stop()
        assert not library.database.rows(select(received_parts.c.id))


def test_a_job_that_ends_while_its_backup_is_made_keeps_its_file(
    open_library: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Held.put

    def putting(held: Held, database: Database) -> None:
        changes.worker.start()
        worked(changes, jobs)
        put(held, database)

    with open_library() as library:
        jobs = asked(library, tmp_path / "data")
        changes = Changes(library, tmp_path / "data")
        monkeypatch.setattr(Held, "put", putting)
        held = backup(tmp_path / "data" / "library.sqlite3", tmp_path / "saved")
        changes.worker.stop()
        assert len(library.documents()) == 2
    assert (held.documents, held.waiting, held.lost) == (0, 2, 0)


def test_a_file_that_is_not_there_is_told(open_library: Open, tmp_path: Path, postgres_url: str) -> None:
    """The server may run on another machine."""
    with open_library(database_url=postgres_url) as library:
        jobs = asked(library, tmp_path / "data")
    held = backup(postgres_url, tmp_path / "saved", tmp_path / "elsewhere")
    assert (held.waiting, held.lost) == (0, 2)
    restore(tmp_path / "saved", tmp_path / "moved")
    with Database(place_of(tmp_path / "moved", None)) as database:
        found = Jobs(database).get(jobs[0].id)
    assert found is not None
    assert found.state not in UNFINISHED
    assert found.reason == LOST
