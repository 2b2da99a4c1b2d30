"""Models that are made of the bundled weights: once for a whole test run, not once for each data directory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from qa.reader.model import JUDGE_WEIGHTS, WEIGHTS
from vectorstore.embeddings import BUNDLED, load_embedder, load_reader_encoder
from vectorstore.embeddings.bundled import prepared

_kept: Path | None = None
"""Where this run's models lie."""


@contextmanager
def made_once(folder: Path) -> Iterator[None]:
    """Let every directory that lacks a model get a copy of the one in ``folder``, which is made at first need.

    A copy, since some tests damage what they find.
    """
    global _kept
    original = prepared.load_or_build

    def lent(directory: Path, build: Callable[[], prepared.Files]) -> prepared.Files:
        if directory.parent != folder and not directory.exists():
            original(folder / directory.name, build)
            with suppress(OSError):  # where nothing can be written, the product builds it in memory
                _copy(folder / directory.name, directory)
        return original(directory, build)

    prepared.load_or_build, _kept = lent, folder
    try:
        yield
    finally:
        prepared.load_or_build, _kept = original, None


def lend(data: Path) -> None:
    """Put the models where a process with this data directory looks for them."""
    if _kept is not None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _names(_kept):
            if not (data / "models" / name).exists():
                _copy(_kept / name, data / "models" / name)


@cache
def _names(folder: Path) -> list[str]:
    embedder = load_embedder(BUNDLED, folder)
    readers = [load_reader_encoder(weights, folder) for weights in (WEIGHTS, JUDGE_WEIGHTS)]
    return [model.fingerprint for model in (embedder, *readers)]


def _copy(source: Path, directory: Path) -> None:
    """Copy a directory, which appears whole or not at all."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".lending-", dir=directory.parent))
    try:
        shutil.copytree(source, made / "whole")
        (made / "whole").rename(directory)
    finally:
        shutil.rmtree(made)
