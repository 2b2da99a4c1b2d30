"""The reader itself: the trained encoder, and the linear unit that scores each sentence by its tokens' vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qa.errors import RankerError
from qa.reader.inputs import EncodedPassage
from vectorstore.embeddings import load_reader_encoder
from vectorstore.errors import EmbedderError
from vectorstore.text.words import without_note_marks

if TYPE_CHECKING:
    from vectorstore.embeddings import TokenEncoder

WEIGHTS = Path(__file__).with_name("weights.npz")
"""Those that ship with the package and rank."""
JUDGE_WEIGHTS = Path(__file__).parent.parent / "verify" / "judge.npz"
"""Those of the support judge, which was taught claims as well. They don't rank: they refused less well."""
Floats = NDArray[np.float64]


class Reader:
    """Scores the sentences of passages for a question or a claim. Threads may share one."""

    weights_hash: str
    """SHA-256 (hex) of the weights."""

    def __init__(self, encoder: TokenEncoder) -> None:
        self._encoder = encoder
        self.weights_hash = encoder.weights_hash

    @classmethod
    def load(cls, weights: Path, cache_dir: Path) -> Reader:
        """Return the reader of ``weights``, made once and kept in ``cache_dir``.

        Raises:
            RankerError: it can't be loaded; says how to do without.
        """
        with _as_ranker_errors():
            return cls(load_reader_encoder(weights, cache_dir))

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of ``text``, without special ones; not to be changed. Its note marks are left out."""
        return self._encoder.tokens(without_note_marks(text))

    def log_odds(self, passages: Sequence[EncodedPassage]) -> list[Floats]:
        """Return for each passage the log-odds of each of its sentences, NaN for one without tokens.

        Args:
            passages: of a question, that a sentence answers it; of a claim, that the evidence says the same. Each is
                read by itself, so that its scores don't depend on the others.

        Raises:
            RankerError: the encoder failed.
        """
        with _as_ranker_errors():
            vectors = self._encoder.encode([passage.tokens for passage in passages])
        return [self._scores(passage, states) for passage, states in zip(passages, vectors, strict=True)]

    def _scores(self, passage: EncodedPassage, states: NDArray[np.float32]) -> Floats:
        found = np.full(len(passage.bounds), np.nan)
        for number, (start, end) in enumerate(passage.bounds):
            if end > start:
                own = states[start:end]
                pooled = np.concatenate([own.mean(axis=0), own.max(axis=0)])
                found[number] = float(pooled @ self._encoder.head_weight) + self._encoder.head_bias
        return found


@contextmanager
def _as_ranker_errors() -> Iterator[None]:
    try:
        yield
    except EmbedderError as error:
        raise RankerError(f"the reader can't be used: {error}; set QA_RANKER=linear to do without it") from error
