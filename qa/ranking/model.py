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
from qa.ranking.features import FEATURES, IN_SENTENCE

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question is asked of documents."""

    named: bool
    """Whether it names them."""
    wants_several: bool
    """Whether several sentences make a better answer than one."""
    compared: bool
    """Whether it asks several side by side."""
    translated: bool
    """Whether it is in another language than they are, so that few words can match."""
    follow_up: bool
    """Whether it leans on an earlier question of its conversation."""
    both_english: bool
    """Whether question and documents are both in English."""


SIGNALS = (
    "score",
    "margin",
    "spread",
    *Asked.__slots__,
    *(f"top_{name}" for name in FEATURES),
    *(f"max_{name}" for name in FEATURES),
    "missing_words",
)
"""What answerability is judged by: the best score, its distances to the second and to the fifth best, what kind of
question it is, each feature's value for the best sentence (top_) and its maximum over all of them, and which of the
question's words the best sentence lacks."""


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
        """Return how far the log-odds are above the threshold for such a question: 0 and more is an answer."""
        of = self.thresholds
        return self.log_odds(signals) - (of.follow_up if asked.follow_up else of.named if asked.named else of.unnamed)


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


def probability(log_odds: float) -> float:
    """Return ``log_odds`` as a probability."""
    return 1.0 / (1.0 + math.exp(-min(max(log_odds, -30.0), 30.0)))


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
    first, second, fifth = (float(scores[order[min(place, len(order) - 1)]]) for place in (0, 1, 4))
    standing = [first, first - second, first - fifth]
    told = [float(getattr(asked, name)) for name in Asked.__slots__]
    return np.concatenate([standing, told, features[order[0]], features.max(axis=0), [missing]])
