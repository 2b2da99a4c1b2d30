"""Where tables are kept: a SQLite file or a Postgres database. What differs between the two is in here alone.

Each backend opens connections that keep a commit for good, says what is wrong when one fails, and what is damaged.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, OperationalError, SQLAlchemyError, StatementError

from vectorstore.errors import LibraryBroken, LibraryError, LibraryLocked, LibraryUnavailable, storage_error

APPLICATION_ID = 0x52505141
"""Marks a SQLite file as ours in its header, and the locks of a Postgres database ("RPQA")."""

_OWNER_SECONDS = 3.0
"""For the session of an owner that was killed to end: the server hears of it a moment later."""
_BUSY_SECONDS = 4.0  # that a lock of another program is waited for; a person hears of it within five
_QUEUE_SECONDS = 15.0  # that a thread waits for those before it, which end: its answer would be lost otherwise
_LEFT_SECONDS = 0.05  # for another program's lock, when all time went to that
_CONNECT_SECONDS = 10
_IDLE_SECONDS = 5.0
_SPILLED_PAGES = 65_536  # (256 MB) that a transaction may change until SQLite writes some of them and shuts readers out
_LARGE = 256 * 2**20  # bytes; half a second's reading
_DAMAGED = ("malformed", "not a database", "corrupt", "unsupported file format", "decode to UTF-8")
_OWNER, _MIGRATION, _CHANGE = 1, 2, 3  # locks of a Postgres database, beside APPLICATION_ID
_KEEPALIVE = {"idle": 10, "interval": 5, "count": 3}
"""Seconds, seconds and times after which Postgres and a process here give each other up, where a machine or the way to
it is gone without a word: else a question would wait for hours, and so would whoever needs a lock of the lost one."""
_UNANSWERED_MS = 25_000  # the same for what was sent and never acknowledged


class Backend(ABC):
    """A kind of database; ``engine`` is its pool of connections."""

    name: str
    """For people, without a password."""
    engine: Engine
    writer_lock: AbstractContextManager[Any]
    """What the threads of this process take before they write."""
    one_statement: ClassVar[dict[str, Any]]
    """Execution options: a statement by itself, without a transaction around it."""
    reading: ClassVar[dict[str, Any]]
    """A transaction that sees one state."""
    writing: ClassVar[dict[str, Any]]
    """A transaction that may write."""

    @abstractmethod
    def claim(self, connection: Connection) -> None:
        """Mark a new database as ours, and check one that was there, before anything is written.

        Raises:
            LibraryBroken: it is another program's, or of another encoding.
        """

    @abstractmethod
    def before_migration(self, connection: Connection) -> None:
        """Keep other processes out until the transaction ends, and see that nothing damaged is changed.

        Raises:
            LibraryBroken: it is damaged.
        """

    @abstractmethod
    def check(self, connection: Connection, tables: Sequence[str]) -> None:
        """Look for damage in everything, or, if that would take long, in ``tables``.

        Raises:
            LibraryBroken: it is damaged.
        """

    @abstractmethod
    def own(self, shared: bool = False) -> None:
        """Own the database until ``close``, alone or with others that share it.

        Raises:
            LibraryLocked: another process owns it, or others share it and this one doesn't.
        """

    @abstractmethod
    def changing(self) -> AbstractContextManager[None]:
        """Wait until no other process changes the library, and keep them from it in the block; not reentrant.

        Raises:
            LibraryLocked: this one owned it, has lost it since, and another owns it now.
        """

    @abstractmethod
    def one_at_a_time(self, connection: Connection, what: str) -> None:
        """Wait until no other transaction that named ``what`` is open; others wait until this one ends."""

    @abstractmethod
    def translated(self, error: SQLAlchemyError | UnicodeDecodeError) -> LibraryError:
        """Return our own error for one of a connection."""

    @contextmanager
    def translating(self) -> Iterator[None]:
        """Raise our own error for every one of SQLAlchemy that leaves the block."""
        try:
            yield
        except (SQLAlchemyError, UnicodeDecodeError) as error:
            raise self.translated(error) from error

    def broken(self, why: str) -> LibraryBroken:
        """Return the error for damage."""
        return LibraryBroken(
            f"{self.name} is damaged ({why}); restore it from a backup, or move it away and ingest the documents again"
        )

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.engine.dispose()


class SQLite(Backend):
    """A file, written by one process at a time; readers see only what is committed.

    The journal is SQLite's rollback journal (its write-ahead log had a corrupting bug until 3.51.3), written through to
    the disk at each commit.
    """

    one_statement: ClassVar[dict[str, Any]] = {"begin": None}
    reading: ClassVar[dict[str, Any]] = {"begin": "BEGIN"}
    writing: ClassVar[dict[str, Any]] = {"begin": "BEGIN IMMEDIATE"}

    def __init__(self, path: Path) -> None:
        """Open nothing yet, but make the directory.

        Raises:
            LibraryError: the directory can't be made.
        """
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _keep_private(path)
        except OSError as error:
            raise LibraryError(f"the data directory {path.parent} can't be made: {error.strerror}") from error
        self.name = str(path)
        self.writer_lock = self._lock = _WriterLock(self.name)
        self._path = path
        self.engine = create_engine(
            URL.create("sqlite", database=str(path.absolute())),
            connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None, "check_same_thread": False},
            poolclass=QueuePool,
            pool_size=0,  # no limit: a connection for each thread that reads
            hide_parameters=True,
        )
        event.listen(self.engine, "connect", _durable)
        event.listen(self.engine, "begin", self._begin)

    def _begin(self, connection: Connection) -> None:
        statement = connection.get_execution_options().get("begin")
        if statement == self.writing["begin"]:
            self._begin_writing(connection, statement)
        elif statement:
            connection.exec_driver_sql(statement)

    def _begin_writing(self, connection: Connection, statement: str) -> None:
        """Wait for other processes' locks as long as other threads left time for it.

        The commit, which waits for those who read, and whoever has the connection next get all of it again.
        """
        _wait(connection, self._lock.left)
        try:
            connection.exec_driver_sql(statement)
        finally:
            _wait(connection, _BUSY_SECONDS)

    def claim(self, connection: Connection) -> None:
        owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        empty = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one() == 0
        if owner == 0 and empty:
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        elif owner != APPLICATION_ID:
            raise LibraryBroken(
                f"{self.name} is a database of another program (application id {owner:#x}); "
                "choose another data directory, or move that file away"
            )

    def before_migration(self, connection: Connection) -> None:
        problem = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        if problem != "ok":
            raise self.broken(problem)

    def check(self, connection: Connection, tables: Sequence[str]) -> None:
        large = self._path.stat().st_size > _LARGE
        checks = [f"PRAGMA integrity_check({name})" for name in tables] if large else ["PRAGMA integrity_check(3)"]
        found = [row[0] for check in checks for row in connection.exec_driver_sql(check)]
        problems = [problem for problem in found if problem != "ok"]
        if problems:
            raise self.broken("; ".join(problems[:3]))

    def own(self, shared: bool = False) -> None:
        """The lock of the data directory (``lock``) does it, and lets nobody share."""

    def changing(self) -> AbstractContextManager[None]:
        """Return a block that waits for nobody: there is no other process."""
        return nullcontext()

    def one_at_a_time(self, connection: Connection, what: str) -> None:
        """All transactions that write are one at a time."""

    def translated(self, error: SQLAlchemyError | UnicodeDecodeError) -> LibraryError:
        reason = _reason(error)
        if isinstance(error, UnicodeDecodeError) or any(word in reason for word in _DAMAGED):
            return self.broken(reason)
        return storage_error(reason)(f"{self.name}: {reason}; see whether its disk is full or read-only")


class _WriterLock:
    """The lock of the one writer, whom nobody awaits for longer than ``_QUEUE_SECONDS``."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.RLock()
        self.left = _BUSY_SECONDS
        """Seconds that its holder may still wait."""

    def __enter__(self) -> None:
        began = time.monotonic()
        if not self._lock.acquire(timeout=_QUEUE_SECONDS):
            raise LibraryUnavailable(f"{self._name}: another change has not ended for {_QUEUE_SECONDS:g} s; try again")
        self.left = max(_LEFT_SECONDS, _BUSY_SECONDS - (time.monotonic() - began))

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _keep_private(path: Path) -> None:
    """Make a new file, and one that others may read, their owner's alone: it holds conversations.

    One that is there is not opened for this: closing it would release the locks of SQLite's other connections.
    """
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    elif path.is_file() and path.stat().st_mode & 0o077:
        with suppress(PermissionError):  # another user's, who has decided who reads it
            path.chmod(0o600)


