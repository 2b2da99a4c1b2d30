"""The worker and its queue, on SQLite and on Postgres: what becomes of files, and who may remove what."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vectorstore.changes import Changes, NewFile, Outcome
from vectorstore.errors import LibraryUnavailable, UnknownDocument
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.storage.hashes import document_id
from vectorstore.storage.jobs import UNFINISHED, Job

Open = Callable[..., Library]


@pytest.fixture(params=["sqlite", "postgres"])
def changes(request: pytest.FixtureRequest, open_library: Open, tmp_path: Path) -> Iterator[Changes]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    changes = Changes(open_library(database_url=url, lazy=True), tmp_path / "data")
    yield changes
    changes.worker.stop()


def new(changes: Changes, name: str, text: str, **more: Any) -> NewFile:
    with changes.spool.receiving() as folder:
        (folder / "file").write_text(text, "utf-8")
        return NewFile(name, changes.spool.keep(folder / "file"), **more)


def over(changes: Changes, job: Job) -> tuple[str, Any]:
    """Wait until a job is over; return its state, and what it came to or why it failed."""
    while (now := changes.jobs.get(job.id)) is not None and now.state in UNFINISHED:
        threading.Event().wait(0.01)
    assert now is not None
    return now.state, now.reason or Outcome.of(now).documents


def spooled(changes: Changes) -> int:
    return len(list(changes.spool.directory.iterdir()))


def test_a_file_that_arrives_slowly_is_not_swept_away(open_library: Open, tmp_path: Path) -> None:
    spool = Changes(open_library(lazy=True), tmp_path / "data").spool
    with spool.receiving() as slow, spool.receiving() as cut_off:
        for folder in (slow, cut_off):
            (folder / "0").write_bytes(b"%PDF-1.7")
            os.utime(folder, (0, 0))  # the file was begun then
        os.utime(cut_off / "0", (0, 0))
        spool.sweep(())
        assert (slow / "0").exists()
        assert not cut_off.exists()


def test_each_file_becomes_what_its_job_says(changes: Changes) -> None:
    changes.worker.start()
    jobs = changes.ingest(
        [
            new(changes, "a.txt", "A has 1 mill."),
            new(changes, "copy.txt", "A has 1 mill."),
            new(changes, "empty.txt", " "),
            new(changes, "many.jsonl", '{"id": "x", "text": "X has 1 mill."}\n{"id": "y", "text": "Y has 2 mills."}\n'),
        ]
    )
    added, copy, empty, many = (over(changes, job) for job in jobs)
    assert added == ("ready", (("a.txt", "added"),))
    assert copy == ("ready", (("a.txt", "unchanged"),))
    assert empty[0] == "failed"
    assert many == ("ready", (("x", "added"), ("y", "added")))
    assert spooled(changes) == 1  # the failed one's, to be retried
    assert changes.source_of("a.txt") == "upload"

    (replaced,) = changes.ingest([new(changes, "a.txt", "A has 2 mills.")])
    assert over(changes, replaced) == ("ready", (("a.txt", "replaced"),))
    assert changes.library.versions.cited_by(document_id("a.txt")) == (0, 0)
    assert over(changes, changes.remove("a.txt")) == ("ready", (("a.txt", "removed"),))
    with pytest.raises(UnknownDocument):
        changes.remove("a.txt")
    assert {info.name for info in changes.library.documents()} == {"x", "y"}


def test_what_waits_can_be_cancelled_or_comes_back(changes: Changes) -> None:
    first = changes.ingest([new(changes, "a.txt", "A has 1 mill."), new(changes, "b.txt", "B has 1 mill.")])
    again = changes.ingest([new(changes, "a.txt", "A has 1 mill.")])
    assert again == first[:1]  # the same bytes wait already
    assert spooled(changes) == 2
    assert changes.jobs.cancel(first[1].id)
    changes.worker.start()
    assert [over(changes, job)[0] for job in first] == ["ready", "cancelled"]
    assert changes.retry(first[1].id)
    assert over(changes, first[1]) == ("ready", (("b.txt", "added"),))
    assert spooled(changes) == 0


def test_a_folder_removes_only_what_came_from_it(changes: Changes) -> None:
    changes.worker.start()
    mine, theirs = changes.ingest(
        [new(changes, "a.txt", "A has 1 mill.", source="watch:/a"), new(changes, "b.txt", "B has 1 mill.")]
    )
    assert over(changes, mine)[0] == over(changes, theirs)[0] == "ready"
    assert not changes.is_foreign("a.txt", "watch:/a")
    assert changes.is_foreign("b.txt", "watch:/a")
    assert not changes.is_foreign("c.txt", "watch:/a")
    assert over(changes, changes.remove_file("b.txt", "watch:/a")) == ("ready", (("b.txt", "unchanged"),))
    assert over(changes, changes.remove_file("a.txt", "watch:/a")) == ("ready", (("a.txt", "removed"),))
    assert [info.name for info in changes.library.documents()] == ["b.txt"]


def test_an_upload_is_no_folders_any_more_whatever_fails_after_its_commit(
    changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        failures.append(1)
        forget()
        if len(failures) == 1:
            raise LibraryUnavailable("try again")

    failures: list[int] = []
    forget = changes.library._forget
    changes.worker.start()
    (first,) = changes.ingest([new(changes, "a.txt", "A has 1 mill.", source="watch:/a")])
    assert over(changes, first)[0] == "ready"
    monkeypatch.setattr(changes.library._writer, "_forget", fail)
    (upload,) = changes.ingest([new(changes, "a.txt", "A has 2 mills.")])
    assert over(changes, upload) == ("ready", (("a.txt", "unchanged"),))  # the second time
    assert changes.source_of("a.txt") == "upload"
    assert over(changes, changes.remove_file("a.txt", "watch:/a")) == ("ready", (("a.txt", "unchanged"),))


def test_a_replacement_leaves_the_lexical_index_to_be_made_anew_once_nothing_changes(
    open_library: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectorstore.changes.worker.SETTLE_SECONDS", 3600.0)
    changes = Changes(open_library(), tmp_path / "data")
    changes.worker.start()
    lexical = tmp_path / "data" / "lexical"
    over(changes, changes.ingest([new(changes, "a.txt", "A has 1 mill.")])[0])
    builds = {path.name for path in lexical.iterdir()}
    for mills in range(2, 5):
        (job,) = changes.ingest([new(changes, "a.txt", f"A has {mills} mills.")])
        assert over(changes, job) == ("ready", (("a.txt", "replaced"),))
        assert {path.name for path in lexical.iterdir()} == builds
        assert len(changes.library.lexical("mills", 5)) == 1
    monkeypatch.setattr("vectorstore.changes.worker.SETTLE_SECONDS", 0.0)
    changes.worker.wake()
    while {path.name for path in lexical.iterdir()} & builds != {"state.json"}:
        threading.Event().wait(0.01)
    changes.worker.stop()
    assert len(changes.library.lexical("mills", 5)) == 1


def limited(changes: Changes, owner: str, *collections: str) -> Changes:
    return changes.of(owner, changes.library.scope(collections))


def test_what_moves_before_a_limited_job_has_its_turn_is_not_changed_by_it(changes: Changes) -> None:
    library = changes.library
    for name in ("mine", "theirs"):
        library.membership.add(name)
    library.ingest([RawDocument.of(f"{n}.txt", f"Number {n}.") for n in range(4)], collections=["mine"])
    mine = limited(changes, "a key", "mine")
    jobs = [
        mine.remove("0.txt"),
        mine.remove("1.txt"),
        *mine.ingest([new(changes, f"{n}.txt", "Changed.") for n in (2, 3)]),
    ]
    for n, collections in enumerate((["theirs"], ["mine", "theirs"], ["theirs"], ["mine", "theirs"])):
        library.membership.put([f"{n}.txt"], collections)
    changes.worker.start()
    removed, *failed = [over(changes, job) for job in jobs]
    assert removed == ("ready", (("0.txt", "unchanged"),))  # for who asked, it is gone
    shared = "{} is in other collections too; only who sees all of them can replace or remove it"
    taken = "the name '2.txt' can't be used here; give the document another one"
    assert failed == [("failed", shared.format("'1.txt'")), ("failed", taken), ("failed", shared.format("'3.txt'"))]
    assert {info.name: library.document(info.id).text for info in library.documents()} == {
        f"{n}.txt": f"Number {n}." for n in range(4)
    }


def test_the_queue_of_one_who_is_limited_has_no_others_jobs(changes: Changes) -> None:
    changes.library.membership.add("mine")
    mine, nobody = limited(changes, "a key", "mine"), changes.of("another", ())
    into = changes.library.scope(["mine"])
    (first,) = changes.ingest([new(changes, "a.txt", "A.", collections=into)])
    (second,) = mine.ingest([new(changes, "a.txt", "A.", collections=into)])
    assert first.id != second.id  # the same bytes, with other rights
    assert mine.ingest([new(changes, "a.txt", "A.", collections=into)]) == [second]
    assert (changes.jobs.positions([first, second]), mine.jobs.positions([second])) == ([0, 1], [0])
    assert (changes.jobs.counts(), mine.jobs.counts(), nobody.jobs.counts()) == ({"queued": 2}, {"queued": 1}, {})
    assert not mine.jobs.cancel(first.id)
    assert (mine.jobs.get(first.id), mine.jobs.since("")) == (None, [second])
    with pytest.raises(UnknownDocument):
        nobody.remove("a.txt")
    (empty,) = nobody.ingest([new(changes, "a.txt", "B.")])
    changes.worker.start()
    assert over(changes, empty)[0] == "failed"  # no collection at all is a limit, too
    assert changes.library.document("a.txt").text == "A."
