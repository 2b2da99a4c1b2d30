"""The area under the curve: how well a score tells answerable questions from others, whatever the threshold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the share of (positive, negative) that stand in the right order, ties counting half."""
    if not len(positive) or not len(negative):
        return float("nan")
    order = np.sort(np.asarray(negative))
    below, upto = (np.searchsorted(order, positive, side).sum() for side in ("left", "right"))
    return float((below + upto) / 2 / len(positive) / len(negative))
