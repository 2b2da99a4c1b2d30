"""The spool: files that were received and wait for a worker, where ``kill -9`` leaves them.

They are in the data directory, or, where several processes share the library, in its database: that is the one place
which all of them reach, and it is as durable as the jobs.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from vectorstore.errors import LibraryError, UnreadableSource, storage_error
from vectorstore.storage import received as stored
from vectorstore.storage.database import Database
from vectorstore.storage.received import RECEIVING

_ID = re.compile("[0-9a-f]{32}")
_STRAY_SECONDS = 3600.0
"""Older files that no job knows are of a request that was cut off."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file of the spool."""

    id: str
    sha256: str
    """Of its bytes, in hex."""
    size: int


class Spool:
    """Files, each under an id that a job names. Threads and processes may share one."""

    def __init__(self, directory: Path, database: Database, shared: bool = False) -> None:
        """
        Args:
            directory: where files are received, and wait unless ``shared``.
            database: where they wait if ``shared``, for whichever process comes first.
        """
        self.directory = directory
        self._database = database
        self._shared = shared

    def adopt(self) -> None:
        """Move files of a time before the library was shared to where others find them.

        Raises:
            LibraryError: one can't be stored; it stays where it is.
        """
        if not self._shared or not self.directory.is_dir():
            return
        for path in self.directory.iterdir():
            if _ID.fullmatch(path.name) and path.is_file():
                if stored.load(self._database, path.name) is None:
                    with _translated(self.directory):
                        stored.put(self._database, path.name, path)
                path.unlink(missing_ok=True)

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """Give a directory for files that are being received; what is not kept by the end is deleted.

        Raises:
            LibraryError: it can't be made.
        """
        with _translated(self.directory):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=RECEIVING, dir=self.directory))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, path: Path) -> Received:
        """Take in a file that was received, written through to the disk.

        Raises:
            LibraryError: the disk is full, say.
        """
        received = uuid.uuid4().hex
        with _translated(self.directory):
            with path.open("rb+") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.seek(0, os.SEEK_END)
                if not self._shared:
                    os.fsync(file.fileno())
            if self._shared:
                stored.put(self._database, received, path)
                return Received(received, sha256, size)
            path.replace(self.directory / received)
            descriptor = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return Received(received, sha256, size)

    def read(self, received: str) -> bytes:
        """Return a file's content.

        Raises:
            UnreadableSource: it is not here (any more).
            LibraryError: the database failed.
        """
        try:
            return (self.directory / received).read_bytes()
        except OSError as error:
            if (data := stored.load(self._database, received)) is not None:
                return data
            raise UnreadableSource(f"the file that was received is not there any more ({error.strerror})") from error

    def drop(self, received: str) -> None:
        """Delete a file; one that is not there doesn't matter."""
        with suppress(OSError):
            (self.directory / received).unlink(missing_ok=True)
        with suppress(LibraryError):  # ``sweep`` comes later
            stored.drop(self._database, received)

    def sweep(self, keep: Collection[str], older_than: float = _STRAY_SECONDS) -> None:
        """Delete what no job names and is older than some seconds: requests that were cut off leave that."""
        stored.sweep(self._database, keep, older_than)  # also unshared: a backup brings files there
        if not self.directory.is_dir():
            return
        before = time.time() - older_than
        for entry in self.directory.iterdir():
            with suppress(OSError):
                if entry.name not in keep and _last_written(entry) < before:
                    shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()


def _last_written(entry: Path) -> float:
    """Return when a file, or one in a folder of those that are being received, was last written to."""
    inside = list(entry.iterdir()) if entry.is_dir() else []
    return max(path.stat().st_mtime for path in (entry, *inside))


@contextmanager
def _translated(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise storage_error(reason)(
            f"{directory} can't be written: {reason}; see whether its disk is full or read-only"
        ) from error
