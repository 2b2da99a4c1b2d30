"""What types of answer a text offers."""

from __future__ import annotations

import pytest

from qa.question.analysis import analyse
from qa.question.query import AnswerType
from qa.ranking.answer_type import measured, offers


@pytest.mark.parametrize(
    ("kind", "text", "question", "offered"),
    [
        (AnswerType.PLACE, "2023年在新盛镇试点", "在哪个镇试点?", 1.0),
        (AnswerType.PLACE, "整镇推进,各镇都做", "在哪个镇试点?", 0.0),
        (AnswerType.PLACE, "在成都开会", "在哪个镇试点?", 0.0),
        (AnswerType.LIST, "“基本报酬+职级补贴+学历补贴+创收奖励”", "由什么组成", 1.0),
        (AnswerType.LIST, "建成“桃园”“杏园”“梨园”“枣园”", "有哪些园", 1.0),
        (AnswerType.LIST, "建成一个园", "有哪些园", 0.0),
        (AnswerType.NUMBER, "2023年示范班(第二期)开班", "来了多少学员", 0.0),  # when and which, not how many
        (AnswerType.NUMBER, "任命了两位董事", "添了几位董事", 1.0),
        (AnswerType.MONEY, "单位：万元 东南亚 16,935.20", "卖了多少钱", 0.5),  # a table's unit stands elsewhere
        (AnswerType.MONEY, "来了16名学员", "花了多少钱", 0.0),
        (AnswerType.PERCENT, "毛利率(%) 17.85", "毛利率是多少", 0.5),
        (AnswerType.PERCENT, "来了16名学员", "占几成", 0.0),
        (AnswerType.REASON, "得益于政策支持", "为什么", 1.0),
        (AnswerType.REASON, "the fall reflects lower prices", "why did it fall", 1.0),
        (AnswerType.PERSON, "常态化开展“青蓝工程”", "派的是谁", 0.0),
    ],
)
def test_offers(kind: AnswerType, text: str, question: str, offered: float) -> None:
    assert offers(kind, text, question) == offered


def test_working_days_are_days() -> None:
    assert measured(analyse("审批要几天？").measure, "压缩至30个工作日") == 1.0
    assert measured(analyse("审批要几天？").measure, "压缩至30个环节") == 0.0


def test_how_long_and_how_often() -> None:
    assert measured(analyse("多久测试一次？").measure, "每年定期举办测试") == 1.0
    assert measured(analyse("For how long was it shut?").measure, "production stopped for three days") == 1.0
    assert measured(analyse("For how long was it shut?").measure, "production stopped at one plant") == 0.0
