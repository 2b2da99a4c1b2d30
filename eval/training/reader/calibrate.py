"""Fits how the reader's scores rank and become probabilities, on questions that its training never saw.

They are asked through the product: those of the repository's own sets that ``mixture`` kept out, and the pairs over
the written documents that it kept out. The linear model was fitted to the own sets and knows their questions; the
written ones, which it doesn't know, are eight times as many.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qa.ranking.reader.calibration import SIGNALS, Calibration
from qa.ranking.reader.ranker import ReaderRanker
from qa.reader.model import Reader
from qa.settings import Settings
from vectorstore.library import Library

from ...runs import corpus as corpora
from ..logistic import fit_logistic
from .pairs import read_pairs
from .samples import Sample, own, written
from .worth import at_rate, best, worth


def calibrate(
    weights: Path, data: Path, sets: Path, seeds: Path, pairs: Sequence[Path], settings: Settings, rate: float
) -> dict[str, Any]:
    """Write the calibration of ``weights`` beside them; return it with what it is worth.

    Args:
        weights: the artefact.
        data: what ``prepare`` wrote: says which of the own questions were kept out.
        sets: the folder of question sets.
        seeds: the folder of the five reports.
        pairs: folders of written pairs.
        rate: of false refusals.
    """
    embedder = corpora.embedder_of(settings, data / "vectors", queries=True)
    reader = Reader.load(weights, settings.data_dir)

    def ranker(library: Library) -> ReaderRanker:
        return ReaderRanker(library, reader, None)

    samples = [
        *own(data, sets, seeds, settings, embedder, ranker),
        *written(read_pairs(pairs), settings, embedder, ranker),
    ]
    fitted, report = fit(samples, reader.weights_hash, rate)
    value = {
        "weights_sha256": fitted.weights_hash,
        "rank": {"reader": round(fitted.rank[0], 4), "linear": round(fitted.rank[1], 4)},
        "signals": {name: round(weight, 4) for name, weight in fitted.signals.items()},
        "offset": round(fitted.offset, 4),
        "fitted": report,
    }
    weights.with_suffix(".json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return value


def fit(samples: Sequence[Sample], weights_hash: str, rate: float) -> tuple[Calibration, dict[str, Any]]:
    """Return the calibration, and what it is worth on ``samples``."""
    rank = fit_rank(samples)
    bests = [best(Calibration(weights_hash, rank, {}, 0.0), sample) for sample in samples]
    rows = [sample.reading.signals(at) for sample, at in zip(samples, bests, strict=True)]
    x = np.array([[row[name] for name in SIGNALS] for row in rows])
    y = np.array([sample.answerable for sample in samples], dtype=np.float64)
    known = np.array([not sample.written for sample in samples])
    slope, offset = fit_logistic(x, y)
    log_odds = x @ slope + offset
    threshold = at_rate(log_odds[y > 0], rate)
    found = Calibration(weights_hash, rank, dict(zip(SIGNALS, slope.tolist(), strict=True)), offset - threshold)
    report = {
        name: worth(samples, bests, log_odds - threshold, rate, rows)
        for name, rows in (("own", known), ("written", ~known))
        if rows.any()
    }
    return found, report | {"false_refusals": rate}


def fit_rank(samples: Sequence[Sample]) -> tuple[float, float]:
    """Return the weights of reader and linear model: a conditional logit over the sentences that were read.

    Of McFadden 1974, by Newton's method with a ridge; neither weight is below 0.
    """
    tables = []
    for sample in samples:
        read = sample.reading.read
        positive = sample.positive[read]
        if 0 < positive.sum() < read.sum():
            both = np.stack([sample.reading.log_odds[read], sample.reading.judged.scores[read]], axis=1)
            tables.append((both, positive))
    weights = np.array([1.0, 0.5])
    for _ in range(50):
        gradient, hessian = -0.01 * weights, -0.01 * np.eye(2)
        for both, positive in tables:
            for rows, sign in ((positive > 0, 1.0), (positive >= 0, -1.0)):
                x = both[rows]
                p = np.exp(x @ weights - (x @ weights).max())
                p /= p.sum()
                mean = p @ x
                gradient += sign * mean
                if sign < 0:  # the positives' own spread is left out: the bound is concave without it
                    hessian -= (x * p[:, None]).T @ x - np.outer(mean, mean)
        step = np.linalg.solve(hessian, gradient)
        weights = np.maximum(weights - step, 0.0)
        if np.abs(step).max() < 1e-6:
            break
    return float(weights[0]), float(weights[1])
