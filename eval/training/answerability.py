"""Fits what tells whether the best sentence answers: words that it may lack, trees, and a logistic regression."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.ranking import model
from qa.ranking.features import IN_SENTENCE

from .logistic import fit_logistic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TREES, LEAST, FOLDS = 60, 3, 6
"""Trees, questions in a leaf at least, and parts in which questions are held out in turn."""
RIDGE_LINEAR = 10.0
"""Penalty of the logistic regression beside the trees."""
FALSE_REFUSALS_FOLLOW_UP = 0.006
"""The same for follow-ups: people ask them about what was just answered, and few are at hand to fit on."""
FALSE_REFUSALS, FALSE_REFUSALS_UNNAMED = 0.15, 0.2
"""Share of answerable questions that the threshold may refuse, on questions held out of the fit."""
PRIOR_WORDS = 0.3
"""Inverse penalty of the words' logistic regression."""
BESIDE = 0.5
"""Value of a term that the sentence lacks and its passage has, where one that both lack has 1."""
MOST_WORD = 0.2
"""Log-odds: a word that is lacking hardly speaks for an answer; more than this is a habit of those who asked."""
LEAST_WORD = 0.02
"""Log-odds: words that say less are left out."""


def folds(texts: Sequence[str]) -> Ints:
    """Return for each question the part in which it is held out: the same for the same text."""
    return np.array([zlib.crc32(text.encode()) % FOLDS for text in texts])


def missing_words(terms: Sequence[str], places: NDArray[np.uint8]) -> dict[tuple[str, int], float]:
    """Return the terms that a sentence lacks, with where they stand instead (0 for nowhere), and their value."""
    return {
        (term, place): 1.0 if place == 0 else BESIDE
        for term, place in zip(terms, places.tolist(), strict=True)
        if place != IN_SENTENCE
    }


