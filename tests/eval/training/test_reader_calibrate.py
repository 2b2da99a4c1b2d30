"""Fitting the reader's calibration."""

from __future__ import annotations

import numpy as np
import pytest

from eval.training.reader.calibrate import fit_logistic


def test_a_logistic_regression_finds_what_made_the_data() -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=(6000, 2)) * [1.0, 5.0] + [0.0, 3.0]
    p = 1 / (1 + np.exp(-(1.5 * x[:, 0] - 0.3 * x[:, 1] + 0.5)))
    y = (random.random(6000) < p).astype(np.float64)
    slope, offset = fit_logistic(x, y)
    assert slope == pytest.approx([1.5, -0.3], abs=0.12)
    assert offset == pytest.approx(0.5, abs=0.15)
    given, _ = fit_logistic(x[:, :1], y, -0.3 * x[:, 1])
    assert given == pytest.approx([1.5], abs=0.12)
