"""The lock by which one process owns a library, and the note that says which process that is."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import sys
import time
from dataclasses import asdict
from pathlib import Path

from vectorstore.errors import LibraryError, LibraryLocked, Owner

_LOCK = "library.lock"
_NOTE = "owner.json"
_PATIENCE = 0.5  # seconds; another process may hold the lock for a moment, to see whether it is free


class Lock:
    """The operating system's lock on a data directory. It ends with the process, however that ends."""

    def __init__(self, directory: Path, url: str | None = None) -> None:
        """Take the lock.

        Raises:
            LibraryLocked: another process (or another part of this one) has it.
            LibraryError: the directory can't be written.
        """
        self._directory = directory
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor: int | None = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise LibraryError(f"the data directory {directory} can't be written: {error.strerror}") from error
        deadline = time.monotonic() + _PATIENCE
        while not _try(self._descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                os.close(self._descriptor)
                raise _locked(directory)
            time.sleep(0.02)
        self.set_url(url)

    def set_url(self, url: str | None) -> None:
        """Note who we are, and where we can be asked if we are a server."""
        note = Owner(os.getpid(), shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]), url)
        new = self._directory / f"{_NOTE}.new"
        try:
            new.write_text(json.dumps(asdict(note), ensure_ascii=False), "utf-8")
            new.replace(self._directory / _NOTE)
        except OSError as error:
            raise LibraryError(f"the data directory {self._directory} can't be written: {error.strerror}") from error

    def release(self) -> None:
        """Release the lock. Calling it again does nothing."""
        if self._descriptor is not None:
            (self._directory / _NOTE).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


def read_owner(directory: Path) -> Owner | None:
    """Return who owns the library in ``directory`` now, or None if nobody does; a stale note is ignored."""
    try:
        descriptor = os.open(directory / _LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        return None if _try(descriptor, fcntl.LOCK_SH) else _note(directory)
    finally:
        os.close(descriptor)


def _try(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note(directory: Path) -> Owner | None:
    try:
        note = json.loads((directory / _NOTE).read_text("utf-8"))
        return Owner(int(note["pid"]), str(note["command"]), None if note["url"] is None else str(note["url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # the owner is just writing it


def _locked(directory: Path) -> LibraryLocked:
    owner = _note(directory)
    if owner is None:
        return LibraryLocked(f"the library in {directory} is in use by another process; wait for it, or end it")
    at = f" at {owner.url}" if owner.url else ""
    return LibraryLocked(
        f"the library in {directory} is in use by `{owner.command}` (process {owner.pid}){at}; "
        "wait for it, end it, or choose another data directory",
        owner,
    )
