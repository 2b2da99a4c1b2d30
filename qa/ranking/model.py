"""The fitted model of the linear ranker: which sentence answers best, and whether any does.

Fitted on question sets by ``eval.training.linear`` and kept in ``weights.json``: a conditional logit ranks a question's
sentences; randomised trees and a logistic regression judge, from all of them, whether the best one answers.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.errors import RankerError
from qa.question.query import AnswerType
from qa.ranking.date_match import OTHER
from qa.ranking.features import FEATURES, IN_SENTENCE

Floats = NDArray[np.float64]

SIGNALS = (
    "score", "margin", "spread", "top_cosine", "top_cosine_focus", "top_cosine_passage", "top_cover",
    "top_cover_segment", "top_cover_context", "top_missing_term_context", "top_cover_answer_type", "top_answer_type",
    "top_measure", "top_question_numbers", "top_label", "top_precision", "top_date", "top_attribute",
    "top_cover_document", "top_unknown_year", "top_unknown_name", "max_cosine", "max_cosine_focus", "max_cover",
    "max_cover_segment", "max_cover_answer_type", "max_label", "max_attribute", "min_missing_term_context",
    "max_cover_context", "named", "asks_number", "wants_several", "asks_other", "compared", "translated",
    "top_quantity", "top_missing_term", "top_unmet_restrictions", "max_quantity", "min_missing_term",
    "top_cover_clause", "top_contradiction", "max_cover_clause", "missing_words", "follow_up", "top_topic",
    "top_topic_context", "top_quoted_before", "top_quoted_beside", "max_topic", "top_entity_type", "max_entity_type",
    "top_list_items", "max_list_items", "top_quantity_stated", "max_quantity_stated", "top_quotations",
    "max_quotations", "top_cause", "max_cause", "top_cover_antecedent", "max_cover_antecedent",
    "top_cosine_antecedent", "max_cosine_antecedent", "both_english",
)  # fmt: skip
"""What answerability is judged by: a feature of the best sentence (top_), its maximum or minimum over all of them, how
the best scores stand apart, and what kind of question it is."""
_AT = {name: index for index, name in enumerate(FEATURES)}
_SEVERAL = frozenset((AnswerType.LIST, AnswerType.MANNER, AnswerType.REASON, AnswerType.SUMMARY))


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees in one row of nodes, each tree's in depth-first order, so that a left child stands behind its parent."""

    signal: NDArray[np.int16]
    """What a node looks at, as an index of SIGNALS; -1 for a leaf."""
    value: NDArray[np.float32]
    """Where it divides, or a leaf's share of answerable questions."""
    right: NDArray[np.int32]
    """Index of the node for a signal above the value."""
    roots: NDArray[np.int32]

    def share(self, signals: Floats) -> float:
        """Return the mean of the leaves that ``signals``, shape (len(SIGNALS),), leads to."""
        at, values = self.roots, signals.astype(np.float32)
        while (inner := self.signal[at] >= 0).any():
            onward = np.where(values[self.signal[at]] <= self.value[at], at + 1, self.right[at])
            at = np.where(inner, onward, at)
        return float(self.value[at].mean())

    def packed(self) -> dict[str, str]:
        """Return it as text: arrays in little-endian order, deflated, in base 64."""
        return {
            name: base64.b64encode(zlib.compress(getattr(self, name).astype(kind).tobytes(), 9)).decode()
            for name, kind in _ARRAYS.items()
        }

    @classmethod
    def unpacked(cls, packed: dict[str, str]) -> Forest:
        return cls(
            **{n: np.frombuffer(zlib.decompress(base64.b64decode(packed[n])), kind) for n, kind in _ARRAYS.items()}
        )


_ARRAYS = {"signal": "<i2", "value": "<f4", "right": "<i4", "roots": "<i4"}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Least log-odds at which a question is answered."""

    named: float
    """For one that names its document."""
    unnamed: float
    """For one that names none: it may be about anything."""
    follow_up: float
    """For a follow-up, whose words are fewer because the conversation holds the rest."""


@dataclass(frozen=True, slots=True)
class Answerability:
    """Does the best sentence answer?

    The mean of extremely randomised trees (Geurts, Ernst and Wehenkel 2006), as log-odds, plus a logistic regression:
    trees know the shapes that they grew on, the linear part keeps its sense on documents unlike those.
    """

    trees: Forest
    linear: Floats
    """Log-odds for each unit of a signal, shape (len(SIGNALS),)."""
    offset: float
    thresholds: Thresholds

    def log_odds(self, signals: Floats) -> float:
        """Return the log-odds that the best sentence answers."""
        share = min(max(self.trees.share(signals), 0.01), 0.99)
        return math.log(share / (1 - share)) + float(signals @ self.linear) + self.offset

    def margin(self, signals: Floats, asked: Asked) -> float:
        """Return how far the log-odds are above the threshold for such a question."""
        of = self.thresholds
        return self.log_odds(signals) - (of.follow_up if asked.follow_up else of.named if asked.named else of.unnamed)

    def probability(self, signals: Floats, asked: Asked) -> float:
        """Return how sure it is that the best sentence answers, from 0 to 1; 0.5 and more is an answer."""
        named = dict(zip(SIGNALS, signals.tolist(), strict=True))
        if any(named[f"top_{name}"] == value for name, value in _CONTRADICTIONS.items()):
            return 0.0
        log_odds = self.margin(signals, asked)
        return 1.0 / (1.0 + math.exp(-max(log_odds, 0.0) if _says_it_all(named) else -log_odds))


_CONTRADICTIONS = {
    "contradiction": 1.0,
    "list_items": -1.0,
    "date": OTHER,
    "entity_type": 0.0,
    "unmet_restrictions": 2.0,
}
"""What settles it: the best sentence speaks of 3星级 and not of the 5星级 asked for, of another year, or names none."""


def contradicted(features: Floats) -> bool:
    """Whether a sentence's features, shape (len(FEATURES),), settle that it doesn't answer, whatever a model says."""
    return any(features[_AT[name]] == value for name, value in _CONTRADICTIONS.items())


def _says_it_all(signals: dict[str, float]) -> bool:
    """Whether one stretch of the best sentence has all words of the question and the type of answer it wants."""
    contradicted = signals["top_unknown_name"] or signals["top_unknown_year"] or signals["top_date"] < 0
    return signals["top_cover_answer_type"] > 0.95 and signals["top_attribute"] > 0.95 and not contradicted


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question is asked of a document."""

    answer_type: AnswerType
    named: bool
    """Whether it names the document."""
    compared: int
    """Documents that it asks side by side."""
    translated: bool
    """Whether it is in another language than the documents, so that few words can match."""
    follow_up: bool
    """Whether it leans on an earlier question of its conversation."""
    both_english: bool = False
    """Whether question and documents are both in English."""

    @property
    def wants_several(self) -> bool:
        """Whether several sentences make a better answer than one."""
        return self.answer_type in _SEVERAL


