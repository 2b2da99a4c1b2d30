"""Whether a sentence speaks of the date that is asked about."""

from __future__ import annotations

import pytest

from qa.ranking.date_match import NEAR, OTHER, SAME, SECTION, agreement
from qa.text.quantities import dates


@pytest.mark.parametrize(
    ("question", "text", "title", "section", "expected"),
    [
        ("2021年收入多少?", "2021年收入26万元", "", "", SAME),
        ("2021年收入多少?", "2020年收入26万元", "", "", OTHER),
        ("2021年收入多少?", "收入26万元", "", "", 0.0),
        ("收入多少?", "2020年收入26万元", "", "", 0.0),
        ("2018年3月谁上任?", "公司成立于2005年3月", "", "", OTHER),
        ("2018年3月谁上任?", "2018年换了经理", "", "", NEAR),
        ("2018年3月谁上任?", "3月换了经理", "", "", NEAR),
        ("2018年和2019年各多少?", "2019年为3个", "", "", SAME),
        ("2023年多少?", "比2022年多3个", "2023年工作报告", "", 0.0),  # the title's year needs no repeating
        ("2023年新增多少?", "新增3个", "", "2023年工作回顾", SECTION),
        ("2023年新增多少?", "新增3个", "", "2024年重点工作", -SECTION),
        ("how many in 2023/24?", "by march 2024 there were 30", "", "", SAME),
        ("how many in 2024?", "there were 30 (2023: 28)", "", "", 0.0),  # this year's figure has no year
    ],
)
def test_agreement(question: str, text: str, title: str, section: str, expected: float) -> None:
    assert agreement(dates(question), text, title, section) == pytest.approx(expected)
