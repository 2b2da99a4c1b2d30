"""The database under the catalogue: transactions and reads, and the check that it is ours and up to date."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vectorstore.errors import LibraryBroken, LibraryError
from vectorstore.storage.backends import APPLICATION_ID, backend_of
from vectorstore.storage.migrations import is_current, migrate
from vectorstore.storage.tables import Connection, Query, Row, text

__all__ = ["APPLICATION_ID", "Connection", "Database"]


class Database:
    """A library's tables, shared by threads; see :mod:`vectorstore.storage.backends` for SQLite and Postgres.

    Every ``SQLAlchemyError`` that leaves a ``with`` block below has become a ``LibraryError``.
    """

    def __init__(self, place: Path | str) -> None:
        """Open the database, or create its tables, and bring them to this version (see ``migrations``).

        Args:
            place: a SQLite file, or the URL of a Postgres database.

        Raises:
            LibraryBroken: it is damaged, another program's, a newer version's, or not a database at all.
            LibraryError: it can't be reached, opened or written.
        """
        self._backend = backend_of(place)
        self.name = self._backend.name
        """Where it is, for people; without a password."""
        self._closed = False
        self._mine = threading.local()  # .connection: this thread's open one; .writing: whether it may write
        try:
            self._prepare()
        except BaseException:
            self._backend.close()
            raise

    def _prepare(self) -> None:
        with self._connected(self._backend.one_statement) as connection:
            self._backend.claim(connection)
            current = is_current(connection, self.name)
        if not current:
            with self.transaction() as connection:
                self._backend.before_migration(connection)
                if not is_current(connection, self.name):  # another process may have done it meanwhile
                    migrate(connection)

    def own(self, shared: bool = False) -> None:
        """Keep other processes from owning the library too, until ``close``; a data directory has its own lock.

        Args:
            shared: let others in that share it as well. Called again, it takes the place of the first.

        Raises:
            LibraryLocked: another process owns it, or others share it and this one doesn't.
            LibraryError: the database failed.
        """
        with self._backend.translating():
            self._backend.own(shared)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Keep other processes from changing the library in the block; inside another of the thread it is a part of it.

        Raises:
            LibraryError: the database failed.
        """
        if getattr(self._mine, "changing", False):
            yield
            return
        with self._backend.changing():
            self._mine.changing = True
            try:
                yield
            finally:
                self._mine.changing = False

    def check(self, tables: Sequence[str] = ()) -> None:
        """Walk through a whole SQLite file, tables and indexes; of a large one only through ``tables`` and theirs.

        Raises:
            LibraryBroken: it is damaged.
        """
        with self.read() as connection:
            self._backend.check(connection, tables)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection for writing; all of the block is committed at its end, or none of it.

        Inside another ``transaction`` of the same thread it is a part of that one. On SQLite there is one at a time; on
        Postgres those that change the same rows wait for each other.
        """
        if getattr(self._mine, "writing", False):
            yield self._mine.connection
            return
        if getattr(self._mine, "connection", None) is not None:
            raise RuntimeError("a transaction can't begin inside read(): its commit would wait for that read")
        with self._backend.writer_lock, self._connected(self._backend.writing) as connection, connection.begin():
            self._mine.connection, self._mine.writing = connection, True
            try:
                yield connection
            finally:
                self._mine.connection, self._mine.writing = None, False

    def one_at_a_time(self, what: str) -> None:
        """Keep other transactions that name ``what`` waiting until this thread's ends.

        Who looks whether something is there, and adds it if not, asks for this first: two processes would both add it.

        Raises:
            LibraryError: the database failed.
        """
        self._backend.one_at_a_time(self._mine.connection, what)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection for reading; all of the block sees one state of the database.

        Inside a ``transaction`` of the same thread it sees that one's changes.
        """
        held = getattr(self._mine, "connection", None)
        if held is not None:
            yield held
            return
        with self._connected(self._backend.reading) as connection, connection.begin():
            self._mine.connection = connection
            try:
                yield connection
            finally:
                self._mine.connection = None

    def rows(self, query: Query, parameters: dict[str, Any] | None = None) -> Sequence[Row]:
        """Return the rows of one query, in one round trip; inside a block above it sees what that sees."""
        held = getattr(self._mine, "connection", None)
        if held is not None:
            return list(held.execute(query, parameters).all())
        with self._connected(self._backend.one_statement) as connection:
            return list(connection.execute(query, parameters).all())

    def write_copy(self, file: Path) -> None:
        """Write a SQLite database to an empty file, without what was deleted. A commit waits for the end.

        Raises:
            LibraryError: the file can't be written.
        """
        with self._connected(self._backend.one_statement) as connection:
            connection.execute(text("VACUUM INTO :file"), {"file": str(file)})

    @contextmanager
    def _connected(self, options: dict[str, Any]) -> Iterator[Connection]:
        if self._closed:
            raise LibraryError(f"{self.name} has been closed")
        with self._backend.translating(), self._backend.engine.connect() as connection:
            yield connection.execution_options(**options)
            if self._closed:
                connection.invalidate()  # or it would stay open in a pool that is gone

    def broken(self, why: str) -> LibraryBroken:
        """Return the error for damage that was found in a row."""
        return self._backend.broken(why)

    def close(self) -> None:
        """Close all connections. Calling it again does nothing."""
        with self._backend.writer_lock:
            self._closed = True
            self._backend.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
