"""The contract of a database, on SQLite and on Postgres: transactions, readers, errors."""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import exc

from vectorstore.errors import LibraryBroken, LibraryError, LibraryLocked
from vectorstore.storage.database import Database
from vectorstore.storage.tables import api_keys, insert, select, text


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    with Database(place) as database:
        yield database


def row(x: int) -> dict[str, str]:
    return {"id": f"{x:03}", "name": "", "sha256": "", "created": ""}


ADD = insert(api_keys)
ALL = select(api_keys.c.id).order_by(api_keys.c.id)


def values(database: Database) -> list[int]:
    return [int(found.id) for found in database.rows(ALL)]


def test_the_journal_is_safe_here(tmp_path: Path) -> None:
    """SQLite before 3.51.3 can corrupt a database in write-ahead-log mode."""
    with Database(tmp_path / "library.sqlite3") as database:
        for block in (database.read, database.transaction):
            with block() as connection:
                pragmas = {
                    name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
                    for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
                }
            assert 3_000 < pragmas.pop("busy_timeout") <= 4_000
            assert pragmas == {"journal_mode": "delete", "synchronous": 2, "foreign_keys": 1}


def test_all_or_nothing(database: Database) -> None:
    with suppress(KeyError), database.transaction() as connection:
        connection.execute(ADD, row(1))
        raise KeyError
    assert values(database) == []
    with database.transaction() as connection:
        connection.execute(ADD, row(1))
    assert values(database) == [1]


def test_a_transaction_inside_one_is_part_of_it(database: Database) -> None:
    with suppress(KeyError), database.transaction() as connection:
        with database.transaction() as inner:
            inner.execute(ADD, row(1))
        assert values(database) == [1]  # a read inside sees it
        with database.read() as reading:
            assert reading is connection is inner
        raise KeyError
    assert values(database) == []


def test_a_transaction_inside_a_read_is_refused(database: Database) -> None:
    with database.read(), pytest.raises(RuntimeError, match="inside read"), database.transaction():
        pass
    with database.transaction() as connection:
        connection.execute(ADD, row(1))


def test_a_reader_sees_one_state(database: Database) -> None:
    begun, written = threading.Event(), threading.Event()

    def write() -> None:
        begun.wait(10)
        with database.transaction() as connection:
            connection.execute(ADD, row(1))
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    with database.read() as connection:
        assert connection.execute(ALL).all() == []
        begun.set()
        assert written.wait(10)
        if connection.dialect.name == "postgresql":
            writer.join()  # committed while somebody reads; on SQLite the commit waits until nobody does
        assert connection.execute(ALL).all() == []
        assert values(database) == []
    writer.join()
    assert values(database) == [1]


def test_a_reader_can_not_write(postgres_url: str) -> None:
    with (
        Database(postgres_url) as database,
        pytest.raises(LibraryError, match="read-only"),
        database.read() as connection,
    ):
        connection.execute(ADD, row(1))


def test_threads_write_beside_each_other(database: Database) -> None:
    def write(start: int) -> None:
        for x in range(start, start + 10):
            with database.transaction() as connection:
                connection.execute(ADD, row(x))

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values(database) == list(range(30))