def fit_words(
    lacked: Sequence[dict[tuple[str, int], float]], y: Floats, weight: Floats, fold: Ints
) -> tuple[Floats, dict[str, tuple[float, float]]]:
    """Return what ``missing_words`` says of each question, held out of its fit, and the words fitted to all."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = DictVectorizer()
    x = vectorizer.fit_transform([{f"{place}{term}": v for (term, place), v in row.items()} for row in lacked])

    def coefficients(rows: NDArray[np.bool_]) -> Floats:
        model = LogisticRegression(C=PRIOR_WORDS, max_iter=1000)
        model.fit(x[rows], y[rows], sample_weight=_balance(y[rows], weight[rows]))
        return np.asarray(np.minimum(model.coef_[0], MOST_WORD), dtype=np.float64)

    held_out = np.zeros(len(y))
    for number in range(FOLDS):
        held_out[fold == number] = x[fold == number] @ coefficients(fold != number)
    words: dict[str, list[float]] = {}
    for name, value in zip(vectorizer.get_feature_names_out(), coefficients(np.ones(len(y), dtype=bool)), strict=True):
        place = int(name[0])
        words.setdefault(name[1:], [0.0, 0.0])[place] = round(float(value) * (BESIDE if place else 1.0), 3)
    return held_out, {t: (w[0], w[1]) for t, w in sorted(words.items()) if max(map(abs, w)) >= LEAST_WORD}


def fit_answerability(x: Floats, y: Floats, weight: Floats, follow_up: NDArray[np.bool_], fold: Ints) -> dict[str, Any]:
    """Return what tells answerable questions from others, classes balanced, as ``qa.ranking.model.Answerability``.

    The thresholds are chosen on predictions for questions held out in turn, since trees know those they grew on by
    heart.
    """
    balance = _balance(y, weight)
    held_out = np.zeros(len(y))
    for number in range(FOLDS):
        rows, test = fold != number, fold == number
        fitted = _answerability(_grown(x[rows], y[rows], balance[rows]))
        held_out[test] = [fitted.log_odds(signals) for signals in x[test]]
    grown = _grown(x, y, balance)
    named = x[:, model.SIGNALS.index("named")] > 0
    single = (y > 0) & ~follow_up
    return {
        "thresholds": {
            "named": _threshold(held_out, weight, single & named, FALSE_REFUSALS),
            "unnamed": _threshold(held_out, weight, single & ~named, FALSE_REFUSALS_UNNAMED),
            "follow_up": _threshold(held_out, weight, (y > 0) & follow_up, FALSE_REFUSALS_FOLLOW_UP),
        },
        "calibration": _calibration(held_out, y, balance),
        **grown,
        "trees": grown["trees"].packed(),
    }


def _answerability(grown: dict[str, Any]) -> model.Answerability:
    linear = np.array([grown["linear"][name] for name in model.SIGNALS])
    return model.Answerability(grown["trees"], linear, grown["offset"], model.Thresholds(0.0, 0.0, 0.0))


def _grown(x: Floats, y: Floats, balance: Floats) -> dict[str, Any]:
    """Return the trees and the linear part that were fitted to ``x`` (questions, signals)."""
    # Only fitting needs it: pip install scikit-learn
    from sklearn.ensemble import ExtraTreesClassifier

    forest = ExtraTreesClassifier(TREES, min_samples_leaf=LEAST, max_features=0.4, random_state=0)
    forest.fit(x, y, sample_weight=balance)
    slopes, offset = fit_logistic(x, y, balance, RIDGE_LINEAR)
    return {
        "linear": dict(zip(model.SIGNALS, (round(float(v), 5) for v in slopes), strict=True)),
        "offset": round(offset, 5),
        "trees": forest_of([tree.tree_ for tree in forest.estimators_]),
    }


def forest_of(trees: Sequence[Any]) -> model.Forest:
    """Return scikit-learn's trees, whose nodes stand in depth-first order, in one row."""
    starts = np.cumsum([0, *(tree.node_count for tree in trees)])
    leaves = [tree.children_left < 0 for tree in trees]
    shares = [tree.value[:, 0, 1] / tree.value[:, 0].sum(axis=1) for tree in trees]
    signals = [np.where(leaf, -1, tree.feature) for tree, leaf in zip(trees, leaves, strict=True)]
    values = [np.where(leaf, s, tree.threshold) for tree, leaf, s in zip(trees, leaves, shares, strict=True)]
    rights = [np.where(leaf, 0, t.children_right + at) for t, leaf, at in zip(trees, leaves, starts, strict=False)]
    return model.Forest(
        np.concatenate(signals).astype(np.int16),
        np.concatenate(values).round(4).astype(np.float32),
        np.concatenate(rights).astype(np.int32),
        starts[:-1].astype(np.int32),
    )


def _calibration(logits: Floats, y: Floats, balance: Floats) -> list[list[float]]:
    """Return for each fifth of the questions, least sure first, the mean probability given and the share answerable.

    Of questions held out, classes balanced as in the fit.
    """
    given = 1 / (1 + np.exp(-logits))
    parts = np.array_split(np.argsort(given, kind="stable"), 5)
    return [
        [round(float(np.average(values[part], weights=balance[part])), 3) for values in (given, y)] for part in parts
    ]


def _threshold(values: Floats, weight: Floats, rows: NDArray[np.bool_], share: float) -> float:
    """Return the log-odds below which ``share`` of ``rows`` lie; 0 when there are none."""
    return round(_quantile(values[rows], weight[rows], share), 4) if rows.any() else 0.0


def _quantile(values: Floats, weight: Floats, share: float) -> float:
    """Return the weighted quantile of ``values``."""
    order = np.argsort(values)
    at = np.searchsorted(np.cumsum(weight[order]), share * weight.sum())
    return float(values[order[min(int(at), len(order) - 1)]])


def _balance(y: Floats, weight: Floats) -> Floats:
    """Return ``weight`` such that answerable questions and others weigh alike."""
    return np.asarray(np.where(y > 0, 1 / weight[y > 0].sum(), 1 / weight[y == 0].sum()) * weight * len(y) / 2)
