"""What reader and linear model are worth, together and each alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qa.ranking.base import Floats
from qa.ranking.reader.calibration import JUDGE, JUDGE_RANGE, SIGNALS, Calibration

from .curve import auc
from .samples import Sample


def best(ranked: Calibration, sample: Sample) -> int:
    """Return the sentence that comes first of those that were read."""
    return int(np.nanargmax(ranked.scores(sample.reading.log_odds, sample.reading.judged.scores)))


def at_rate(log_odds: Floats, rate: float, weights: Floats | None = None) -> float:
    """Return the log-odds below which a share ``rate`` of the answerable questions lies.

    Args:
        weights: of each question, shape (questions,); None for 1.
    """
    order = np.argsort(log_odds, kind="stable")
    weight = np.ones(len(order)) if weights is None else weights[order]
    below = (np.cumsum(weight) - weight) / weight.sum()
    return float(log_odds[order][np.searchsorted(below, rate, side="right") - 1])


def signals_of(sample: Sample, at: int) -> dict[str, float]:
    """Return all signals of a sample whose best sentence is the one at ``at``."""
    return sample.reading.signals(at) | {JUDGE: min(max(sample.reading.judge(at), JUDGE_RANGE[0]), JUDGE_RANGE[1])}


def log_odds_of(fitted: Calibration, samples: Sequence[Sample], bests: Sequence[int]) -> Floats:
    """Return the log-odds that each sample has an answer, shape (samples,)."""
    rows = [signals_of(sample, at) for sample, at in zip(samples, bests, strict=True)]
    slopes = np.array([fitted.signals[name] for name in SIGNALS])
    found: Floats = np.array([[row[name] for name in SIGNALS] for row in rows]) @ slopes + fitted.offset
    return found


def worth(
    samples: Sequence[Sample], bests: Sequence[int], log_odds: Floats, rate: float, rows: NDArray[np.bool_]
) -> dict[str, float]:
    """Return shares of the samples in ``rows``, for both models together, the reader alone and the linear one alone.

    ``right``: best sentences that answer. ``answered``, ``refused``: of the answerable and of the others. ``told``: of
    the others, refused when ``rate`` of the answerable ones of these very questions is. ``auc``: whatever the
    threshold.

    Args:
        log_odds: that each has an answer; 0 and more is an answer. Shape (samples,).
    """
    chosen = [(s, at, value >= 0) for s, at, value, row in zip(samples, bests, log_odds, rows, strict=True) if row]
    yes = [one for one in chosen if one[0].answerable]
    no = [one for one in chosen if not one[0].answerable]
    answerable = np.array([sample.answerable for sample in samples])
    by_reader = np.array([sample.reading.signals(at)["any"] for sample, at in zip(samples, bests, strict=True)])
    by_linear = np.array([sample.reading.judged.log_odds for sample in samples])
    found: dict[str, float] = {"answerable": len(yes), "unanswerable": len(no)}
    shares = {
        "right": [s.positive[at] for s, at, _ in yes],
        "right_reader": [s.positive[int(np.nanargmax(s.reading.log_odds))] for s, _, _ in yes],
        "right_linear": [s.positive[int(np.argmax(s.reading.judged.scores))] for s, _, _ in yes],
        "answered": [told for _, _, told in yes],
        "answered_linear": [s.reading.judged.probability >= 0.5 for s, _, _ in yes],
        "refused": [not told for _, _, told in no],
        "refused_linear": [s.reading.judged.probability < 0.5 for s, _, _ in no],
    }
    found |= {name: round(float(np.mean(values)), 4) for name, values in shares.items() if values}
    if yes and no:
        for name, told in (("auc", log_odds), ("auc_reader", by_reader), ("auc_linear", by_linear)):
            least = at_rate(told[rows & answerable], rate)
            found[name.replace("auc", "told")] = round(float((told[rows & ~answerable] < least).mean()), 4)
            found[name] = round(auc(told[rows & answerable].tolist(), told[rows & ~answerable].tolist()), 4)
    return found
