"""Metrics of a whole set: abstention, conversations, latency, and means over the questions that have a score."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that there are; None when there is none."""
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def abstention(abstained: Sequence[bool], answerable: Sequence[bool]) -> dict[str, float | None]:
    """Return precision, recall and F1 of abstaining as the positive class, over a whole set.

    With tp unanswerable questions abstained on, fp answerable ones, and fn unanswerable ones answered:
    precision = tp / (tp + fp), recall = tp / (tp + fn), F1 = 2 tp / (2 tp + fp + fn); None where 0 is divided by.
    """
    pairs = list(zip(abstained, answerable, strict=True))
    tp = sum(a and not b for a, b in pairs)
    fp = sum(a and b for a, b in pairs)
    fn = sum(not a and not b for a, b in pairs)
    return {
        "precision": tp / (tp + fp) if tp + fp else None,
        "recall": tp / (tp + fn) if tp + fn else None,
        "f1": 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else None,
    }


def turns(chains: Sequence[Sequence[str]], correct: Mapping[str, float]) -> dict[str, float | int | None]:
    """Return how conversations went: their turns alone, and together.

    ``chains`` are the ids of the turns of each conversation. "alone" is the share of turns that are right (a turn of
    two conversations counts once), "together" the share of conversations of which every turn that has a score is right.
    """
    scored = [[correct[turn] for turn in chain if turn in correct] for chain in chains]
    every = {turn for chain in chains for turn in chain if turn in correct}
    return {
        "conversations": len(chains),
        "turns": len(every),
        "alone": mean(correct[turn] for turn in every),
        "together": mean(float(all(chain)) for chain in scored if chain),
    }


def latency(milliseconds: Iterable[float]) -> dict[str, float]:
    """Return the median, and p95 as the value at index floor(0.95 (n - 1)) of n sorted ones; empty without values."""
    values = sorted(milliseconds)
    if not values:
        return {}
    return {"p50": round(statistics.median(values), 1), "p95": round(values[int(0.95 * (len(values) - 1))], 1)}
