"""Answers beside the reference: examples worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.datasets.questions import Question
from eval.metrics import overlap
from eval.metrics.base import Metric
from eval.runs.run_file import Item


def score(metric: Metric, answer: str, reference: str) -> float | None:
    question = Question(id="q", type="single_fact", question="？", answerable=True, answer=reference)
    return metric(Item(id="q", question="？", answer=answer), question, {})


def test_overlap_with_the_reference() -> None:
    # 3 letters in common, of 4 and 5: 2 * 3 / 9
    assert score(overlap.char_f1, "甲乙丙丁。[1]", "甲乙丙戊己") == pytest.approx(2 * 3 / 9)
    # the bag does not see order, the subsequence does: 甲 and 丙, or 乙 and 丙
    assert score(overlap.char_f1, "乙甲丙", "甲乙丙") == 1.0
    assert score(overlap.rouge_l, "乙甲丙", "甲乙丙") == pytest.approx(2 / 3)
    # the bag counts how often: one 甲 of two is common
    assert score(overlap.char_f1, "甲甲", "甲乙") == pytest.approx(0.5)
    assert score(overlap.token_f1, "the red cat", "the cat sat") == pytest.approx(2 * 2 / 6)
    for metric in (overlap.token_f1, overlap.char_f1, overlap.rouge_l):
        assert score(metric, "甲", "") is None
        assert score(metric, "", "甲") == 0.0


def plain_subsequence(a: str, b: str) -> int:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@settings(deadline=None)
@given(st.text("甲乙丙1", max_size=30), st.text("甲乙丙1", max_size=30))
def test_the_bit_parallel_subsequence_is_that_of_the_textbook(a: str, b: str) -> None:
    assert overlap.longest_common_subsequence(a, b) == plain_subsequence(a, b)