class Postgres(Backend):
    """A Postgres database, shared by processes: each row has one writer at a time, and nobody waits to read."""

    one_statement: ClassVar[dict[str, Any]] = {"isolation_level": "AUTOCOMMIT"}
    reading: ClassVar[dict[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    writing: ClassVar[dict[str, Any]] = {"isolation_level": "READ COMMITTED"}

    def __init__(self, url: str) -> None:
        """Open nothing yet.

        Args:
            url: ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``.

        Raises:
            LibraryError: it is no such URL, or psycopg is not installed.
        """
        parsed = _postgres_url(url)
        if find_spec("psycopg") is None:
            raise LibraryError("Postgres needs psycopg; install it with `pip install 'report-qa[postgres]'`")
        self.name = parsed.set(drivername="postgresql").render_as_string(hide_password=True)
        self.writer_lock = nullcontext()
        self._owned: Connection | None = None
        self._wanted: bool | None = None  # whether ``own`` was to share it; None where it was not called
        self._owning = threading.Lock()
        patience = {f"keepalives_{name}": value for name, value in _KEEPALIVE.items()}
        patience |= {"connect_timeout": _CONNECT_SECONDS, "tcp_user_timeout": _UNANSWERED_MS}
        self.engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            connect_args={
                **{name: value for name, value in patience.items() if name not in parsed.query},
                "client_encoding": "utf8",
                "application_name": "report-qa",
            },
            pool_size=16,
            max_overflow=-1,
            hide_parameters=True,
        )
        event.listen(self.engine, "connect", _keep_alive)
        event.listen(self.engine, "checkin", _note_use)
        event.listen(self.engine, "checkout", self._refuse_dead)

    def claim(self, connection: Connection) -> None:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise LibraryBroken(
                f"{self.name} is in the encoding {encoding}; "
                "create the database with ENCODING 'UTF8' TEMPLATE template0"
            )

    def before_migration(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPLICATION_ID}, {_MIGRATION})")

    def check(self, connection: Connection, tables: Sequence[str]) -> None:
        """Postgres keeps checksums itself, and each row of a document has one of ours."""

    def _refuse_dead(self, connection: Any, record: Any, _: object) -> None:
        """Ask a connection that was idle for a while whether it still works; another round trip each time is too much.

        Raises:
            DisconnectionError: it doesn't, and SQLAlchemy makes another.
        """
        if time.monotonic() - record.info.get("used", time.monotonic()) > _IDLE_SECONDS:
            try:
                self.engine.dialect.do_ping(connection)
            except Exception as error:  # whatever psycopg says of it
                raise DisconnectionError from error

    def own(self, shared: bool = False) -> None:
        self._wanted = shared
        connection = self.engine.connect().execution_options(**self.one_statement)
        self._disown()
        lock = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
        until = time.monotonic() + _OWNER_SECONDS
        while not connection.exec_driver_sql(f"SELECT {lock}({APPLICATION_ID}, {_OWNER})").scalar_one():
            if time.monotonic() < until:
                time.sleep(0.1)
                continue
            connection.close()
            why = "alone" if shared else "or by several"
            raise LibraryLocked(
                f"the library in {self.name} is in use by another process, {why}; wait for it, end it, "
                "or choose another database"
            )
        self._owned = connection

    def _keep_owning(self) -> None:
        """Own the database again where the session that did is gone, as after a restart of the server.

        Raises:
            LibraryLocked: another process owns it by now.
        """
        with self._owning:
            if self._wanted is None:
                return
            with suppress(SQLAlchemyError):
                if self._owned is not None:
                    self._owned.exec_driver_sql("SELECT 1")
                    return
            self.own(self._wanted)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold a lock that ends with the transaction, and so with this process, or soon after with its machine."""
        with self.translating():
            self._keep_owning()
        with self.translating(), self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPLICATION_ID}, {_CHANGE})")
            yield

    def one_at_a_time(self, connection: Connection, what: str) -> None:
        """Hold a lock of one number of 64 bits, which no pair of 32 can be: those above are such pairs."""
        number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], signed=True)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({number})")

    def _disown(self) -> None:
        if self._owned is not None:
            with suppress(SQLAlchemyError):  # at once: whoever comes next need not wait for the session's end
                self._owned.exec_driver_sql("SELECT pg_advisory_unlock_all()")
            self._owned.invalidate()  # ends the session, and so its lock
            self._owned.close()
            self._owned = None

    def translated(self, error: SQLAlchemyError | UnicodeDecodeError) -> LibraryError:
        advice = "see whether Postgres runs there and lets this user in"
        reason = _reason(error)
        if isinstance(error, OperationalError):
            return storage_error(reason)(f"{self.name}: {reason}; {advice}")
        return LibraryError(f"{self.name}: {reason}")

    def close(self) -> None:
        self._disown()
        super().close()


def backend_of(place: Path | str) -> Backend:
    """Return the backend of a SQLite file (a path) or of a Postgres database (a URL).

    Raises:
        LibraryError: there is no such backend.
    """
    return SQLite(place) if isinstance(place, Path) else Postgres(place)


def _postgres_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername.split("+")[0] not in ("postgresql", "postgres"):
        kind = url.split(":", 1)[0][:32]
        raise LibraryError(
            f"a database's URL begins with postgresql:// and not with {kind!r}; set QA_DATABASE_URL to "
            "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or leave it out for SQLite in the data directory"
        )
    return parsed


def _wait(connection: Connection, seconds: float) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


def _durable(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_spill = {_SPILLED_PAGES}")


def _keep_alive(connection: Any, _: object) -> None:
    """Let the server, too, find out that this machine is gone."""
    settings = ", ".join(f"set_config('tcp_keepalives_{name}', '{value}', false)" for name, value in _KEEPALIVE.items())
    connection.execute(f"SELECT {settings}")
    connection.commit()


def _note_use(_: object, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _reason(error: SQLAlchemyError | UnicodeDecodeError) -> str:
    """Return what the database said, in one line, without the statement."""
    inner = error.orig if isinstance(error, StatementError) and error.orig is not None else error
    return " ".join(str(inner).split())
