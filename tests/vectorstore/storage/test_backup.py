"""A backup holds everything, whatever it was made on, and is restored wholly or not at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vectorstore.errors import LibraryBroken, LibraryError, LibraryLocked
from vectorstore.library import Library
from vectorstore.original import Original
from vectorstore.reading import RawDocument
from vectorstore.storage.backup import Contents, backup, restore
from vectorstore.storage.catalog import Catalog
from vectorstore.storage.database import Database
from vectorstore.storage.place import place as place_of
from vectorstore.storage.tables import (
    api_keys,
    conversations,
    delete,
    feedback,
    insert,
    messages,
    metadata,
    select,
    text,
)

Open = Callable[..., Library]
Answers = Callable[[Library, str], list[tuple[str, str, float]]]
DATA = Path(__file__).with_name("data")
QUESTIONS = ("云溪市驻村书记", "Northfield letters", "集体经济收入")
TALK = {"id": "c", "title": "大棚 / greenhouses", "created": "2026", "updated": "2026", "owner": "ada"}
ASKED = {"id": "q", "conversation_id": "c", "ordinal": 0, "role": "user", "content": "多少？", "created": "2026"}
RATED = {
    "message_id": "m", "conversation_id": "c", "rating": "down", "comment": "too short", "created": "2026",
    "answer": "{}", "history": "[]",
}  # fmt: skip
KEY = {"id": "k", "name": "Ada", "sha256": "76bc", "created": "2026"}


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, but for the library's id, which each copy has of its own."""
    tables = metadata.sorted_tables
    rows = {table.name: sorted(map(tuple, database.rows(select(table))), key=repr) for table in tables}
    rows["meta"] = [row for row in rows["meta"] if row[0] != "library"]
    return rows


@pytest.fixture(params=["sqlite", "postgres"])
def source(request: pytest.FixtureRequest) -> str | None:
    """The URL of the database of the library that is backed up; None for SQLite."""
    return request.getfixturevalue("postgres_url") if request.param == "postgres" else None


@pytest.fixture(params=["sqlite", "postgres"])
def target(request: pytest.FixtureRequest) -> str | None:
    """The URL of the database that is restored to; None for SQLite."""
    return request.getfixturevalue("other_postgres_url") if request.param == "postgres" else None


@pytest.fixture
def saved(open_library: Open, reports: list[RawDocument], tmp_path: Path) -> Path:
    """A backup of a SQLite library with two documents."""
    with open_library() as library:
        library.ingest(reports[:2])
    backup(tmp_path / "data" / "library.sqlite3", tmp_path / "saved")
    return tmp_path / "saved"


def test_everything_moves_and_answers_the_same(
    open_library: Open, answers: Answers, reports: list[RawDocument], tmp_path: Path, source: str | None,
    target: str | None,
) -> None:  # fmt: skip
    file = Original.of(bytes(range(256)) * 3000)
    reports = [*reports[:4], replace(reports[4], original=file)]
    with open_library(database_url=source) as library:
        library.ingest(reports)
        library.remove(reports[0].name)
        with library.database.transaction() as connection:
            for table, row in ((conversations, TALK), (messages, ASKED), (feedback, RATED), (api_keys, KEY)):
                connection.execute(insert(table), row)
        before = [answers(library, question) for question in QUESTIONS]
        rows = everything(library.database)
        held = backup(place_of(tmp_path / "data", source), tmp_path / "saved")  # while it is open
    assert held == Contents(documents=4, conversations=1, keys=1)
    assert stat.S_IMODE((tmp_path / "saved").stat().st_mode) == 0o600
    assert restore(tmp_path / "saved", tmp_path / "moved", target) == held
    with open_library(tmp_path / "moved", database_url=target) as moved:
        assert everything(moved.database) == rows
        assert [answers(moved, question) for question in QUESTIONS] == before
        assert moved.ingest(reports).added == [reports[0].name]
    assert not [path for path in tmp_path.rglob("*") if ".part" in path.name]


