"""Watched folders: their files become documents, and changed, moved and removed ones follow.

Every look compares the whole folder with what came from it before; the operating system's notices only say when to look
again. An empty folder may be a share that is not mounted: then its documents stay. Documents that came from elsewhere
are never changed or removed by it, whatever they are called.
"""

from __future__ import annotations

import errno
import fnmatch
import logging
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from vectorstore.changes.queue import Changes, NewFile, checked_name
from vectorstore.errors import LibraryFull, NoDocuments, SourceError, UnreadableSource, VectorStoreError
from vectorstore.reading import UnlistedFolder, list_files
from vectorstore.storage.origins import Origin

log = logging.getLogger("vectorstore.changes")

SWEEP_SECONDS = 60.0
"""Between two looks without a notice: some file systems give none."""
SETTLED_SECONDS = 2.0
"""A file that was changed later than that may still be written."""
_WAKE_MS = 500
_STOP_SECONDS = 5.0  # for a look to end; a share that hangs may keep it for ever
_PREFIX = "watch:"
_FULL = (errno.ENOSPC, errno.EDQUOT)


class State(NamedTuple):
    """A file, as far as a look at its folder tells."""

    path: Path
    size: int
    modified: int
    """Nanoseconds since 1970."""


class Library(Protocol):
    """Where the files go: a library that is open in this process, or a server."""

    def known(self, source: str) -> dict[str, Origin]:
        """Return what came from a source, by name."""
        ...

    def foreign(self, name: str, source: str) -> bool:
        """Return whether a document of that name is there, or on its way, from elsewhere."""
        ...

    def ingest(self, name: str, state: State, source: str) -> None:
        """Have a file taken in.

        Raises:
            SourceError, OSError: it is refused, or can't be read now; others may be taken in.
            VectorStoreError: no file can be taken in now.
        """
        ...

    def remove(self, name: str, source: str) -> None:
        """Have a document removed."""
        ...


class Watch:
    """Keeps a library in step with one folder.

    Args:
        ignore: patterns of names (``*.tmp``) and of paths below the folder (``drafts/*``) to leave out.
        pictures: whether those are documents too: their text can be recognised.
    """

    def __init__(self, folder: Path, library: Library, ignore: Sequence[str] = (), pictures: bool = False) -> None:
        self.folder = folder.absolute()
        self.source = f"{_PREFIX}{self.folder}"
        self._library = library
        self._ignore = tuple(ignore)
        self._pictures = pictures
        self._asked: dict[str, tuple[int, int]] = {}
        self._gone: set[str] = set()
        self._told: set[str] = set()
        self._disks: dict[str, tuple[int, int]] = {}
        """Device and inode of the folder (""), and of those below it, when they last had files."""
        self._stopping = threading.Event()

    def run(self, stopping: threading.Event) -> None:
        """Look at the folder now, whenever something changes in it, and once a minute, until told to stop."""
        self._stopping = stopping
        while not stopping.is_set():
            try:
                if self.folder.is_dir():
                    self._follow(stopping)
            except OSError as error:  # too many folders for the system's notices, or a share that is away
                self._tell(f"{self.folder} gives no notice of changes, and is looked at now and then: {error}")
            if not stopping.is_set():
                stopping.wait(SETTLED_SECONDS if self._looked() else SWEEP_SECONDS)

    def _follow(self, stopping: threading.Event) -> None:
        """Look whenever there is a notice, and once a minute, until told to stop or the folder is gone.

        Raises:
            OSError: there are no notices of it.
        """
        from watchfiles import watch

        due = 0.0  # the first look comes after the notices have begun, so that none is missed
        for changes in watch(
            self.folder,
            stop_event=stopping,
            rust_timeout=_WAKE_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        ):
            if changes or time.monotonic() >= due:
                due = time.monotonic() + (SETTLED_SECONDS if self._looked() else SWEEP_SECONDS)
            if not self.folder.is_dir():
                return

    def _looked(self) -> bool:
        """Look, and return whether to look again soon."""
        try:
            return self.look()
        except (VectorStoreError, OSError) as error:
            self._tell(f"{self.folder} can't be followed now: {error}")
            return True

    def look(self) -> bool:
        """Compare the folder with the library, and queue what differs; True if some files haven't settled yet.

        Raises:
            UnreadableSource: the folder is not there.
            VectorStoreError: the library can't be told.
        """
        files, unseen = self._files()
        known = self._library.known(self.source)
        if not files and known and (len(known) > 1 or self._disks.get("") != _disk(self.folder)):
            came = "1 document came from it; it stays" if len(known) == 1 else f"{len(known)} came from it; they stay"
            self._tell(
                f"{self.folder} holds no documents, and {came}, for it may not be mounted: remove documents with "
                "`qa documents remove`"
            )
            return False
        there = files.keys() | unseen | self._unmounted(files)
        gone = {name for name in known.keys() - there if there.isdisjoint(_folders(name))}
        for name in sorted(gone):  # first: a file that was moved must not find its old self
            if self._stopping.is_set():
                return False
            if name not in self._gone:
                log.info("%s is gone from %s", name, self.folder)
                self._asked.clear()  # a copy that was left out beside it may be asked for again
            self._library.remove(name, self.source)  # each time, for it may have failed, or been refused
        self._gone = gone
        settled = time.time_ns() - int(SETTLED_SECONDS * 1e9)
        unsettled = False
        for name, state in files.items():
            if self._stopping.is_set():
                return False
            before = known.get(name)
            stamp = (state.size, state.modified)
            if self._asked.get(name) == stamp or (before is not None and (before.size, before.modified) == stamp):
                continue
            if settled < state.modified <= time.time_ns():
                unsettled = True
            elif before is None and self._library.foreign(name, self.source):
                self._tell(f"{state.path} is left out: a document called {name!r} came from elsewhere; rename the file")
            else:
                self._ingest(name, state)
        return unsettled

    def _ingest(self, name: str, state: State) -> None:
        """Have a file taken in; one that can't be read, or is refused, must not stop those after it."""
        try:
            self._library.ingest(name, state, self.source)
            log.info("%s is new or changed in %s", name, self.folder)
        except OSError as error:  # the next look tries again: rights can change, and the file stay as it is
            self._tell(f"{state.path} can't be taken in now: {error.strerror or error}")
            return
        except SourceError as error:
            self._tell(f"{state.path} is left out: {error}")
        self._asked[name] = (state.size, state.modified)

    def _files(self) -> tuple[dict[str, State], set[str]]:
        """Return the files, and the names of files and folders of which nothing can be told now.

        Raises:
            UnreadableSource: the folder itself can't be listed.
        """
        if not self.folder.is_dir():
            raise UnreadableSource(f"{self.folder} is no folder; make it, or name another")
        files: dict[str, State] = {}
        unseen: set[str] = set()

        def refused(error: SourceError) -> None:
            self._tell(str(error))
            if isinstance(error, UnlistedFolder):
                unseen.add(error.name)

        try:
            found = list_files(self.folder, refused, self._pictures)
        except NoDocuments:
            return files, unseen
        for name, path in found:
            if self._is_ignored(name):
                continue
            try:
                status = path.stat()
                files[checked_name(name)] = State(path, status.st_size, status.st_mtime_ns)
            except (OSError, VectorStoreError) as error:  # gone meanwhile, or not to be named
                self._tell(f"{path} is left out: {error}")
                if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
                    unseen.add(name)  # a share that fails for a moment, say: that must remove nothing
        return files, unseen

    def _unmounted(self, files: Iterable[str]) -> set[str]:
        """Return the folders below that are empty and on another disk than before; note where those with files are."""
        full = {"", *(folder for name in files for folder in _folders(name))}
        away: set[str] = set()
        for folder in self._disks.keys() - full:
            now = _disk(self.folder / folder)
            if now is not None and now[0] != self._disks[folder][0]:
                away.add(folder)
                self._tell(f"{self.folder / folder} is empty and on another disk; its documents stay until it is back")
        self._disks |= {folder: disk for folder in full if (disk := _disk(self.folder / folder)) is not None}
        return away

    def _is_ignored(self, name: str) -> bool:
        last = name.rpartition("/")[2]
        return any(fnmatch.fnmatch(name, one) or fnmatch.fnmatch(last, one) for one in self._ignore)

    def _tell(self, message: str) -> None:
        """Log a message, once."""
        if message not in self._told:
            self._told.add(message)
            log.warning("%s", message)


