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
from vectorstore.text.words import is_across
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

_COVER, _TOPIC = (list(features.FEATURES).index(name) for name in ("cover", "topic_context"))


FORWARD = 4.0
"""How far sentences in another language than the question's are put forward beside those in its own, which its words
meet. In a library of both, the best of the former stood behind the best of the latter by 2 and 3 (medians of English
and Chinese questions over written documents that were kept out of training) where it answers, and by 9 and 12 where one
of the latter does."""


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

    @property
    def topics(self) -> Floats:
        """Share of the words of the conversation's last round that each sentence's passage has, shape (sentences,)."""
        topics: Floats = self.table[:, _TOPIC]
        return topics


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model makes of the sentences."""

    covers: Floats
    """Share of the question's words that each sentence has, shape (sentences,)."""
    topics: Floats
    """Share of the words of the conversation's last round that each sentence's passage has, shape (sentences,)."""
    scores: Floats
    """Shape (sentences,)."""
    answerable: Floats
    """Log-odds that the best sentence in its language answers; 0 and more is an answer. Shape (sentences,)."""

    @property
    def log_odds(self) -> float:
        """Of ``answerable``, that of the best sentence."""
        return float(self.answerable[np.argsort(-self.scores, kind="stable")[0]])

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
        return PartScores(judged.scores, judged.covers, judged.probability)

    def judge(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> Judged:
        """Return what the model makes of all sentences of ``passages``; arguments as for ``score``."""
        across = np.array([is_across(part.question, stored.passage.text) for stored in passages])
        if across.all() or not across.any():
            return self._judge(query, part, passages, compared)
        # Words meet in one language and hardly in two, so that each is judged by itself.
        kinds = [np.flatnonzero(~across).tolist(), np.flatnonzero(across).tolist()]
        own, away = (self._judge(query, part, [passages[at] for at in kind], compared) for kind in kinds)
        is_away = np.repeat(across, [len(stored.passage.sentences) for stored in passages])
        return Judged(
            _joined(own.covers, away.covers, is_away),
            _joined(own.topics, away.topics, is_away),
            _joined(own.scores, away.scores + FORWARD, is_away),
            _joined(own.answerable, away.answerable, is_away),
        )

    def _judge(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> Judged:
        found = self.features(query, part, passages, compared)
        scores = self.model.scores(found.table)
        if not len(scores):
            return Judged(found.covers, found.topics, scores, scores)
        best = int(np.argsort(-scores, kind="stable")[0])
        missing = model.missing_words(found.terms, found.places[best], self.model.missing_words)
        signals = model.signals(found.table, scores, found.asked, missing)
        margin = self.model.answerability.margin(signals, found.asked)
        return Judged(found.covers, found.topics, scores, np.full(len(scores), margin))

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


def _joined(own: Floats, away: Floats, is_away: NDArray[np.bool_]) -> Floats:
    """Return the values of both kinds of sentences in the order of all."""
    found = np.empty(len(is_away))
    found[~is_away], found[is_away] = own, away
    return found
