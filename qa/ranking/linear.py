"""The linear ranker: features of each sentence, weighed; small, fast, and in need of nothing but this package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qa.question.query import Part, Query
from qa.ranking import features, model
from qa.ranking.base import Floats, PartScores, Ranker, is_translated
from qa.ranking.query_terms import prepare
from vectorstore.text.language import is_english
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

_COVER = list(features.FEATURES).index("cover")


@dataclass(frozen=True, slots=True)
class SentenceFeatures:
    """The sentences that one part of a question chooses from, as numbers."""

    table: Floats
    """Shape (sentences, len(FEATURES))."""
    terms: tuple[str, ...]
    """Of the question."""
    places: NDArray[np.uint8]
    """Where they stand, shape (sentences, terms); see ``qa.ranking.features.matrix``."""
    asked: model.Asked

    @property
    def covers(self) -> Floats:
        """Share of the question's words that each sentence has, shape (sentences,)."""
        covers: Floats = self.table[:, _COVER]
        return covers


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model makes of the sentences."""

    features: SentenceFeatures
    scores: Floats
    """Shape (sentences,)."""
    log_odds: float
    """That the best sentence answers; 0 and more is an answer."""

    @property
    def probability(self) -> float:
        """The same as a probability."""
        return model.probability(self.log_odds)


class LinearRanker(Ranker):
    """Ranks by the fitted model of ``qa.ranking.model``.

    Args:
        fitted: the model; None for the one that ships with the package.
    """

    name = "linear"

    def __init__(self, library: Corpus, fitted: model.LinearModel | None = None) -> None:
        self.library = library
        self.model = fitted or model.shipped()

    def score(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> PartScores:
        judged = self.judge(query, part, passages, compared)
        return PartScores(judged.scores, judged.features.covers, judged.probability)

    def judge(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> Judged:
        """Return what the model makes of all sentences of ``passages``; arguments as for ``score``."""
        found = self.features(query, part, passages, compared)
        scores = self.model.scores(found.table)
        best = int(np.argsort(-scores, kind="stable")[0])
        missing = model.missing_words(found.terms, found.places[best], self.model.missing_words)
        signals = model.signals(found.table, scores, found.asked, missing)
        return Judged(found, scores, self.model.answerability.margin(signals, found.asked))

    def features(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> SentenceFeatures:
        """Return the features of all sentences of ``passages``, in their order; arguments as for ``score``."""
        ids = [stored.id for stored in passages]
        translated = is_translated(part, passages)
        vector, focus_vector = self.library.question_vectors([part.question, part.focus])
        terms = prepare(query, part, vector, focus_vector, self.library.idf, translated)
        of_sentences, of_passages = self.library.sentence_vectors(ids), self.library.passage_vectors(ids)
        table, places = features.matrix(
            terms,
            passages,
            [of_sentences[id] for id in ids],
            [float(of_passages[id] @ vector) for id in ids],
            self.model.features,
        )
        both_english = is_english(part.question) and not translated
        asked = model.Asked(
            bool(part.names), query.wants_several, compared > 1, translated, query.follow_up, both_english
        )
        return SentenceFeatures(table, terms.terms, places, asked)