@dataclass(frozen=True, slots=True)
class LinearModel:
    """What the linear ranker was fitted to."""

    features: frozenset[str]
    """Names of those that are enabled."""
    weights: Floats
    """Of the features, shape (len(FEATURES),)."""
    missing_words: dict[str, tuple[float, float]]
    """Term -> what it says for an answer that the best sentence's passage lacks it, or the sentence alone."""
    answerability: Answerability

    def without(self, *names: str) -> LinearModel:
        """Return the model with some features off: they have their neutral value, whatever the sentence says."""
        unknown = sorted(set(names) - FEATURES.keys())
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no such feature; there are {', '.join(FEATURES)}")
        return replace(self, features=self.features - set(names))

    def scores(self, table: Floats) -> Floats:
        """Return a score for each row of features, shape (n,); only comparable inside one question."""
        return table @ self.weights


@cache
def shipped() -> LinearModel:
    """Return the model that ships with the package."""
    return _parsed(resources.files("qa.ranking").joinpath("weights.json").read_text("utf-8"))


def load(path: Path) -> LinearModel:
    """Return the model in a file that ``eval.training.linear`` wrote.

    Raises:
        RankerError: it can't be read, or was fitted to other features than this program has.
    """
    try:
        return _parsed(path.read_text("utf-8"))
    except OSError as error:
        raise RankerError(f"the weights {path} can't be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise RankerError(f"{path} holds no weights of this version ({error}); fit them anew") from error


def _parsed(text: str) -> LinearModel:
    read: dict[str, Any] = json.loads(text)
    judge = read["answerability"]
    features = frozenset(read["features"])
    if unknown := features - FEATURES.keys():
        raise ValueError(f"features that are unknown here: {', '.join(sorted(unknown))}")
    return LinearModel(
        features,
        np.array([read["rank"].get(name, 0.0) for name in FEATURES]),
        {term: (float(nowhere), float(beside)) for term, (nowhere, beside) in read["missing_words"].items()},
        Answerability(
            Forest.unpacked(judge["trees"]),
            np.array([judge["linear"][name] for name in SIGNALS]),
            judge["offset"],
            Thresholds(**judge["thresholds"]),
        ),
    )


def missing_words(terms: Sequence[str], places: NDArray[np.uint8], words: dict[str, tuple[float, float]]) -> float:
    """Return what the terms that a sentence lacks say for its being an answer: log-odds, up to a constant.

    Some words are missing because people put things differently ("一共", "花", "到底"), others because what they ask
    for isn't there ("平均", "国家级", "年龄"). A logistic regression on many questions tells them apart.

    Args:
        places: where the terms stand, shape (terms,); see ``qa.ranking.features.matrix``.
    """
    none = (0.0, 0.0)
    return sum(
        words.get(term, none)[0] if place == 0 else words.get(term, none)[1]
        for term, place in zip(terms, places.tolist(), strict=True)
        if place != IN_SENTENCE
    )


def signals(features: Floats, scores: Floats, asked: Asked, missing: float) -> Floats:
    """Return what answerability is judged by, shape (len(SIGNALS),).

    Args:
        features: of the sentences, (n, len(FEATURES)), n > 0.
        scores: of the same sentences.
        missing: what ``missing_words`` says of the best sentence.
    """
    order = np.argsort(-scores, kind="stable")
    best = features[order[0]]
    first = float(scores[order[0]])

    def below(place: int) -> float:
        return float(scores[order[0]] - scores[order[min(place, len(order) - 1)]])

    others = {
        "score": first,
        "margin": below(1),
        "spread": below(4),
        "named": float(asked.named),
        "asks_number": float(asked.answer_type is AnswerType.NUMBER),
        "wants_several": float(asked.wants_several),
        "asks_other": float(asked.answer_type is AnswerType.OTHER),
        "compared": float(asked.compared > 1),
        "translated": float(asked.translated),
        "missing_words": missing,
        "follow_up": float(asked.follow_up),
        "both_english": float(asked.both_english),
    }

    def value(name: str) -> float:
        if name in others:
            return others[name]
        how, _, feature = name.partition("_")
        column = _AT[feature]
        return float(best[column] if how == "top" else _REDUCED[how](features[:, column]))

    return np.array([value(name) for name in SIGNALS])


_REDUCED = {"max": np.max, "min": np.min}
