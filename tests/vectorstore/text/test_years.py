"""Years as documents write them."""

from __future__ import annotations

import re

import pytest

from vectorstore.text.years import FINANCIAL_YEAR, years


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2023年比2021年多", {"2023", "2021"}),
        ("in 2022/23", {"2022"}),
        ("1850人，3000户", set()),
        ("", set()),
    ],
)
def test_years(text: str, found: set[str]) -> None:
    assert years(text) == found


def test_a_financial_year_is_one_year() -> None:
    assert re.findall(FINANCIAL_YEAR, "2022/23 2023") == ["2022/23", "2023"]
