"""Watched folders: what is added, changed, moved and removed follows; what came from elsewhere stays."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import watchfiles

from vectorstore.changes import Changes, NewFile, OpenLibrary, Watch, Watching
from vectorstore.changes.watch import State
from vectorstore.errors import LibraryFull
from vectorstore.library import Library
from vectorstore.storage.jobs import UNFINISHED


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "watched"
    (folder / "2024").mkdir(parents=True)
    return folder


@pytest.fixture
def changes(tmp_path: Path, embedder: Any) -> Iterator[Changes]:
    with Library.open(tmp_path / "data", embedder, lazy=True) as library:
        changes = Changes(library, tmp_path / "data")
        changes.worker.start()
        yield changes
        changes.worker.stop()


def write(folder: Path, name: str, text: str, age: float = 10.0) -> None:
    """Write a file as it was some seconds ago."""
    path = folder / name
    path.write_text(text, "utf-8")
    written = path.stat().st_mtime_ns - int(age * 1e9)
    os.utime(path, ns=(written, written))


def settle(changes: Changes) -> set[str]:
    """Wait until no job waits; return the names of the documents."""
    while changes.jobs.recent(1, UNFINISHED):
        threading.Event().wait(0.01)
    return {info.name for info in changes.library.documents()}


def test_a_folder_is_followed(changes: Changes, folder: Path) -> None:
    watch = Watch(folder, OpenLibrary(changes), ["*.tmp", "drafts/*"])
    (folder / "drafts").mkdir()
    for name, text in {
        "a.txt": "A has 1 mill.",
        "2024/a.txt": "A has 2 mills.",
        "drafts/b.txt": "B.",
        "c.tmp": "C.",
    }.items():
        write(folder, name, text)
    assert not watch.look()
    assert settle(changes) == {"a.txt", "2024/a.txt"}  # the same name in two folders is two documents
    watch.look()
    assert not changes.jobs.recent(1, UNFINISHED)

    write(folder, "a.txt", "A has 3 mills.", age=5)
    shutil.move(folder / "2024" / "a.txt", folder / "2024" / "moved.txt")
    watch.look()
    assert settle(changes) == {"a.txt", "2024/moved.txt"}
    assert changes.library.document("a.txt").text == "A has 3 mills."

    (folder / "a.txt").unlink()
    Watch(folder, OpenLibrary(changes)).look()  # also by another process, later
    assert settle(changes) == {"2024/moved.txt", "drafts/b.txt"}


def test_a_file_that_is_being_written_is_left_for_later(changes: Changes, folder: Path) -> None:
    watch = Watch(folder, OpenLibrary(changes))
    write(folder, "a.txt", "A has", age=0)
    assert watch.look()
    assert settle(changes) == set()
    write(folder, "a.txt", "A has 1 mill.")
    assert not watch.look()
    assert settle(changes) == {"a.txt"}


def test_what_was_uploaded_is_neither_changed_nor_removed(
    changes: Changes, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with changes.spool.receiving() as receiving:
        write(receiving, "file", "A was uploaded.")
        changes.ingest([NewFile("a.txt", changes.spool.keep(receiving / "file"))])
    settle(changes)
    watch = Watch(folder, OpenLibrary(changes))
    write(folder, "a.txt", "A is in the folder.")
    write(folder, "b.txt", "B is in the folder.")
    with caplog.at_level(logging.WARNING):
        watch.look()
    assert "'a.txt' came from elsewhere" in caplog.text
    assert settle(changes) == {"a.txt", "b.txt"}
    (folder / "a.txt").unlink()
    (folder / "b.txt").unlink()
    write(folder, "c.txt", "C is in the folder.")
    watch.look()
    assert settle(changes) == {"a.txt", "c.txt"}
    assert changes.library.document("a.txt").text == "A was uploaded."


def test_a_folder_that_is_suddenly_empty_keeps_its_documents(
    changes: Changes, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch(folder, OpenLibrary(changes))
    write(folder, "a.txt", "A has 1 mill.")
    write(folder, "b.txt", "B has 1 mill.")
    watch.look()
    settle(changes)
    (folder / "a.txt").unlink()
    (folder / "b.txt").unlink()
    with caplog.at_level(logging.WARNING):
        watch.look()
    assert "may not be mounted" in caplog.text
    assert settle(changes) == {"a.txt", "b.txt"}


@pytest.mark.parametrize("text", ["A has 1 mill.", "甲村有一座水磨。"])
def test_the_last_document_of_a_share_that_is_not_mounted_stays(
    changes: Changes, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    watch = Watch(folder, OpenLibrary(changes))
    write(folder, "a.txt", text)
    watch.look()
    settle(changes)
    folder.rename(tmp_path / "share")  # another folder is there, as below a mount point
    folder.mkdir()
    with caplog.at_level(logging.WARNING):
        watch.look()
        Watch(folder, OpenLibrary(changes)).look()  # also by another process, which has not seen the share
    assert caplog.text.count("1 document came from it; it stays, for it may not be mounted") == 2
    assert settle(changes) == {"a.txt"}
    folder.rmdir()
    (tmp_path / "share").rename(folder)
    watch.look()
    (folder / "a.txt").unlink()
    watch.look()
    assert settle(changes) == set()  # whoever deletes the last file means it


def test_documents_of_a_share_below_that_is_not_mounted_stay(
    changes: Changes, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(folder, OpenLibrary(changes))
    for name in ("2024/甲.txt", "2024/b.txt", "c.txt"):
        write(folder, name, f"{name} has 1 mill.")
    watch.look()
    assert settle(changes) == {"2024/甲.txt", "2024/b.txt", "c.txt"}
    shutil.rmtree(folder / "2024")
    (folder / "2024").mkdir()
    real = Path.stat

    def elsewhere(path: Path, **options: Any) -> os.stat_result:
        found = real(path, **options)
        return os.stat_result((*found[:2], found.st_dev + 1, *found[3:])) if path.name == "2024" else found

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(Path, "stat", elsewhere)
        watch.look()
    assert "on another disk" in caplog.text
    assert settle(changes) == {"2024/甲.txt", "2024/b.txt", "c.txt"}
    watch.look()
    assert settle(changes) == {"c.txt"}


@pytest.mark.parametrize("what", ["a folder", "a file"])
def test_what_cannot_be_seen_for_a_moment_is_not_gone(
    changes: Changes, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """A share that fails, or rights that are taken from a folder, remove no document; the others are followed on."""
    watch = Watch(folder, OpenLibrary(changes))
    write(folder, "2024/甲.txt", "甲村有一座水磨。")
    write(folder, "2024/b.txt", "B has 2 mills.")
    write(folder, "c.txt", "C has 3 mills.")
    watch.look()
    assert settle(changes) == {"2024/甲.txt", "2024/b.txt", "c.txt"}
    failing = folder / "2024" if what == "a folder" else folder / "2024" / "甲.txt"

    def unless_failing(call: Callable[..., Any], error: int) -> Callable[..., Any]:
        def called(path: Any, *arguments: Any, **options: Any) -> Any:
            if str(path) == str(failing):  # root, too, may be who runs this
                raise OSError(error, os.strerror(error), str(path))
            return call(path, *arguments, **options)

        return called

    with monkeypatch.context() as patched:
        if what == "a folder":
            patched.setattr(os, "scandir", unless_failing(os.scandir, errno.EACCES))
        else:
            patched.setattr(Path, "stat", unless_failing(Path.stat, errno.EIO))
        (folder / "c.txt").unlink()
        write(folder, "d.txt", "D has 4 mills.")
        watch.look()
        assert settle(changes) == {"2024/甲.txt", "2024/b.txt", "d.txt"}
    assert str(failing) in caplog.text
    (folder / "2024" / "甲.txt").unlink()
    watch.look()
    assert settle(changes) == {"2024/b.txt", "d.txt"}


def test_a_link_that_leads_to_itself_stops_no_other_file(changes: Changes, folder: Path) -> None:
    (folder / "a.txt").symlink_to(folder / "a.txt")
    write(folder, "b.txt", "B has 2 mills.")
    Watch(folder, OpenLibrary(changes)).look()
    assert settle(changes) == {"b.txt"}


def test_a_copy_stands_in_when_its_original_goes(changes: Changes, folder: Path) -> None:
    watch = Watch(folder, OpenLibrary(changes))
    write(folder, "a.txt", "A has 1 mill.")
    watch.look()
    settle(changes)
    write(folder, "b.txt", "A has 1 mill.")
    watch.look()
    assert settle(changes) == {"a.txt"}
    (folder / "a.txt").unlink()
    watch.look()
    settle(changes)
    watch.look()
    assert settle(changes) == {"b.txt"}


def test_a_file_that_cannot_be_read_stops_no_other(
    changes: Changes, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied(source: Path, target: Path) -> None:
        if source.name == "a.txt":
            raise PermissionError(errno.EACCES, "Permission denied", str(source))  # root, too, may be who runs this
        target.write_bytes(source.read_bytes())

    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(source))

    watch = Watch(folder, OpenLibrary(changes))
    write(folder, "a.txt", "A has 1 mill.")
    write(folder, "b.txt", "B has 1 mill.")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", copied)
        assert not watch.look()
        assert not watch.look()
    assert caplog.text.count("a.txt can't be taken in now: Permission denied") == 1
    assert settle(changes) == {"b.txt"}
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", full)
        with pytest.raises(LibraryFull):  # of which the file says nothing
            watch.look()
    watch.look()  # it can be read now, and was not changed
    assert settle(changes) == {"a.txt", "b.txt"}


def test_a_removal_that_waits_is_not_queued_again(
    changes: Changes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(folder, OpenLibrary(changes))
    write(folder, "a.txt", "A has 1 mill.")
    write(folder, "b.txt", "B has 1 mill.")
    watch.look()
    settle(changes)
    changes.worker.stop()
    copied: list[str] = []
    copyfile = shutil.copyfile

    def copy(source: Path, target: Path) -> None:
        copied.append(source.name)
        copyfile(source, target)

    monkeypatch.setattr(shutil, "copyfile", copy)
    (folder / "a.txt").unlink()
    write(folder, "c.txt", "C has 1 mill.")
    for _ in range(3):
        watch.look()
    waiting = changes.jobs.recent(9, UNFINISHED)
    assert [(job.kind, job.document) for job in waiting] == [("ingest", "c.txt"), ("remove", "a.txt")]
    assert copied == ["c.txt"]
    assert changes.jobs.cancel(waiting[1].id)
    watch.look()
    assert [job.document for job in changes.jobs.recent(9, UNFINISHED)] == ["a.txt", "c.txt"]


def mail(subject: str, body: str, **attached: str) -> str:
    message = EmailMessage()
    if subject:
        message["Subject"] = subject
    message["From"] = "a@example.org"
    message.set_content(body)
    for name, text in attached.items():
        message.add_attachment(text, filename=f"{name}.txt")
    return message.as_string()


@pytest.mark.parametrize("subject", ["Mills", ""])
def test_attachments_stay_as_long_as_their_mail(changes: Changes, folder: Path, subject: str) -> None:
    write(folder, "2024/m.eml", mail(subject, f"{subject}\n", b="B has 2 mills."))
    write(folder, "z.txt", "Z has 1 mill.")
    taken_in = {"2024/m.eml/b.txt", "z.txt"} | ({"2024/m.eml"} if subject else set())
    Watch(folder, OpenLibrary(changes)).look()
    assert settle(changes) == taken_in
    jobs = changes.jobs.recent(9)
    Watch(folder, OpenLibrary(changes)).look()  # another process knows nothing of what was asked before
    assert settle(changes) == taken_in
    assert changes.jobs.recent(9) == jobs
    (folder / "2024" / "m.eml").unlink()
    Watch(folder, OpenLibrary(changes)).look()
    assert settle(changes) == {"z.txt"}
    assert list(changes.library.origins.of_source(f"watch:{folder}")) == ["z.txt"]


def test_changes_are_noticed_at_once(changes: Changes, folder: Path) -> None:
    watching = Watching([folder], OpenLibrary(changes))
    watching.start()
    try:
        write(folder, "a.txt", "A has 1 mill.")
        while not changes.library.documents():
            threading.Event().wait(0.05)
    finally:
        watching.stop()


def test_a_folder_without_notices_is_followed_all_the_same(
    changes: Changes, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(*_: Any, **__: Any) -> Any:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(watchfiles, "watch", no_more)
    monkeypatch.setattr("vectorstore.changes.watch.SWEEP_SECONDS", 0.05)
    watching = Watching([folder], OpenLibrary(changes))
    watching.start()
    try:
        for name in ("甲.txt", "b.txt"):
            write(folder, name, f"{name} has 1 mill.")
            while name not in settle(changes):
                assert [thread for thread in threading.enumerate() if thread.name == "watch"]
                threading.Event().wait(0.05)
    finally:
        watching.stop()
    assert caplog.text.count("watch limit reached") == 1


def test_a_look_ends_after_the_file_at_hand(changes: Changes, folder: Path) -> None:
    """The first look at a large folder copies for minutes, and a server that stops has seconds."""
    stopping = threading.Event()

    class Stopped(OpenLibrary):
        def ingest(self, name: str, state: State, source: str) -> None:
            super().ingest(name, state, source)
            stopping.set()

    for name in ("甲.txt", "b.txt", "c.txt"):
        write(folder, name, f"{name} has 1 mill.")
    Watch(folder, Stopped(changes)).run(stopping)
    assert len(changes.jobs.recent(9)) == 1


def test_pictures_are_followed_only_where_their_text_is_recognised(changes: Changes, folder: Path) -> None:
    write(folder, "a.txt", "A has 1 mill.")
    write(folder, "scan.PNG", "picture")
    library = OpenLibrary(changes)
    Watch(folder, library).look()
    assert [job.document for job in changes.jobs.recent(9)] == ["a.txt"]
    Watch(folder, library, pictures=True).look()
    assert {job.document for job in changes.jobs.recent(9)} == {"a.txt", "scan.PNG"}
