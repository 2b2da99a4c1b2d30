"""Chance: worked out by hand, and by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.gate import significance


@pytest.mark.parametrize(
    ("losses", "gains", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 0, 2 / 32),
        (6, 0, 2 / 64),
        (0, 6, 2 / 64),
        (8, 1, 2 * (1 + 9) / 512),
        (3, 3, 1.0),
    ],
)
def test_the_sign_test_by_hand(losses: int, gains: int, p: float) -> None:
    assert significance.sign_test(losses, gains) == pytest.approx(p)


@settings(deadline=None)
@given(st.integers(0, 5), st.integers(0, 5))
def test_the_sign_test_counts_all_that_is_as_uneven(losses: int, gains: int) -> None:
    n = losses + gains
    uneven = abs(losses - gains)
    flips = list(itertools.product((0, 1), repeat=n)) if n else [()]
    as_uneven = sum(abs(2 * sum(flip) - n) >= uneven for flip in flips)
    assert significance.sign_test(losses, gains) == pytest.approx(as_uneven / len(flips))


def test_holm_by_hand() -> None:
    # all able to be significant: 3 p1, then 2 p2, then p3, never falling
    tests = [(0.04, 20), (0.001, 20), (0.02, 20)]
    assert significance.adjust(tests) == pytest.approx([0.04, 0.003, 0.04])


def test_a_test_that_could_not_be_significant_costs_the_others_nothing() -> None:
    lone = significance.sign_test(6, 0)
    assert significance.adjust([(lone, 6)]) == pytest.approx([lone])
    # five pairs can give no less than 1/16: however many such tests there are, the first stays as it is
    assert significance.adjust([(lone, 6), *[(0.0625, 5)] * 20]) == pytest.approx([lone, *[1.0] * 20])
    # two that could: twice the p
    assert significance.adjust([(lone, 7), (1.0, 7)]) == pytest.approx([2 * lone, 1.0])


def test_no_tests_and_tests_without_a_pair() -> None:
    assert significance.adjust([]) == []
    assert significance.adjust([(1.0, 0)] * 3) == [1.0] * 3


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=12))
def test_corrected_is_never_less_and_keeps_the_order(splits: list[tuple[int, int]]) -> None:
    tests = [(significance.sign_test(a, b), a + b) for a, b in splits]
    adjusted = significance.adjust(tests)
    assert all(after >= before - 1e-12 for (before, _), after in zip(tests, adjusted, strict=True))
    significant = [i for i, p in enumerate(adjusted) if p < significance.ALPHA]
    assert all(tests[i][0] < significance.ALPHA for i in significant)


def test_chance_alone_is_rarely_significant() -> None:
    """Of 400 pairs of equally good runs with 30 metrics each, at most 5 % may show any difference."""
    rng = np.random.default_rng(7)
    false = 0
    for _ in range(400):
        pairs = rng.integers(0, 40, size=30)
        losses = rng.binomial(pairs, 0.5)
        tests = [(significance.sign_test(int(a), int(n - a)), int(n)) for a, n in zip(losses, pairs, strict=True)]
        false += min(significance.adjust(tests)) < significance.ALPHA
    assert false / 400 <= 0.05


def test_the_interval_is_seeded_and_holds_the_mean() -> None:
    differences = [0.0] * 50 + [-1.0] * 10 + [1.0] * 2
    first = significance.bootstrap_interval(differences, "correct/all")
    assert first == significance.bootstrap_interval(differences, "correct/all")
    assert first[0] < sum(differences) / len(differences) < first[1] < 0.0
    assert first != significance.bootstrap_interval(differences, "another seed")


def test_the_interval_of_what_does_not_vary_is_a_point() -> None:
    assert significance.bootstrap_interval([], "s") == (0.0, 0.0)
    assert significance.bootstrap_interval([0.25] * 9, "s") == (0.25, 0.25)


def test_the_interval_has_the_width_that_theory_gives() -> None:
    values = np.random.default_rng(3).normal(0.1, 1.0, size=400)
    low, high = significance.bootstrap_interval(values.tolist(), "width")
    half = 1.96 * values.std() / 20
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)
