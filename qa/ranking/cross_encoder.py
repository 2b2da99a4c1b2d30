"""Any cross-encoder of the sentence-transformers library as a ranker, by its name or its local path."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.errors import RankerError
from qa.question.query import Part, Query
from qa.ranking.base import Floats, PartScores, Ranker, is_translated
from qa.ranking.query_terms import prepare
from vectorstore.text.words import term_set
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

MOST_SENTENCES = 64
"""Sentences that are read with the question: those nearest to it by cosine. The others rank behind them."""
_BATCH = 32


class CrossEncoderRanker(Ranker):
    """Reads the question together with each sentence in its context; on a GPU where torch finds one.

    A pair is the question and "title. section. sentence". The model's only output is taken for the log-odds that the
    sentence answers, as rerankers trained with cross-entropy give it; the probability is the best sentence's, and it is
    as well calibrated as the model is.
    """

    name = "cross-encoder"

    def __init__(self, model: str, library: Corpus) -> None:
        """Load the model, from the network if ``model`` is of a hub and not on this machine.

        Raises:
            RankerError: sentence-transformers is not installed, there is no such model, or it is no reranker.
        """
        self.library = library
        self.model = model
        self._encoder = _loaded(model)
        self._lock = threading.Lock()  # its tokenizer refuses a second thread

    def score(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> PartScores:
        ids = [stored.id for stored in passages]
        vector, focus_vector = self.library.question_vectors([part.question, part.focus])
        terms = prepare(query, part, vector, focus_vector, self.library.idf, is_translated(part, passages))
        vectors = self.library.sentence_vectors(ids)
        cosines = np.concatenate([vectors[id] @ vector for id in ids]).astype(np.float64)
        texts = [_in_context(stored, s.text) for stored in passages for s in stored.passage.sentences]
        covers = [terms.cover(term_set(s.text)) for stored in passages for s in stored.passage.sentences]
        read = np.argsort(-cosines, kind="stable")[:MOST_SENTENCES]
        log_odds = self._predict([(part.question, texts[i]) for i in read])
        scores = log_odds.min() - 2.0 + cosines  # below everything that was read, in the order of cosines
        scores[read] = log_odds
        return PartScores(scores, np.array(covers), float(1.0 / (1.0 + np.exp(-log_odds.max()))))

    def _predict(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        try:
            with self._lock:
                outputs = self._encoder.predict(
                    list(pairs), batch_size=_BATCH, activation_fn=_identity(), show_progress_bar=False
                )
        except Exception as error:  # torch's errors are RuntimeErrors of many kinds, out of memory among them
            raise RankerError(f"the ranker {self.model!r} failed: {_first_line(error)}") from error
        return np.asarray(outputs, dtype=np.float64).reshape(len(pairs))


def _loaded(name: str) -> Any:
    try:
        from sentence_transformers import CrossEncoder  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise RankerError(
            f"the ranker {name!r} is neither 'linear' nor can it be a cross-encoder: sentence-transformers is not "
            f'installed ({error}); pip install "report-qa[sentence-transformers]", or set QA_RANKER=linear'
        ) from error
    if name.startswith((".", "/", "~")) and not Path(name).expanduser().is_dir():
        raise RankerError(f"there is no ranking model in {name}: that directory doesn't exist; see QA_RANKER")
    try:
        encoder = CrossEncoder(name)
    except Exception as error:  # whatever a hub, a configuration or a weight file can raise
        raise RankerError(
            f"the ranker {name!r} can't be loaded ({type(error).__name__}: {_first_line(error)}); QA_RANKER is "
            "'linear', or the name or path of a sentence-transformers cross-encoder"
        ) from error
    if encoder.num_labels != 1:
        raise RankerError(f"the ranker {name!r} has {encoder.num_labels} outputs; a reranker has one")
    return encoder


def _identity() -> Any:
    from torch.nn import Identity  # type: ignore[import-not-found, unused-ignore]

    return Identity()


def _in_context(stored: StoredPassage, sentence: str) -> str:
    return " ".join(part for part in (stored.title, stored.passage.section, sentence) if part)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
