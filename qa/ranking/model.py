"""The weights of the features: which sentence answers best, and whether any does.

Fitted on question sets by ``eval.training.linear`` and kept in ``weights.json``: a conditional logit ranks a question's
sentences, trees and a plane judge from all of them whether the best one answers.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.question.analysis import Kind
from qa.ranking.date_match import OTHER
from qa.ranking.features import FEATURES, IN_SENTENCE

Floats = NDArray[np.float64]

SIGNALS = (
    "score", "margin", "spread", "top_cosine", "top_cosine_focus", "top_cosine_passage", "top_cover",
    "top_cover_segment", "top_cover_context", "top_cover_gap", "top_cover_kind", "top_kind", "top_measure",
    "top_numbers", "top_label", "top_precision", "top_date", "top_attribute", "top_cover_document",
    "top_year", "top_stranger", "max_cosine", "max_cosine_focus", "max_cover", "max_cover_segment",
    "max_cover_kind", "max_label", "max_attribute", "min_gap", "max_context", "named", "counts", "much",
    "other", "several", "foreign", "top_counts", "top_gap", "top_narrower", "max_counts", "min_own_gap",
    "top_cover_clause", "top_rival", "max_cover_clause",
    "lacking", "later", "top_topic", "top_topic_context", "top_again", "top_beside", "max_topic",
    "top_sort", "max_sort", "top_items", "max_items", "top_states", "max_states",
    "top_quoted", "max_quoted", "top_cause", "max_cause",
    "top_cover_told", "max_cover_told", "top_cosine_told", "max_cosine_told", "english",
)  # fmt: skip
"""What the answerability of a question is judged by, drawn from the features of all its candidate sentences."""

_TOP = (
    "cosine", "cosine_focus", "cosine_passage", "cover", "cover_segment", "cover_context", "cover_gap",
    "cover_kind", "kind", "measure", "numbers", "label", "precision", "date", "attribute", "cover_document",
    "year", "stranger",
)  # fmt: skip
_MAX = (
    "cosine", "cosine_focus", "cover", "cover_segment", "cover_kind", "label", "attribute",
)  # fmt: skip
_AT = {name: index for index, name in enumerate(FEATURES)}


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

    def share(self, found: Floats) -> float:
        """Return the mean of the leaves that ``found``, shape (len(SIGNALS),), leads to."""
        at, values = self.roots, found.astype(np.float32)
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
class Judge:
    """Does the best sentence answer?

    The mean of extremely randomised trees (Geurts, Ernst and Wehenkel 2006), as log-odds, plus a logistic regression:
    trees know the shapes that they grew on, the plane keeps its sense on documents unlike those.
    """

    trees: Forest
    plane: Floats
    """Log-odds for each unit of a signal, shape (len(SIGNALS),)."""
    offset: float
    threshold: float
    """Least log-odds at which a question that names its document is answered."""
    unnamed: float
    """The same for one that names none: it may be about anything."""
    follow_up: float
    """The same for a follow-up, whose words are fewer because the conversation holds the rest."""

    def __call__(self, found: Floats) -> float:
        """Return the log-odds that the best sentence answers."""
        share = min(max(self.trees.share(found), 0.01), 0.99)
        return math.log(share / (1 - share)) + float(found @ self.plane) + self.offset


@dataclass(frozen=True, slots=True)
class Weights:
    rank: Floats
    """Shape (len(FEATURES),)."""
    judge: Judge
    words: dict[str, tuple[float, float]]
    """Term -> what it says for an answer that the best sentence's passage lacks it, or the sentence alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question is asked of a document."""

    kind: Kind
    named: bool
    """Whether it names the document."""
    parts: int
    """Documents that it asks side by side."""
    translated: bool
    """Whether it is in another language than the documents, so that few words can match."""
    later: bool
    """Whether it leans on an earlier question of its conversation."""
    english: bool = False
    """Whether question and documents are both in English."""


@cache
def weights() -> Weights:
    """Return the fitted weights that ship with the package."""
    held: dict[str, Any] = json.loads(resources.files("qa.ranking").joinpath("weights.json").read_text("utf-8"))
    judge = held["judge"]
    return Weights(
        np.array([held["rank"][name] for name in FEATURES]),
        Judge(
            Forest.unpacked(judge["trees"]),
            np.array([judge["plane"][name] for name in SIGNALS]),
            judge["offset"],
            judge["threshold"],
            judge["unnamed"],
            judge["follow_up"],
        ),
        {term: (float(nowhere), float(beside)) for term, (nowhere, beside) in held["words"].items()},
    )