def test_who_reads_waits_also_after_a_writer_that_waited_long(tmp_path: Path) -> None:
    """On SQLite they use the same connections, one after the other."""
    with Database(tmp_path / "library.sqlite3") as database:
        begun = threading.Event()

        def hold() -> None:
            with database.transaction():
                begun.set()
                time.sleep(4.1)

        with ThreadPoolExecutor(1) as pool:
            held = pool.submit(hold)
            assert begun.wait(10)
            with database.transaction() as connection:
                connection.execute(ADD, row(1))
            held.result()
            other = sqlite3.connect(tmp_path / "library.sqlite3", isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")
            found = pool.submit(values, database)
            time.sleep(0.5)
            other.close()
            assert found.result() == [1]


def test_a_commit_waits_for_who_reads_also_after_a_long_wait(database: Database) -> None:
    with ThreadPoolExecutor(2) as pool:
        begun, reading, written = threading.Event(), threading.Event(), threading.Event()

        def hold() -> None:
            with database.transaction():
                begun.set()
                time.sleep(4.1)

        def write() -> None:
            with database.transaction() as connection:
                connection.execute(ADD, row(1))
                written.set()
                assert reading.wait(10)

        held = pool.submit(hold)
        assert begun.wait(10)
        wrote = pool.submit(write)
        held.result()
        assert written.wait(10)
        with database.read() as connection:
            assert connection.execute(ALL).all() == []
            reading.set()
            time.sleep(0.5)
        wrote.result()
        assert values(database) == [1]


def test_a_large_transaction_shuts_nobody_out_before_its_end(database: Database) -> None:
    with database.transaction() as connection, ThreadPoolExecutor(1) as pool:
        for x in range(8):
            connection.execute(ADD, {**row(x), "name": "x" * 2**20})
        assert pool.submit(values, database).result() == []
    assert values(database) == list(range(8))


def errors(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(errors(below) for below in kind.__subclasses__()))


def example(kind: type[Exception]) -> Exception:
    """An error of a kind; each has other arguments."""
    for arguments in (("x",), ("x", None, Exception("y")), ("x", [], []), ("x", "y"), ("x", None, None, None)):
        with suppress(TypeError, AttributeError):
            return kind(*arguments)
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", sorted(errors(exc.SQLAlchemyError), key=lambda kind: kind.__name__))
def test_no_error_of_sqlalchemy_gets_out(tmp_path: Path, kind: type[Exception]) -> None:
    error = example(kind)
    with Database(tmp_path / "test.sqlite3") as database:
        for block in (database.read, database.transaction):
            with pytest.raises(LibraryError, match=r"test\.sqlite3") as caught, block():
                raise error
            assert caught.value.__cause__ is error


def test_an_error_says_what_the_database_said_and_nothing_else(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(ADD, row(1))
    with pytest.raises(LibraryError, match=r"(?i)unique") as caught, database.transaction() as connection:
        connection.execute(ADD, {**row(1), "sha256": "a secret"})
    assert database.name in str(caught.value)
    for part in ("INSERT", "sqlalche.me", "a secret"):
        assert part not in str(caught.value)
    assert values(database) == [1]


@pytest.mark.parametrize(
    "message",
    ["database disk image is malformed", "file is not a database", "Could not decode to UTF-8 column 'x'"],
)
def test_damage_is_told_from_other_failures(tmp_path: Path, message: str) -> None:
    with (
        Database(tmp_path / "library.sqlite3") as database,
        pytest.raises(LibraryBroken, match="restore it from a backup"),
        database.read(),
    ):
        raise exc.DatabaseError("SELECT", None, Exception(message))


def test_a_closed_database_says_so(database: Database) -> None:
    database.close()
    database.close()
    for block in (database.read, database.transaction):
        with pytest.raises(LibraryError, match="closed"), block():
            pass
    with pytest.raises(LibraryError, match="closed"):
        database.rows(ALL)


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="unable to open"):
        Database(tmp_path)


@pytest.mark.parametrize("url", ["mysql://qa@127.0.0.1/qa", "sqlite:///library.sqlite3", "nonsense", "postgresql"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(LibraryError, match="QA_DATABASE_URL"):
        Database(url)


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(LibraryError, match=r"qa:\*\*\*@127\.0\.0\.1:1/reports.*see whether Postgres runs") as caught:
        Database("postgresql://qa:secret@127.0.0.1:1/reports")
    assert "secret" not in str(caught.value)


def test_a_database_of_another_encoding_is_refused(postgres_server: str) -> None:
    from tests.support import postgres

    options = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    postgres.run(postgres_server, f"CREATE DATABASE latin {options}")
    with pytest.raises(LibraryBroken, match=r"LATIN1.*UTF8"):
        Database(f"{postgres_server}latin")
    postgres.run(postgres_server, "DROP DATABASE latin")


def test_a_session_that_the_server_ended_is_replaced(
    postgres_server: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support import postgres

    monkeypatch.setattr("vectorstore.storage.backends._IDLE_SECONDS", 0.0)
    with Database(postgres_url) as database:
        assert values(database) == []
        name = postgres_url.rsplit("/", 1)[1]
        postgres.run(
            postgres_server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        assert values(database) == []


def patience(connection: Any, option: int) -> int:
    """Return an option of the socket of a connection."""
    with socket.socket(fileno=os.dup(connection.connection.driver_connection.fileno())) as ours:
        return ours.getsockopt(socket.IPPROTO_TCP, option)


def test_a_connection_to_or_from_a_machine_that_is_gone_is_given_up(postgres_url: str) -> None:
    """Else a question would wait for two hours, and what a lost machine had locked would stay locked as long."""
    with Database(postgres_url) as database, database.transaction() as connection:
        shown = [connection.execute(text(f"SHOW tcp_keepalives_{name}")).scalar_one() for name in ("idle", "interval")]
        assert shown == ["10", "5"]
        assert patience(connection, socket.TCP_KEEPIDLE) == 10
        assert patience(connection, socket.TCP_USER_TIMEOUT) == 25_000
    with Database(f"{postgres_url}?keepalives_idle=7") as database, database.read() as connection:
        assert patience(connection, socket.TCP_KEEPIDLE) == 7  # who runs the database may know better


def test_one_process_owns_a_postgres_database(postgres_url: str) -> None:
    with Database(postgres_url) as owner, Database(postgres_url) as other:
        owner.own()
        with pytest.raises(LibraryLocked, match="in use by another process"):
            other.own()
        assert values(other) == []  # keys can be made meanwhile
        owner.close()
        other.own()


SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"


def test_an_owner_whose_session_was_lost_owns_again_before_it_changes_anything(postgres_url: str) -> None:
    """As after a restart of Postgres."""
    with Database(postgres_url) as owner, Database(postgres_url) as other:
        owner.own()
        other.rows(text(SESSIONS))
        with owner.changing():
            pass
        with pytest.raises(LibraryLocked, match="in use by another process"):
            other.own()
        other.rows(text(SESSIONS))
        other.own()
        with pytest.raises(LibraryLocked, match="in use by another process"), owner.changing():
            pass
        other.close()
        with owner.changing():
            pass


def test_texts_are_ordered_by_code_points_and_kept_whole(database: Database) -> None:
    names = ["B", "a", "Ä", "Z", "é", "甲", "乙", "𠮷", "_", "~", " x", "\n"]
    with database.transaction() as connection:
        connection.execute(ADD, [{**row(number), "name": name} for number, name in enumerate(names)])
    found = database.rows(select(api_keys.c.name).order_by(api_keys.c.name))
    assert [one.name for one in found] == sorted(names)
