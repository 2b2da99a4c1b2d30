"""What kinds of answer a text offers, and what contradicts a question in it."""

from __future__ import annotations

import pytest

from qa.features import _rival
from qa.offers import measured, offers
from qa.question import Kind, analyse


@pytest.mark.parametrize(
    ("kind", "text", "question", "offered"),
    [
        (Kind.PLACE, "2023年在新盛镇试点", "在哪个镇试点?", 1.0),
        (Kind.PLACE, "整镇推进,各镇都做", "在哪个镇试点?", 0.0),
        (Kind.PLACE, "在成都开会", "在哪个镇试点?", 0.0),
        (Kind.LIST, "“基本报酬+职级补贴+学历补贴+创收奖励”", "由什么组成", 1.0),
        (Kind.LIST, "建成“桃园”“杏园”“梨园”“枣园”", "有哪些园", 1.0),
        (Kind.LIST, "建成一个园", "有哪些园", 0.0),
    ],
)
def test_offers(kind: Kind, text: str, question: str, offered: float) -> None:
    assert offers(kind, text, question) == offered


def test_working_days_are_days() -> None:
    assert measured(analyse("审批要几天？"), "压缩至30个工作日") == 1.0
    assert measured(analyse("审批要几天？"), "压缩至30个环节") == 0.0


@pytest.mark.parametrize(
    ("question", "text", "rival"),
    [
        ("5星级党组织有几个", "3星级以上党组织达67个", True),
        ("3星级以上党组织有几个", "3星级以上党组织达67个", False),
        ("收入200万元以上的村有几个", "收入100万元以上的村有19个", True),
        ("2021年有几个村", "2022年有19个村", False),  # years are another feature's
    ],
)
def test_another_number_for_the_same_thing(question: str, text: str, rival: bool) -> None:
    assert _rival(question, text) is rival
