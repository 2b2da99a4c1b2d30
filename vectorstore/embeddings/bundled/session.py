"""Runs a graph of the bundled model on tokens: one sequence at a time on each core. The one importer of onnxruntime."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from vectorstore import cores, memory
from vectorstore.embeddings.bundled.graph import INPUT
from vectorstore.embeddings.bundled.weights import Floats, Weights, unpack
from vectorstore.errors import EmbedderError


class Session:
    """A graph with the embeddings that it is fed from. Threads may share one.

    A sequence runs alone, on the calling thread: nothing is padded, the result depends on the sequence only, and no
    idle thread spins.
    """

    def __init__(self, model: bytes, weights: Weights, load: Callable[[], bytes]) -> None:
        """Start.

        Args:
            model: what ``graph.build`` made of ``weights``, trained further or not: embeddings are never trained.
            load: returns ``model`` again, for a process that was forked from this one: its 20 MB are not kept.

        Raises:
            EmbedderError: onnxruntime can't run the model.
        """
        self._load = load
        self._words = weights.blocks("emb.word", weights.shape.hidden)
        self._places = _places(weights)
        self._sessions: dict[int, Any] = {os.getpid(): _start(model)}

    def run(self, tokens: Sequence[int]) -> Floats:
        """Return the graph's output for ``tokens``, special ones included: (hidden,), or (tokens, hidden).

        Raises:
            EmbedderError: onnxruntime failed.
        """
        rows = unpack(self._words[list(tokens)])
        rows += self._places[: len(rows)]
        try:
            output: Floats = self._session().run(None, {INPUT: rows[None]})[0][0]
        except Exception as error:  # onnxruntime's own classes have no common base but this
            raise EmbedderError(f"the bundled model failed on a text of {len(tokens)} tokens: {error}") from error
        return output

    def _session(self) -> Any:
        """Return this process's session: one copied by ``fork`` may hold a lock that is never released."""
        process = os.getpid()
        if process not in self._sessions:
            self._sessions[process] = _start(self._load())
        return self._sessions[process]


class Turns:
    """Lets in as many threads as there are cores; the others wait. Each process has its own, as it has its session."""

    def __init__(self) -> None:
        self._free: dict[int, threading.Semaphore] = {}

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a turn, and hold it."""
        with self._free.setdefault(os.getpid(), threading.Semaphore(cores.count())):
            yield


def _places(weights: Weights) -> Floats:
    """Return what is added to a word's embedding at each position, shape (positions, hidden)."""
    hidden = weights.shape.hidden
    places: Floats = weights.floats("emb.pos").reshape(-1, hidden) + weights.floats("emb.type")[:hidden]
    return places


def _start(model: bytes) -> Any:
    import onnxruntime as ort  # type: ignore[import-untyped]

    ort.disable_telemetry_events()  # builds for Windows report to their maker otherwise
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if _sharing() == os.getpid():
        options.add_session_config_entry("session.use_env_allocators", "1")
    # The graph is as it should be; the next level would fuse Add and LayerNormalization into an operator that is
    # several times slower than the two.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    try:
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # as above
        raise EmbedderError(f"onnxruntime {ort.__version__} can't run the bundled model: {error}") from error
    memory.give_back()  # the graph as it was read, and the weights as they were before they were packed
    return session


@cache
def _sharing() -> int | None:
    """Let sessions take the memory of their runs from one place; return the process that may, None if none can.

    Each keeps the most that it ever needed. They seldom run at the same time, so one for all of them is smaller. In a
    process copied by ``fork`` its lock may be held for ever.
    """
    import onnxruntime as ort

    kind = ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    try:
        ort.create_and_register_allocator(ort.OrtMemoryInfo("Cpu", kind, 0, ort.OrtMemType.DEFAULT), None)
    except Exception:  # as above
        return None
    return os.getpid()
