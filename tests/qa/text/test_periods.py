"""Quarters and halves of a year: what a question asks of, and what a text may speak of."""

from __future__ import annotations

import pytest

from qa.text.periods import asked_periods, written_periods


@pytest.mark.parametrize(
    ("question", "periods"),
    [
        ("公司2023年第三季度净利润是多少?", {"Q3"}),
        ("二季度末余额", {"Q2"}),
        ("前三季度营收", {"9M"}),
        ("前3个季度营收", {"9M"}),
        ("2024年上半年和下半年", {"H1", "H2"}),
        ("2024q2 净利润", {"Q2"}),
        ("1q24 revenue", {"Q1"}),
        ("what was revenue in q3 2024?", {"Q3"}),
        ("revenue in the third fiscal quarter", {"Q3"}),
        ("the first half of 2023", {"H1"}),
        ("the half-year dividend", {"H1"}),
        ("what is the interim dividend?", set()),
        ("a quarter of the people, and half of the rest", set()),
        ("cash at 30 june 2024", set()),
        ("2023年营业收入", set()),
    ],
)
def test_what_a_question_asks_of(question: str, periods: set[str]) -> None:
    found = asked_periods(question)
    assert found.keys() == periods
    assert all(words in question for words in found.values())


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("six months ended 30 june 2024", "H1"),
        ("january to june 2024", "H1"),
        ("1-6月,全县完成投资", "H1"),
        ("截至6月30日", "H1"),
        ("半年度报告", "H1"),
        ("interim results", "H1"),
        ("1—3月份", "Q1"),
        ("three months to march", "Q1"),
        ("4月至6月", "Q2"),
        ("2024年9月末", "Q3"),
        ("nine months ended september 30", "9M"),
        ("july–december", "H2"),
    ],
)
def test_what_a_text_may_speak_of(text: str, period: str) -> None:
    assert period in written_periods(text)


@pytest.mark.parametrize(
    "text", ["全年营业收入为5亿元", "revenue for the year", "11-16月", "in may 2023", "公司13月末"]
)
def test_a_text_that_speaks_of_none(text: str) -> None:
    assert written_periods(text) == frozenset()
