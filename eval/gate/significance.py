"""Significance: paired bootstrap intervals, the exact sign test, correction for many tests. All deterministic."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np

DRAWS = 2000
LEVEL = 0.95
ALPHA = 0.05


def bootstrap_interval(differences: Sequence[float], seed: str, draws: int = DRAWS) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the mean of paired differences.

    Args:
        differences: new minus base, one for each question that both have a score for.
        seed: any text; the same text and differences give the same interval.

    Source: Efron and Tibshirani, An introduction to the bootstrap, 1993, chapter 13.
    """
    values = np.asarray(differences, dtype=np.float64)
    if not values.size:
        return 0.0, 0.0
    if np.all(values == values[0]):
        return float(values[0]), float(values[0])
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big"))
    means = values[rng.integers(0, values.size, size=(draws, values.size))].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def sign_test(losses: int, gains: int) -> float:
    """Return the exact two-sided p that so uneven a split comes by chance; ties are left out.

    For a metric of 0 and 1 this is the exact McNemar test: p = min(1, 2 P(X <= min(losses, gains))) with X binomial
    over n = losses + gains trials of one half. Source: McNemar, Psychometrika 12, 1947; Conover, Practical
    nonparametric statistics, 1999, section 3.4.
    """
    n = losses + gains
    if n == 0:
        return 1.0
    tail = sum(math.comb(n, k) for k in range(min(losses, gains) + 1))
    return min(1.0, float(2 * tail) / float(2**n))


def least_p(pairs: int) -> float:
    """Return the smallest p that the sign test can give with so many untied pairs."""
    return sign_test(pairs, 0)


def detectable_losses(gains: int, tests: int, alpha: float = ALPHA) -> int:
    """Return how many questions must get worse, beside so many that got better, until the sign test shows a loss.

    Args:
        tests: size of the family of tests that is corrected for; the largest correction (Bonferroni's) is assumed.
    """
    losses = gains + 1
    while sign_test(losses, gains) >= alpha / max(1, tests):
        losses += 1
    return losses


def adjust(tests: Sequence[tuple[float, int]], alpha: float = ALPHA) -> list[float]:
    """Return p values corrected for their number, each to be compared with ``alpha``.

    Args:
        tests: (p, untied pairs) of each sign test in one family.

    Holm's step-down correction over the tests that could come out significant at all: a test with too few untied
    pairs can't, whatever happened, and costs the others nothing. Such a test gets 1.0. Sources: Holm, Scandinavian
    Journal of Statistics 6, 1979; Tarone, Biometrics 46, 1990.
    """
    least = [least_p(pairs) for _, pairs in tests]
    size = next(k for k in range(1, len(tests) + 2) if sum(p <= alpha / k for p in least) <= k)
    able = [i for i, p in enumerate(least) if p <= alpha / size]
    adjusted = [1.0] * len(tests)
    worst = 0.0
    for rank, index in enumerate(sorted(able, key=lambda i: (tests[i][0], i))):
        worst = max(worst, min(1.0, (len(able) - rank) * tests[index][0]))
        adjusted[index] = worst
    return adjusted
