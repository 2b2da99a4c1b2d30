"""The spool: files that were received and wait for a worker, in the data directory, where ``kill -9`` leaves them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from vectorstore.errors import UnreadableSource, storage_error

_RECEIVING = "receiving-"
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
    """A directory of files, each under an id that a job names. Threads and processes may share one."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """Give a directory for files that are being received; what is not kept by the end is deleted.

        Raises:
            LibraryError: it can't be made.
        """
        with _translated(self.directory):
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=_RECEIVING, dir=self.directory))
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
                os.fsync(file.fileno())
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
        """
        try:
            return (self.directory / received).read_bytes()
        except OSError as error:
            raise UnreadableSource(f"the file that was received is not there any more ({error.strerror})") from error

    def drop(self, received: str) -> None:
        """Delete a file; one that is not there doesn't matter."""
        with suppress(OSError):
            (self.directory / received).unlink(missing_ok=True)

    def sweep(self, keep: Collection[str], older_than: float = _STRAY_SECONDS) -> None:
        """Delete what no job names and is older than some seconds: requests that were cut off leave that."""
        if not self.directory.is_dir():
            return
        before = time.time() - older_than
        for entry in self.directory.iterdir():
            with suppress(OSError):
                if entry.name not in keep and entry.stat().st_mtime < before:
                    shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()


@contextmanager
def _translated(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise storage_error(reason)(
            f"{directory} can't be written: {reason}; see whether its disk is full or read-only"
        ) from error
