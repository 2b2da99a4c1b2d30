"""Logistic regression, by Newton's method with a ridge on standardised inputs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fit_logistic(x: Floats, y: Floats, weight: Floats | None = None, ridge: float = 1.0) -> tuple[Floats, float]:
    """Return slopes and offset.

    Args:
        x: shape (n, signals).
        y: 1.0 or 0.0, shape (n,).
        weight: of each row, shape (n,); None for 1.
        ridge: penalty of the slopes, of standardised inputs.
    """
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    rows = np.concatenate([(x - mean) / scale, np.ones((len(x), 1))], axis=1)
    each = np.ones(len(x)) if weight is None else weight
    penalty = ridge * np.eye(rows.shape[1])
    penalty[-1, -1] = 1e-6
    weights = np.zeros(rows.shape[1])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -30, 30)))
        gradient = rows.T @ (each * (y - p)) - penalty @ weights
        step = np.linalg.solve((rows * (each * p * (1 - p))[:, None]).T @ rows + penalty, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    slope = weights[:-1] / scale
    return slope, float(weights[-1] - slope @ mean)
