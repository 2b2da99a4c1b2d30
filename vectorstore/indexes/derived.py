"""Where a derived index is kept: its current build, whether that is clean, and whether its files changed.

A slot is a directory with a ``state.json`` and one subdirectory for each build, of which at most one is current:

- before an index is written to, its state says so; if the process dies meanwhile, the next one sees that and builds the
  index again, without opening files that may crash it;
- once it has been written, its state says what it holds: the catalogue's stamp, what built it, its files' digests
  (of a large file, of samples: neither a change nor a start may take longer the more there is);
- a new build is made beside the old one and becomes current with one rename.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vectorstore.errors import LibraryError

if TYPE_CHECKING:
    from vectorstore.storage.catalog import Catalog

Progress = Callable[[str, int, int], None]
"""Called with what is being worked on, how much of everything is done, and how much there is (in any unit)."""

_WHOLE = 16 << 20  # bytes; a larger file is sampled
_SAMPLES, _SAMPLE = 64, 64 << 10


class Slot:
    """A derived index's directory. The library's lock keeps other processes from writing there."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._state = directory / "state.json"
        self._begun = False
        self._seen: dict[Path, tuple[tuple[int, int], str]] = {}  # path -> (size and time of change), digest

    def current(self, fingerprint: str, stamp: str) -> str | None:
        """Return the name of the current build if it is whole and holds the catalogue of that ``stamp``, else None."""
        held = self.held(fingerprint)
        return held[0] if held is not None and held[1] == stamp else None

    def held(self, fingerprint: str) -> tuple[str, str] | None:
        """Return the name of the current build if it is whole, and the stamp of the catalogue that it holds."""
        try:
            state = json.loads(self._state.read_text("utf-8"))
            right = state["clean"] is True and state["fingerprint"] == fingerprint
            name = str(state["name"])
            if right and state["files"] == self._digests(name):
                return name, str(state["stamp"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # missing, or of a form that this version doesn't know
        return None

    def new(self) -> str:
        """Return the name of a new build."""
        return uuid.uuid4().hex[:12]

    def path(self, name: str) -> Path:
        return self.directory / name

    def begin(self) -> None:
        """Record that the index is being written to."""
        if not self._begun:
            self._write({"clean": False})
            self._begun = True

    def finish(self, name: str, fingerprint: str, stamp: str) -> None:
        """Record that the build ``name`` is whole, current, and holds the catalogue of ``stamp``."""
        try:
            files = self._digests(name)
        except OSError as error:
            raise LibraryError(f"{self.path(name)} can't be read: {error}; start again, and it is rebuilt") from error
        self._write({"clean": True, "name": name, "fingerprint": fingerprint, "stamp": stamp, "files": files})
        self._begun = False

    def renew(self, name: str) -> None:
        """Record the files' digests again: opening the current build changed them, though not what it holds."""
        try:
            state = json.loads(self._state.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise LibraryError(f"{self._state} can't be read: {error}; start again") from error
        if (files := self._digests(name)) != state["files"]:
            self._write({**state, "files": files})

    def sweep(self, keep: str) -> None:
        """Delete all builds but ``keep``."""
        for entry in self.directory.iterdir():
            if entry.name not in (keep, self._state.name):
                shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)

    def _digests(self, name: str) -> dict[str, str]:
        """Return a digest of each file of a build; one whose size and time didn't change isn't read again."""
        base = self.path(name)
        digests = {}
        for path in sorted(base.rglob("*")):
            if path.is_file():
                status = path.stat()
                key = (status.st_size, status.st_mtime_ns)
                known = self._seen.get(path)
                if known is None or known[0] != key:
                    known = (key, _digest(path, status.st_size))
                    self._seen[path] = known
                digests[path.relative_to(base).as_posix()] = known[1]
        return digests

    def _write(self, state: dict[str, Any]) -> None:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            new = self._state.with_suffix(".new")
            with new.open("w", encoding="utf-8") as file:
                json.dump(state, file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._state)
            descriptor = os.open(self.directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise LibraryError(
                f"{self._state} can't be written: {error.strerror}; free some space and start again"
            ) from error


class SharedSlot:
    """The state of an index that several processes share on a server: the catalogue names its current build.

    What the catalogue holds is always in it: passages enter it before they enter the catalogue, and leave it after. So
    an interrupted change leaves it with some too many at most, which searches drop.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def current(self, fingerprint: str, stamp: str) -> str | None:
        """Return the name of the current build if ``fingerprint`` made it, whatever the stamp."""
        name, _, by = (self._catalog.shared_build or "").partition(" ")
        return name if name and by == fingerprint else None

    def is_others(self, fingerprint: str) -> bool:
        """Return whether another version of the program, or another embedder, made the current build."""
        build = self._catalog.shared_build
        return build is not None and build.partition(" ")[2] != fingerprint

    def new(self) -> str:
        """Return the name of a new build."""
        return uuid.uuid4().hex[:12]

    def path(self, name: str) -> Path:
        return Path(name)

    def begin(self) -> None:
        """Do nothing: see above."""

    def finish(self, name: str, fingerprint: str, stamp: str) -> None:
        """Let the build ``name`` be the current one for all processes."""
        if self.current(fingerprint, stamp) != name:
            self._catalog.share_build(f"{name} {fingerprint}")

    def renew(self, name: str) -> None:
        """Do nothing: there are no files."""

    def sweep(self, keep: str) -> None:
        """Do nothing: there are no files."""


def _digest(path: Path, size: int) -> str:
    """Return the SHA-256 (hex) of a file, or of its size and samples from its first byte to its last."""
    with path.open("rb") as file:
        if size <= _WHOLE:
            return hashlib.file_digest(file, "sha256").hexdigest()
        digest = hashlib.sha256(str(size).encode())
        for at in range(_SAMPLES):
            file.seek((size - _SAMPLE) * at // (_SAMPLES - 1))
            digest.update(file.read(_SAMPLE))
    return digest.hexdigest()
