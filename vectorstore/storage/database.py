"""The SQLite file under the catalogue: connections, transactions, and the check that it is ours and whole."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from vectorstore.errors import LibraryBroken, LibraryError, LibraryUnavailable, storage_error
from vectorstore.storage.migrations import migrate

APPLICATION_ID = 0x52505141
"""Marks the file as ours in SQLite's header ("RPQA")."""

Connection = sqlite3.Connection

_BUSY_SECONDS = 4.0  # that a lock is waited for; a person hears of it within five
_LARGE = 256 * 2**20  # bytes; half a second's reading
_DAMAGED = ("malformed", "not a database", "corrupt", "unsupported file format", "decode to UTF-8")


class Database:
    """One SQLite file, shared by threads: one writer at a time, and readers that see only what is committed.

    The journal is SQLite's rollback journal (its write-ahead log had a corrupting bug until 3.51.3), written through to
    the disk at each commit. Every ``sqlite3.Error`` that leaves a ``with`` block below has become a ``LibraryError``.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or create it, with all tables of this version (see ``migrations``).

        Raises:
            LibraryBroken: it is damaged, another program's, a newer version's, or not a database at all.
            LibraryError: it can't be opened or written.
        """
        self.path = path
        self._writer_lock = threading.RLock()
        self._pool_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._mine = threading.local()  # .writing, .reading: this thread's open connections
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _keep_private(path)
        except OSError as error:
            raise LibraryError(f"the data directory {path.parent} can't be made: {error.strerror}") from error
        with self._translated():
            self._writer = self._connect()
            try:
                self._claim(self._writer)
                migrate(self._writer, path)
            except BaseException:
                self._writer.close()
                raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _claim(self, connection: sqlite3.Connection) -> None:
        """Mark a new file as ours, and check one that was there."""
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if owner == 0 and empty:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        elif owner != APPLICATION_ID:
            raise LibraryBroken(
                f"{self.path} is a database of another program (application id {owner:#x}); "
                "choose another data directory, or move that file away"
            )

    def check(self, tables: Sequence[str] = ()) -> None:
        """Walk through the whole file, tables and indexes; of a large one only through ``tables`` and their indexes.

        Raises:
            LibraryBroken: it is damaged.
        """
        large = self.path.stat().st_size > _LARGE
        checks = [f"PRAGMA integrity_check({table})" for table in tables] if large else ["PRAGMA integrity_check(3)"]
        with self.read() as connection:
            problems = [row[0] for check in checks for row in connection.execute(check) if row[0] != "ok"]
        if problems:
            raise self._broken("; ".join(problems[:3]))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for writing; all of the block is committed at its end, or none of it.

        Inside another ``transaction`` of the same thread it is a part of that one.
        """
        if getattr(self._mine, "writing", False):
            yield self._writer
            return
        if getattr(self._mine, "reading", None) is not None:
            raise RuntimeError("a transaction can't begin inside read(): its commit would wait for that read")
        with self._only_writer() as waited, self._translated():
            self._check_open()
            left = max(0.2, _BUSY_SECONDS - waited)
            self._writer.execute(f"PRAGMA busy_timeout = {round(left * 1000)}")
            self._writer.execute("BEGIN IMMEDIATE")
            self._mine.writing = True
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            finally:
                self._mine.writing = False

    @contextmanager
    def _only_writer(self) -> Iterator[float]:
        """Hold the lock of the one writer; give the seconds that it took to get."""
        began = time.monotonic()
        if not self._writer_lock.acquire(timeout=_BUSY_SECONDS):
            raise LibraryUnavailable(f"{self.path}: another change has not ended for {_BUSY_SECONDS:g} s; try again")
        try:
            yield time.monotonic() - began
        finally:
            self._writer_lock.release()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection for reading; all of the block sees one state of the database.

        Inside a ``transaction`` of the same thread it sees that one's changes.
        """
        held = self._writer if getattr(self._mine, "writing", False) else getattr(self._mine, "reading", None)
        if held is not None:
            yield held
            return
        with self._translated():
            connection = self._borrow()
            self._mine.reading = connection
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._mine.reading = None
                self._give_back(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._pool_lock:
            self._check_open()
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        with self._pool_lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise LibraryError(f"{self.path} has been closed")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if any(word in str(error) for word in _DAMAGED):
                raise self._broken(str(error)) from error
            raise storage_error(str(error))(
                f"{self.path}: {error}; see whether its disk is full or read-only"
            ) from error
        except UnicodeDecodeError as error:
            raise self._broken(str(error)) from error
        except sqlite3.Error as error:
            raise LibraryError(f"{self.path}: {error}") from error

    def _broken(self, why: str) -> LibraryBroken:
        return LibraryBroken(
            f"{self.path} is damaged ({why}); restore it from a backup, or move it away and ingest the documents again"
        )

    def close(self) -> None:
        """Close all connections. Calling it again does nothing."""
        with self._writer_lock, self._pool_lock:
            self._closed = True
            self._writer.close()
            while self._idle:
                self._idle.pop().close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _keep_private(path: Path) -> None:
    """Make a new file, and one that others may read, their owner's alone: it holds conversations.

    One that is there is not opened for this: closing it would release the locks of SQLite's other connections.
    """
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    elif path.is_file() and path.stat().st_mode & 0o077:
        with suppress(PermissionError):  # another user's, who has decided who reads it
            path.chmod(0o600)
