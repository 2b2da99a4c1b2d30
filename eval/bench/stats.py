"""Statistics of a benchmark: quantiles of waiting times, and medians over turns."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest of ``values`` that at least ``share`` of them don't exceed (nearest rank).

    Raises:
        ValueError: there are no values, or the share isn't over 0 and at most 1.
    """
    if not values or not 0 < share <= 1:
        raise ValueError(f"a quantile of {len(values)} values at {share}")
    return sorted(values)[math.ceil(share * len(values)) - 1]


def medians(turns: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return for each figure its median over ``turns``, all of which have the same figures."""
    return {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}
