"""Transactions, readers, and errors of the SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from vectorstore.errors import LibraryBroken, LibraryError
from vectorstore.storage.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "deep" / "test.sqlite3") as database:
        with database.transaction() as connection:
            connection.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)")
        yield database


def values(database: Database) -> list[int]:
    with database.read() as connection:
        return [row[0] for row in connection.execute("SELECT x FROM t ORDER BY x")]


def test_the_journal_is_safe_here(database: Database) -> None:
    """SQLite before 3.51.3 can corrupt a database in write-ahead-log mode."""
    for block in (database.read, database.transaction):
        with block() as connection:
            pragmas = {
                name: connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert pragmas == {"journal_mode": "delete", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_all_or_nothing(database: Database) -> None:
    with suppress(KeyError), database.transaction() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        raise KeyError
    assert values(database) == []
    with database.transaction() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
    assert values(database) == [1]


def test_a_transaction_inside_one_is_part_of_it(database: Database) -> None:
    with suppress(KeyError), database.transaction() as connection:
        with database.transaction() as inner:
            inner.execute("INSERT INTO t VALUES (1)")
        assert values(database) == [1]  # a read inside sees it
        assert connection is inner
        raise KeyError
    assert values(database) == []


def test_a_transaction_inside_a_read_is_refused(database: Database) -> None:
    with database.read(), pytest.raises(RuntimeError, match="inside read"), database.transaction():
        pass
    with database.transaction() as connection:
        connection.execute("INSERT INTO t VALUES (1)")


def test_a_reader_sees_one_state(database: Database) -> None:
    begun, written = threading.Event(), threading.Event()

    def write() -> None:
        begun.wait(10)
        with database.transaction() as connection:
            connection.execute("INSERT INTO t VALUES (1)")
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    with database.read() as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
        begun.set()
        assert written.wait(10)  # written, and not committed while somebody reads
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    writer.join()
    assert values(database) == [1]


def test_threads_write_one_after_the_other(database: Database) -> None:
    def write(start: int) -> None:
        for x in range(start, start + 10):
            with database.transaction() as connection:
                connection.execute("INSERT INTO t VALUES (?)", (x,))

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values(database) == list(range(30))


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.Error("x"),
        sqlite3.DatabaseError("x"),
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.IntegrityError("x"),
        sqlite3.InterfaceError("x"),
        sqlite3.InternalError("x"),
        sqlite3.ProgrammingError("x"),
        sqlite3.NotSupportedError("x"),
        sqlite3.DataError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_sqlite_error_gets_out(database: Database, error: sqlite3.Error) -> None:
    for block in (database.read, database.transaction):
        with pytest.raises(LibraryError, match=r"test\.sqlite3") as caught, block():
            raise error
        assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "message",
    ["database disk image is malformed", "file is not a database", "Could not decode to UTF-8 column 'x'"],
)
def test_damage_is_told_from_other_failures(database: Database, message: str) -> None:
    with pytest.raises(LibraryBroken, match="restore it from a backup"), database.read():
        raise sqlite3.DatabaseError(message)


def test_a_closed_database_says_so(database: Database) -> None:
    database.close()
    database.close()
    for block in (database.read, database.transaction):
        with pytest.raises(LibraryError, match="closed"), block():
            pass


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="unable to open"):
        Database(tmp_path)