def _disk(folder: Path) -> tuple[int, int] | None:
    """Return on which device a folder is, and its inode there; None where it can't be told.

    Where a share is not mounted, the folder that it is mounted over shows, with another device or inode.
    """
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _folders(name: str) -> Iterator[str]:
    """Yield what a name is below: folders, or for an attachment the e-mail that is its file."""
    at = name.find("/")
    while at >= 0:
        yield name[:at]
        at = name.find("/", at + 1)


class OpenLibrary:
    """A library that is open in this process."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def known(self, source: str) -> dict[str, Origin]:
        return self._changes.library.origins.of_source(source)

    def foreign(self, name: str, source: str) -> bool:
        return self._changes.is_foreign(name, source)

    def ingest(self, name: str, state: State, source: str) -> None:
        spool = self._changes.spool
        with spool.receiving() as folder:
            copy = folder / "file"
            try:
                shutil.copyfile(state.path, copy)
            except OSError as error:
                if error.errno in _FULL:  # which is not the file's fault
                    raise LibraryFull(f"{folder} can't be written: {error.strerror}; free some space") from error
                raise
            received = spool.keep(copy)
        file = NewFile(name, received, state.path.name, source, state.modified)
        self._changes.ingest([file])

    def remove(self, name: str, source: str) -> None:
        self._changes.remove_file(name, source)


class Watching:
    """Follows folders, each in a thread of its own, until it is stopped. Arguments as :class:`Watch` has them."""

    def __init__(
        self, folders: Sequence[Path], library: Library, ignore: Sequence[str] = (), pictures: bool = False
    ) -> None:
        self._stopping = threading.Event()
        watches = [Watch(folder, library, ignore, pictures) for folder in folders]
        self._threads = [
            threading.Thread(target=watch.run, args=(self._stopping,), name="watch", daemon=True) for watch in watches
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop them after the file at hand, and return once they have ended, or hang."""
        self._stopping.set()
        until = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))
