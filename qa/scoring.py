"""The weights of the features: which sentence answers best, and whether any does.

Both are linear in the features of ``qa.features``, fitted on public question sets (``eval/fit``) and kept in
``weights.json``: a conditional logit for ranking a question's sentences, a logistic regression for whether the best one answers.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.features import FEATURES
from qa.question import Kind

Floats = NDArray[np.float64]

SIGNALS = (
    "score", "margin", "spread",
    "top_cosine", "top_cosine_focus", "top_cosine_passage", "top_cover", "top_cover_segment", "top_cover_context",
    "top_cover_gap", "top_cover_kind", "top_kind", "top_measure", "top_numbers", "top_label", "top_precision", "top_date", "top_attribute", "top_cover_document", "top_stranger",
    "max_cosine", "max_cosine_focus", "max_cover", "max_cover_segment", "max_cover_kind", "max_label", "max_attribute",
    "min_gap", "max_context", "named", "counts", "much", "other", "several",
)  # fmt: skip
"""What the answerability of a question is judged by, drawn from the features of all its candidate sentences."""

_TOP = ("cosine", "cosine_focus", "cosine_passage", "cover", "cover_segment", "cover_context", "cover_gap", "cover_kind",
        "kind", "measure", "numbers", "label", "precision", "date", "attribute", "cover_document", "stranger")  # fmt: skip
_MAX = ("cosine", "cosine_focus", "cover", "cover_segment", "cover_kind", "label", "attribute")
_AT = {name: index for index, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Weights:
    rank: Floats
    """Shape (len(FEATURES),)."""
    answerable: Floats
    """Shape (len(SIGNALS),)."""
    intercept: float
    threshold: float
    """Least probability at which a question is answered."""


@cache
def weights() -> Weights:
    """Return the fitted weights that ship with the package."""
    held: dict[str, Any] = json.loads(resources.files("qa").joinpath("weights.json").read_text("utf-8"))
    return Weights(
        np.array([held["rank"][name] for name in FEATURES]),
        np.array([held["answerable"][name] for name in SIGNALS]),
        held["intercept"],
        held["threshold"],
    )


def rank(features: Floats) -> Floats:
    """Return a score for each sentence, shape (n,); only comparable inside one question."""
    return features @ weights().rank


def signals(features: Floats, scores: Floats, kind: Kind, named: bool, parts: int) -> Floats:
    """Return what answerability is judged by, shape (len(SIGNALS),).

    Args:
        features: of the sentences, (n, len(FEATURES)), n > 0.
        scores: of the same sentences by ``rank``.
        named: whether the question names the document.
        parts: documents that the question asks side by side.
    """
    order = np.argsort(-scores, kind="stable")
    best = features[order[0]]

    def below(place: int) -> float:
        return float(scores[order[0]] - scores[order[min(place, len(order) - 1)]])

    found = [float(scores[order[0]]), below(1), below(4)]
    found += [best[_AT[name]] for name in _TOP]
    found += [features[:, _AT[name]].max() for name in _MAX]
    found += [features[:, _AT["cover_gap"]].min(), features[:, _AT["cover_context"]].max()]
    much = kind in (Kind.LIST, Kind.MANNER, Kind.REASON, Kind.SUMMARY)
    found += [float(named), float(kind is Kind.NUMBER), float(much), float(kind is Kind.OTHER), float(parts > 1)]
    return np.array(found)


def answerable(found: Floats) -> float:
    """Return the probability that the best sentence answers, by logistic regression on ``signals``."""
    held = weights()
    return 1.0 / (1.0 + math.exp(-float(found @ held.answerable + held.intercept)))