def rank(features: Floats) -> Floats:
    """Return a score for each sentence, shape (n,); only comparable inside one question."""
    return features @ weights().rank


def lacking(terms: Sequence[str], held: NDArray[np.uint8], words: dict[str, tuple[float, float]]) -> float:
    """Return what the terms that a sentence lacks say for its being an answer: log-odds, up to a constant.

    Some words are missing because people put things differently ("一共", "花", "到底"), others because what they ask
    for isn't there ("平均", "国家级", "年龄"). A logistic regression on many questions tells them apart.

    Args:
        held: where the terms stand, shape (terms,); see :func:`qa.ranking.features.matrix`.
    """
    none = (0.0, 0.0)
    return sum(
        words.get(term, none)[0] if place == 0 else words.get(term, none)[1]
        for term, place in zip(terms, held.tolist(), strict=True)
        if place != IN_SENTENCE
    )


def signals(features: Floats, scores: Floats, asked: Asked, lacks: float) -> Floats:
    """Return what answerability is judged by, shape (len(SIGNALS),).

    Args:
        features: of the sentences, (n, len(FEATURES)), n > 0.
        scores: of the same sentences by ``rank``.
        lacks: what ``lacking`` says of the best sentence.
    """
    order = np.argsort(-scores, kind="stable")
    best = features[order[0]]

    def below(place: int) -> float:
        return float(scores[order[0]] - scores[order[min(place, len(order) - 1)]])

    found = [float(scores[order[0]]), below(1), below(4)]
    found += [best[_AT[name]] for name in _TOP]
    found += [features[:, _AT[name]].max() for name in _MAX]
    found += [features[:, _AT["cover_gap"]].min(), features[:, _AT["cover_context"]].max()]
    kind = asked.kind
    much = kind in (Kind.LIST, Kind.MANNER, Kind.REASON, Kind.SUMMARY)
    found += [
        float(asked.named),
        float(kind is Kind.NUMBER),
        float(much),
        float(kind is Kind.OTHER),
        float(asked.parts > 1),
        float(asked.translated),
        best[_AT["counts"]],
        best[_AT["gap"]],
        best[_AT["narrower"]],
        features[:, _AT["counts"]].max(),
        features[:, _AT["gap"]].min(),
        best[_AT["cover_clause"]],
        best[_AT["rival"]],
        features[:, _AT["cover_clause"]].max(),
        lacks,
        float(asked.later),
        *(best[_AT[name]] for name in ("topic", "topic_context", "again", "beside")),
        features[:, _AT["topic"]].max(),
        *(
            reduced
            for name in ("sort", "items", "states", "quoted", "cause", "cover_told", "cosine_told")
            for reduced in (best[_AT[name]], features[:, _AT[name]].max())
        ),
        float(asked.english),
    ]
    return np.array(found)


_RIVALS = {"top_rival": 1.0, "top_items": -1.0, "top_date": OTHER, "top_sort": 0.0, "top_narrower": 2.0}
"""What settles it: the best sentence speaks of 3星级 and not of the 5星级 asked for, of another year, or names none."""


def answerable(found: Floats, asked: Asked) -> float:
    """Return how sure it is that the best sentence answers, from 0 to 1; 0.5 and more is an answer.

    Args:
        found: of ``signals``.
    """
    judge = weights().judge
    held = dict(zip(SIGNALS, found.tolist(), strict=True))
    if any(held[name] == value for name, value in _RIVALS.items()):
        return 0.0
    threshold = judge.follow_up if asked.later else judge.threshold if asked.named else judge.unnamed
    logit = judge(found) - threshold
    return 1.0 / (1.0 + math.exp(-max(logit, 0.0) if _says_it_all(held) else -logit))


def _says_it_all(held: dict[str, float]) -> bool:
    """Whether one stretch of the best sentence has all words of the question and the kind of answer it wants."""
    contradicted = held["top_stranger"] or held["top_year"] or held["top_date"] < 0
    return held["top_cover_kind"] > 0.95 and held["top_attribute"] > 0.95 and not contradicted
