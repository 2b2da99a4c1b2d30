"""The folder of prepared models: which of them a process uses, and the removal of those that none does.

A process reads a model whole when it starts. One that is removed later is not missed before the next start, which
makes it again.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shutil
import tempfile
import time
import weakref
from contextlib import suppress
from pathlib import Path

from vectorstore.embeddings.bundled.prepared import MAKING, MANIFEST

EMBEDDER, READER = "multilingual-e5-small", "reader"
"""What the names of the models' directories begin with: the kinds of them."""

_log = logging.getLogger(__name__)
_NAME = re.compile(rf"({EMBEDDER}|{READER})(-[0-9a-f]{{16}})+-[\w-]+")
_REMOVING = ".removing-"
_ABANDONED_SECONDS = 24 * 3600.0
"""Age from which on a model that is being made or removed is not any more."""


class Use:
    """Tells other processes that a model is in use, as long as this object lives, or its process."""

    def __init__(self, directory: Path) -> None:
        """Raises OSError: the model is not there, or the file system knows no locks."""
        descriptor = os.open(directory / MANIFEST, os.O_RDONLY)
        weakref.finalize(self, os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


def use(directory: Path) -> Use | None:
    """Say that the model in ``directory`` is in use; None where it couldn't be kept."""
    with suppress(OSError):
        return Use(directory)
    return None


def sweep(folder: Path, kind: str) -> None:
    """Remove the models of a kind that no process uses: those of other versions, and of other weights.

    For whoever has loaded all of that kind that it uses. A process of an earlier version than this one says nothing
    of its use, nor does one that is just starting; see above.
    """
    for directory in _models(folder):
        if directory.name.startswith(f"{kind}-"):
            with suppress(OSError):  # in use, or it can't be told
                _remove_unused(directory)
    for directory in [*folder.glob(f"{MAKING}*"), *folder.glob(f"{_REMOVING}*")]:
        with suppress(OSError):
            if time.time() - directory.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(directory)


def adopt(old: Path, folder: Path) -> None:
    """Move the models that earlier versions kept in ``old`` itself into ``folder``."""
    for directory in _models(old):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / directory.name).exists():
                directory.rename(folder / directory.name)
            else:
                _remove(directory, folder)


def _models(folder: Path) -> list[Path]:
    found = [path for path in folder.glob("*-*") if _NAME.fullmatch(path.name)]
    return [path for path in found if not path.is_symlink() and (path / MANIFEST).is_file()]


def _remove_unused(directory: Path) -> None:
    """Raises OSError if the model is in use."""
    descriptor = os.open(directory / MANIFEST, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(directory, directory.parent)
    finally:
        os.close(descriptor)


def _remove(directory: Path, folder: Path) -> None:
    """Move a model out of the way, so that nobody finds half of one, and delete it."""
    going = Path(tempfile.mkdtemp(prefix=_REMOVING, dir=folder))
    try:
        directory.rename(going / "model")
        _log.info("removed the prepared model %s, which nothing uses any more", directory)
    finally:
        shutil.rmtree(going, ignore_errors=True)
