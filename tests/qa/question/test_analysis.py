"""What a question asks for."""

from __future__ import annotations

import pytest

from qa.question.analysis import analyse
from qa.question.intent import split_questions
from qa.question.query import AnswerType
from qa.ranking.answer_type import measured
from qa.ranking.quantity_match import fits


@pytest.mark.parametrize(
    ("text", "answer_type"),
    [
        ("青山县有多少个行政村？", AnswerType.NUMBER),
        ("化解率是多少", AnswerType.PERCENT),
        ("投入了多少钱？", AnswerType.MONEY),
        ("冷链物流中心是什么时候启动的？", AnswerType.DATE),
        ("谁负责这件事？", AnswerType.PERSON),
        ("有哪些做法？", AnswerType.LIST),
        ("销售额为什么增长？", AnswerType.REASON),
        ("是如何解决卖难问题的？", AnswerType.MANNER),
        ("总结一下产业发展", AnswerType.SUMMARY),
        ("有没有建网格？", AnswerType.YES_NO),
        ("吉祥物叫什么", AnswerType.OTHER),
        ("村党支部书记叫什么名字？", AnswerType.PERSON),
        ("资金分哪几块", AnswerType.LIST),
        ("哪个县的大棚最多？", AnswerType.NUMBER),
        ("青山和白河谁的大棚多", AnswerType.NUMBER),
        ("哪个地方的物流中心启动早？", AnswerType.DATE),
        ("建成的大棚数", AnswerType.NUMBER),
        ("How many people does it employ?", AnswerType.NUMBER),
        ("When did the training centre open?", AnswerType.DATE),
        ("Why did revenue rise?", AnswerType.REASON),
        ("活动月是几月份？", AnswerType.DATE),
        ("开班的是第几期？", AnswerType.OTHER),
        ("How many households got help from the hardship fund?", AnswerType.NUMBER),
        ("What did it cost to convert the school?", AnswerType.MONEY),
        ("How much did Harbour Foods sell?", AnswerType.MONEY),
        ("By how much did the county overshoot its budget?", AnswerType.NUMBER),
        ("For how long was the line shut?", AnswerType.NUMBER),
        ("What drove up the cost of renovating?", AnswerType.OTHER),
        ("What share of posts is vacant?", AnswerType.PERCENT),
        ("Which suppliers were fined?", AnswerType.LIST),
        ("Which three old mills were closed?", AnswerType.LIST),
        ("Which of the plants were closed?", AnswerType.LIST),
        ("Which supplier was fined?", AnswerType.OTHER),
        ("Which supplier delivers the fish?", AnswerType.OTHER),
        ("Which company has its seat in Hillside?", AnswerType.OTHER),
    ],
)
def test_kind_of_answer(text: str, answer_type: AnswerType) -> None:
    assert analyse(text).answer_type is answer_type


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("有多少个村？投了多少钱？", ["有多少个村？", "投了多少钱？"]),
        ("How many villages? What did it cost?", ["How many villages?", "What did it cost?"]),
        ("在哪一天启动的？青山县的", ["在哪一天启动的？青山县的"]),
        ("我想问一下。有多少个村？", ["我想问一下。有多少个村？"]),
        ("有多少个村，投了多少钱？", ["有多少个村，投了多少钱？"]),
    ],
)
def test_several_questions_are_told_apart(text: str, expected: list[str]) -> None:
    assert split_questions(text) == expected


def test_what_is_counted() -> None:
    asked = analyse("选派了多少名农技员？")
    assert (asked.measure, asked.parts[0].counted) == ("名", "农技员")


def test_comparisons_are_told() -> None:
    assert analyse("哪个县的大棚最多？").comparative
    assert not analyse("青山县有多少大棚？").comparative


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("青山县总结的是哪五种模式？", {5}),
        ("合作的5家银行分别是哪几家？", {5}),
        ("“四个一批”具体是哪四批？", {4}),
        ("入选的7个社区都叫什么？", {7}),
        ("那8家企业都做哪些业务？", set()),  # eight do it, whatever it is
        ("哪些村入选了？", set()),
        ("“3岗16级”是在哪份文件里定的？", set()),
        ("3个项目是什么时候开工的？", set()),
        ("2021年有哪些举措？", set()),
        ("Which three plants were closed?", {3}),
        ("Which plants were closed?", set()),
        ("Which two districts closed plants?", set()),
    ],
)
def test_how_many_are_wanted(question: str, number: set[int]) -> None:
    assert analyse(question).list_lengths == number


@pytest.mark.parametrize("text", ["审批要多久能办完？", "服务期多长时间", "缓刑多久"])
def test_how_long_asks_for_a_span_of_time(text: str) -> None:
    question = analyse(text)
    assert question.answer_type is AnswerType.NUMBER
    assert [fits(question, unit) for unit in ("年", "天", "个月", "个工", "个", "名", "元")] == [True] * 4 + [False] * 3
    assert measured(question.measure, "压缩至30个工作日") == measured(question.measure, "缓刑四年") == 1.0
    assert measured(question.measure, "建成30个小区") == 0.0
