"""The value that was asked for, in its quotation: told where it is sure, and not where it isn't."""

from __future__ import annotations

import pytest

from qa.answering.asked_value import asked_value
from qa.question.analysis import analyse
from qa.question.counted import counted_thing

CASES = [
    ("小区党组织有多少个？", "实施小区治理行动，建立小区党组织213个，选派党建指导员13名。", "213个"),
    ("一肩挑占比是多少？", "换届3个月后村书记、主任“一肩挑”占比达97.48%；", "97.48%"),
    ("投入了多少钱？", "2021年，12个村投入资金1.6亿元。", "1.6亿元"),
    ("哪一年摘的贫困帽？", "甲县于2020年摘帽，涉及36213户。", "2020年"),
    ("How many bridges were rebuilt?", "In 2023 the county rebuilt 7 bridges, up 5%.", "7"),
    ("What percentage of teachers were trained?", "Training reached 98% of 1,200 teachers.", "98%"),
    ("有多少个村？", "甲县有30个镇、乙乡有40个社区。", None),  # neither counts villages
    ("哪一年开工，哪一年完工？", "2019年开工，2021年完工。", None),  # two
    ("甲县怎样治理？", "甲县建立213个党组织。", None),
]


@pytest.mark.parametrize(("question", "text", "value"), CASES)
def test_value(question: str, text: str, value: str | None) -> None:
    query = analyse(question)
    counted = counted_thing(query.normal, query.comparative) if query.wants_quantity else ""
    span = asked_value(query, counted, text)
    assert (None if span is None else text[slice(*span)].strip()) == value
