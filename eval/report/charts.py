"""The geometry of charts whose marks depend on all values; ``templates/charts.html`` draws them as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BINS = 24


@dataclass(frozen=True, slots=True)
class Bin:
    """One step of a histogram: its bounds, how many values fall into it, and its height from 0 to 1."""

    low: float
    high: float
    count: int
    height: float


def histogram(values: Sequence[float], bins: int = BINS) -> list[Bin]:
    """Return how often values, at least one, fall into equal steps from 0 to their 99th percentile.

    Larger values are in the last step.
    """
    ordered = sorted(values)
    top = max(ordered[int(0.99 * (len(ordered) - 1))], 1e-9)
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(value / top * bins))] += 1
    return [Bin(top * i / bins, top * (i + 1) / bins, count, count / max(counts)) for i, count in enumerate(counts)]


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference with its interval and mark; ``at``, ``start`` and ``end`` are places from -1 to 1 on the axis."""

    label: str
    change: float
    low: float
    high: float
    mark: str
    at: float
    start: float
    end: float


def intervals(rows: Sequence[tuple[str, float, float, float, str]]) -> tuple[float, list[Interval]]:
    """Return half the width of an axis around zero that holds all intervals, and the intervals on it.

    Args:
        rows: (label, difference, low, high, mark: "good", "bad" or "") from top to bottom.
    """
    reach = max([0.02, *(max(abs(low), abs(high)) for _, _, low, high, _ in rows)]) * 1.1
    return reach, [
        Interval(label, change, low, high, mark, change / reach, low / reach, high / reach)
        for label, change, low, high, mark in rows
    ]
