"""The bundled model with a training's differences, giving a vector for each token: what a reader scores texts by."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vectorstore.cores import each
from vectorstore.embeddings.bundled import graph, kept, prepared, unigram
from vectorstore.embeddings.bundled.differences import Differences, TrainedWeights, read_differences
from vectorstore.embeddings.bundled.session import Session, Turns
from vectorstore.embeddings.bundled.unigram import sort_pieces
from vectorstore.embeddings.bundled.weights import Floats, Weights, read, weight_file, weight_hash

_MODEL, _ORDER = "model.onnx", "vocabulary.npy"
_TURNS = Turns()
"""Of all readers together. More sequences at once than cores would take no less time, and tens of MB each, which
onnxruntime never gives back. Embedding takes no turns: a document that is indexed must not hold up a question."""


class TokenEncoder:
    """Turns sequences of tokens into one vector for each token. Threads may share one."""

    fingerprint: str
    """Changes whenever the vectors would."""
    weights_hash: str
    """SHA-256 (hex) of the file of differences."""
    dimensions: int
    longest: int
    """Tokens of a sequence at most."""
    head_weight: Floats
    """What was trained with it, to score by: shape (inputs of the head,)."""
    head_bias: float

    def __init__(self, differences_path: Path, cache_dir: Path, weights_path: Path | None = None) -> None:
        """Load the model, making it first if ``cache_dir`` doesn't keep it.

        Args:
            differences_path: see ``differences``.
            weights_path: of the weights that they were trained from; None for the installed ones.

        Raises:
            EmbedderError: either file is missing, damaged or not for the other, or onnxruntime can't run the model.
        """
        weights_path = weights_path or weight_file()
        weights, base = read(weights_path), weight_hash(weights_path)
        differences = read_differences(differences_path, base)
        self.weights_hash = differences.fingerprint
        self.fingerprint = f"{kept.READER}-{differences.fingerprint[:16]}-{base[:16]}-{graph.TOKENS_RECIPE}"
        self.dimensions, self.longest = weights.shape.hidden, weights.shape.positions
        self.head_weight, self.head_bias = differences.head_weight, differences.head_bias

        def files() -> prepared.Files:
            directory = cache_dir / self.fingerprint
            return prepared.load_or_build(directory, lambda: _build(weights, read_differences(differences_path, base)))

        found = files()
        self._use = kept.use(cache_dir / self.fingerprint)
        self._session = Session(found[_MODEL], weights, lambda: files()[_MODEL])
        self._unigram = unigram.shared(weights, np.load(io.BytesIO(found[_ORDER])))

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of ``text``, without a prefix and without special tokens; not to be changed."""
        return self._unigram.encode_again(text)

    def encode(self, sequences: Sequence[Sequence[int]]) -> list[Floats]:
        """Return the last layer's vectors of each sequence, float32 of shape (tokens, dimensions).

        Args:
            sequences: of tokens, special ones included, at most ``longest`` each. They run on as many threads as there
                are cores, each alone, so that its vectors don't depend on the others.

        Raises:
            EmbedderError: onnxruntime failed.
        """
        order = sorted(range(len(sequences)), key=lambda at: -len(sequences[at]))
        done = each(self._run, [sequences[at] for at in order])
        return [vectors for _, vectors in sorted(zip(order, done, strict=True), key=lambda one: one[0])]

    def _run(self, tokens: Sequence[int]) -> Floats:
        with _TURNS.one():
            return self._session.run(tokens)


def _build(weights: Weights, differences: Differences) -> prepared.Files:
    order = io.BytesIO()
    np.save(order, sort_pieces(weights))
    return {
        _MODEL: graph.build(TrainedWeights(weights, differences), every_token=True),
        _ORDER: order.getvalue(),
    }