def test_nobody_else_can_read_a_backup_while_it_is_made(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a while, and holds conversations."""
    modes: list[int] = []

    def noting(call: Callable[..., Any], at: int) -> Callable[..., None]:
        def noted(*arguments: Any) -> None:
            call(*arguments)
            modes.append(stat.S_IMODE(arguments[at].stat().st_mode))

        return noted

    monkeypatch.setattr(Database, "write_copy", noting(Database.write_copy, 1))
    monkeypatch.setattr(shutil, "copyfile", noting(shutil.copyfile, 1))
    before = os.umask(0)
    try:
        backup(tmp_path / "data" / "library.sqlite3", tmp_path / "again")
        restore(saved, tmp_path / "moved")
    finally:
        os.umask(before)
    assert modes == [0o600, 0o600]
    assert stat.S_IMODE((tmp_path / "moved" / "library.sqlite3").stat().st_mode) == 0o600


def test_a_server_commits_while_a_backup_is_compacted(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That takes many seconds of a large library, and a commit has four: answers would be lost."""
    library = tmp_path / "data" / "library.sqlite3"
    write_copy = Database.write_copy

    def compacting(copied: Database, file: Path) -> None:
        with copied.read() as reading:  # as VACUUM does, all the time
            reading.execute(select(conversations.c.id)).all()
            with Database(library) as server, server.transaction() as connection:
                connection.execute(insert(conversations), TALK)
        write_copy(copied, file)

    monkeypatch.setattr("vectorstore.storage.backends._BUSY_SECONDS", 0.2)
    monkeypatch.setattr(Database, "write_copy", compacting)
    assert backup(library, tmp_path / "again") == Contents(documents=2, conversations=0, keys=0)
    with Database(library) as server:
        assert [row.id for row in server.rows(select(conversations.c.id))] == ["c"]


def test_nothing_is_lost_without_replace(open_library: Open, saved: Path, tmp_path: Path, target: str | None) -> None:
    other = RawDocument.of("other.txt", "The council planted 300 trees.")
    with open_library(tmp_path / "other", database_url=target) as library:
        library.ingest([other])
        with pytest.raises(LibraryLocked):
            restore(saved, tmp_path / "other", target, replace=True)
    with pytest.raises(LibraryError, match=r"holds 1 documents, 0 conversations.*--replace"):
        restore(saved, tmp_path / "other", target)
    with open_library(tmp_path / "other", database_url=target) as library:
        assert [info.name for info in library.documents()] == ["other.txt"]
    restore(saved, tmp_path / "other", target, replace=True)
    with open_library(tmp_path / "other", database_url=target) as library:
        assert len(library.documents()) == 2


def test_a_copy_leaves_the_original_its_index_on_a_chroma_server(
    open_library: Open, answers: Answers, reports: list[RawDocument], tmp_path: Path, chroma_server: str,
    target: str | None,
) -> None:  # fmt: skip
    with open_library(chroma_url=chroma_server) as library:
        library.ingest(reports[:2])
        before = [answers(library, question) for question in QUESTIONS]
        backup(tmp_path / "data" / "library.sqlite3", tmp_path / "saved")
        restore(tmp_path / "saved", tmp_path / "copy", target)
        for _ in range(2):
            with open_library(tmp_path / "copy", database_url=target, chroma_url=chroma_server) as copied:
                assert [answers(copied, question) for question in QUESTIONS] == before
                ids = library._catalog.library_id, copied._catalog.library_id
            assert ids[0] != ids[1]
            assert library._dense._collection.count() == library._catalog.count()
            restore(tmp_path / "saved", tmp_path / "copy", target, replace=True)  # it keeps its own id
            with Database(place_of(tmp_path / "copy", target)) as database:
                assert Catalog(database).library_id == ids[1]


def test_a_damaged_library_can_be_replaced(open_library: Open, saved: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "library.sqlite3").write_bytes(b"nonsense" * 1000)
    (tmp_path / "data" / "library.sqlite3-journal").write_bytes(b"of the old file")
    with pytest.raises(LibraryBroken):
        restore(saved, tmp_path / "data")
    restore(saved, tmp_path / "data", replace=True)
    with open_library() as library:
        assert len(library.documents()) == 2


def damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "a row":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE passages SET text = text || 'x' WHERE id = (SELECT max(id) FROM passages)")
            connection.commit()
    elif how == "of a newer version":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
    else:
        path.write_bytes({"cut off": data[: len(data) // 2], "empty": b"", "something else": b"text" * 2000}[how])


@pytest.mark.parametrize("how", ["cut off", "empty", "something else", "a row", "of a newer version"])
def test_what_is_no_whole_backup_is_refused(
    open_library: Open, saved: Path, tmp_path: Path, target: str | None, how: str
) -> None:
    damage(saved, how)
    with pytest.raises(LibraryBroken, match=r"saved|checksum"):
        restore(saved, tmp_path / "data" if target is None else tmp_path / "new", target, replace=True)
    if target is None:
        with open_library() as library:
            assert len(library.documents()) == 2
    assert not [path for path in tmp_path.rglob("*") if ".part" in path.name]


@pytest.mark.parametrize("dump", ["version_1.sql", "version_2.sql"])
def test_a_backup_of_an_earlier_version_is_migrated_and_stays_as_it_is(
    tmp_path: Path, dump: str, target: str | None
) -> None:
    with closing(sqlite3.connect(tmp_path / "old")) as connection:
        connection.executescript((DATA / dump).read_text("utf-8"))
    before = (tmp_path / "old").read_bytes()
    assert restore(tmp_path / "old", tmp_path / "data", target) == Contents(documents=2, conversations=1, keys=1)
    assert (tmp_path / "old").read_bytes() == before
    with Database(place_of(tmp_path / "data", target)) as database:
        assert [row.id for row in database.rows(select(api_keys.c.id))] == ["7d6e995d"]


def test_what_is_there_is_never_written_over(saved: Path, tmp_path: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(LibraryError, match="exists already"):
        backup(tmp_path / "data" / "library.sqlite3", saved)
    assert saved.read_bytes() == before


def test_nowhere_and_nothing(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="there is no library"):
        backup(tmp_path / "nowhere" / "library.sqlite3", tmp_path / "new")
    with pytest.raises(LibraryError, match="there is no backup"):
        restore(tmp_path / "nowhere", tmp_path / "data")
    with pytest.raises(LibraryError, match=r"unable to open|can't be written"):
        backup(tmp_path / "data" / "library.sqlite3", tmp_path / "no folder" / "new")


def test_a_damaged_row_is_not_backed_up_in_silence(saved: Path, postgres_url: str, tmp_path: Path) -> None:
    restore(saved, tmp_path / "moved", postgres_url)
    with Database(postgres_url) as database, database.transaction() as connection:
        connection.execute(text("UPDATE texts SET text = text || 'x'"))
        connection.execute(delete(api_keys))
    with pytest.raises(LibraryBroken, match="checksum"):
        backup(postgres_url, tmp_path / "again")
    assert not (tmp_path / "again").exists()
