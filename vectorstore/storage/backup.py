"""Backups: everything that is stored, as one SQLite file, from which a library is restored on SQLite or on Postgres.

Files that were received and wait for a worker are in it, wherever they wait (``waiting``).
The indexes are not in it: whoever opens the restored library builds them from the catalogue's vectors.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from vectorstore.errors import LibraryBroken, LibraryError, storage_error
from vectorstore.storage import originals
from vectorstore.storage.catalog import Catalog
from vectorstore.storage.database import Database
from vectorstore.storage.lock import Lock
from vectorstore.storage.place import place
from vectorstore.storage.received import SPOOL
from vectorstore.storage.tables import (
    api_keys,
    conversations,
    delete,
    documents,
    func,
    insert,
    meta,
    metadata,
    select,
    update,
)
from vectorstore.storage.waiting import Held, count, fail_lost, held

_COPY = "import shutil, sys; shutil.copyfile(*sys.argv[1:])"
_ROWS = 100  # copied at once; a document's text may be long


class Contents(NamedTuple):
    """How much a database holds."""

    documents: int
    conversations: int
    keys: int
    waiting: int = 0
    """Changes that were asked for and not done yet: whoever opens the library does them."""
    lost: int = 0
    """Those whose files were not found: they have failed, and say so."""


def backup(database: Path | str, file: Path, data_dir: Path | None = None) -> Contents:
    """Write a database's state at this moment to ``file``, which only its owner can read. A server may run meanwhile.

    Args:
        database: a SQLite file, or the URL of a Postgres database.
        data_dir: where received files wait that are not in the database; of a SQLite file, its own folder.

    Raises:
        LibraryError: there is no such library, ``file`` is there already or can't be written, or a row is damaged.
    """
    if isinstance(database, Path) and not database.exists():
        raise LibraryError(
            f"there is no library at {database}; set QA_DATA_DIR or QA_DATABASE_URL to the one to back up"
        )
    if file.exists():
        raise LibraryError(f"{file} exists already, and a backup is never written over; choose another name")
    folder = database.parent if isinstance(database, Path) else data_dir
    with _unfinished(file) as part, held(folder / SPOOL if folder is not None else None) as files:
        files.hold()
        if isinstance(database, Path):
            _write_copy(database, part, files)
        else:
            with Database(database) as source, Database(part) as target:
                _copy(source, target, files)
        with Database(part) as written:
            files.put(written)
            lost = fail_lost(written)
            written.check()
            contents = _verified(written, lost)
        _make_durable(part, file)
    return contents


def restore(file: Path, data_dir: Path, database_url: str | None = None, replace: bool = False) -> Contents:
    """Put what a backup holds in the place of a library, wholly or not at all; an earlier version's is migrated.

    Args:
        database_url: of a Postgres database; without it, to the SQLite file in ``data_dir``.
        replace: even if the library there holds something, or is damaged.

    Raises:
        LibraryLocked: a process owns the library there.
        LibraryBroken: ``file`` is damaged, no backup, or of a newer version.
        LibraryError: it can't be read, or the library there holds something and ``replace`` is not set.
    """
    if not file.is_file():
        raise LibraryError(f"there is no backup at {file}")
    if file.stat().st_size == 0:  # which SQLite would take for a new database
        raise LibraryBroken(f"{file} is empty; restore another backup")
    database = place(data_dir, database_url)
    lock = Lock(data_dir)
    try:
        with _unfinished(data_dir / "restored.sqlite3") as part:
            _copy_file(file, part)
            with _named(part, file), Database(part) as source:
                source.check()
                contents = _verified(source, fail_lost(source))
                if isinstance(database, str):
                    _restore_rows(source, database, replace)
                else:
                    _refuse_to_lose(database, replace)
                    _name(source, _id_at(database))
            if isinstance(database, Path):
                database.with_name(f"{database.name}-journal").unlink(missing_ok=True)  # it belongs to the old file
                _make_durable(part, database)
    finally:
        lock.release()
    return contents


def _write_copy(database: Path, part: Path, files: Held) -> None:
    """Write a SQLite file's state at this moment to another, without what was deleted.

    It is first copied as it is: commits wait for that, and for no longer than a copy takes. Another process makes it,
    for closing the file in this one would release the locks of its other connections.

    Raises:
        LibraryError: a disk is full, say.
    """
    with _unfinished(part) as whole:
        with Database(database) as source, source.read() as connection:
            connection.execute(select(meta.c.key).limit(1))  # from here on nobody writes to the file
            files.hold()
            copy = [sys.executable, "-I", "-c", _COPY, str(database.absolute()), str(whole.absolute())]
            done = subprocess.run(copy, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            reason = (done.stderr.strip() or f"it ended with {done.returncode}").splitlines()[-1]
            raise storage_error(reason)(f"{whole} can't be written: {reason}")
        with _named(whole, database), Database(whole) as copied:
            copied.write_copy(part)


def _restore_rows(source: Database, url: str, replace: bool) -> None:
    with Database(url) as target:
        target.own()
        with target.transaction():
            if not replace:
                _refuse_contents(target)
            own = _id_of(target)
            _copy(source, target)
            _name(target, own)
            Catalog(target).share_build(None)  # a shared index holds what was here before
            _verified(target)


def _name(database: Database, library_id: str) -> None:
    """Give a library an id of its own: with the other's it would take that one's collections on a Chroma server."""
    with database.transaction() as connection:
        connection.execute(update(meta).where(meta.c.key == "library").values(value=library_id))


def _id_at(path: Path) -> str:
    """Return the id of the library in a file; a new one where there is none, or a damaged one."""
    if path.exists() and path.stat().st_size > 0:
        with suppress(LibraryError), Database(path) as there:
            return _id_of(there)
    return uuid.uuid4().hex


def _id_of(database: Database) -> str:
    with suppress(LibraryError):
        return Catalog(database).library_id
    return uuid.uuid4().hex


def _refuse_to_lose(path: Path, replace: bool) -> None:
    if not replace and path.exists() and path.stat().st_size > 0:
        with Database(path) as there:
            _refuse_contents(there)


def _refuse_contents(database: Database) -> None:
    held = _contents(database)
    if any(held):
        raise LibraryError(
            f"the library in {database.name} holds {held.documents} documents, {held.conversations} conversations, "
            f"{held.keys} API keys and {held.waiting} waiting changes; --replace puts the backup in their place"
        )


def _contents(database: Database, lost: int = 0) -> Contents:
    counted = (
        select(func.count()).select_from(table).scalar_subquery() for table in (documents, conversations, api_keys)
    )
    return Contents(*database.rows(select(*counted))[0])._replace(waiting=count(database), lost=lost)


def _verified(database: Database, lost: int = 0) -> Contents:
    """Return how much a database holds, once every row with a checksum has been read.

    Raises:
        LibraryBroken: one is damaged.
    """
    catalog = Catalog(database)
    for info in catalog.infos():
        catalog.document(info.id)
    for _ in catalog.vectors.batches():
        pass
    originals.check(database)
    return _contents(database, lost)


def _copy(source: Database, target: Database, files: Held | None = None) -> None:
    """Put the rows of one database in the place of another's, as they were at one moment."""
    tables = metadata.sorted_tables  # those that others refer to come first
    with source.read() as reading, target.transaction() as writing:
        if files is not None:
            reading.execute(select(meta.c.key).limit(1))  # the moment
            files.hold()
        for table in reversed(tables):
            writing.execute(delete(table))
        for table in tables:
            rows = reading.execute(select(table), execution_options={"yield_per": _ROWS}).mappings()
            for part in rows.partitions():
                writing.execute(insert(table), [dict(row) for row in part])


@contextmanager
def _unfinished(file: Path) -> Iterator[Path]:
    """Give an empty file beside ``file``, for its owner's eyes alone, that is deleted in the end unless it was renamed.

    Raises:
        LibraryError: it can't be made.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise LibraryError(f"{file} can't be written: {error.strerror}") from error
    try:
        yield part
    finally:
        for name in (part.name, f"{part.name}-journal"):
            part.with_name(name).unlink(missing_ok=True)


@contextmanager
def _named(part: Path, file: Path) -> Iterator[None]:
    """Let errors about a copy name the file that it is of."""
    try:
        yield
    except LibraryError as error:
        raise type(error)(str(error).replace(str(part), str(file))) from error


def _copy_file(file: Path, copy: Path) -> None:
    try:
        shutil.copyfile(file, copy)
    except OSError as error:
        raise LibraryError(f"{file} can't be copied to {copy}: {error.strerror}") from error


def _make_durable(part: Path, file: Path) -> None:
    """Write a file through to the disk, and give it its name."""
    try:
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(file)
        directory = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise LibraryError(f"{file} can't be written: {error.strerror}") from error
