"""Lists as long as they should be: what a question wants named, and what a sentence only counts."""

from __future__ import annotations

import pytest

from qa.question.analysis import analyse
from qa.ranking import list_length


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


@pytest.mark.parametrize(
    ("question", "text", "named"),
    [
        ("是哪三项机制？", "建立考勤、述职、评议三项机制", 1.0),
        ("是哪三项机制？", "建立三项机制,选派80名干部、教师", -1.0),
        ("五级架构是哪五级？", "推行“党委—社区—小区—楼栋—中心户”五级架构", 1.0),
        ("由哪三部分组成？", "实行“底薪+补贴+奖励”的办法", 1.0),
        ("哪三种问题？", "解决“能力不足、精力不够、动力不强”等问题", 1.0),
        ("哪两类人？", "面向教师和医生", 1.0),
        ("哪四个园？", "建成“桃园”“杏园”“梨园”“枣园”", 1.0),
        ("哪四个园？", "建成“桃园”“杏园”“梨园”", -1.0),
        ("有哪些模式？", "总结五种模式", 0.0),
        ("为什么总结五种模式？", "总结五种模式", 0.0),
        ("Which three plants were closed?", "it closed its plants in hull, leeds and grimsby", 1.0),
        ("Which three plants were closed?", "it closed three plants in 2024", -1.0),
    ],
)
def test_a_list_is_as_long_as_it_should_be(question: str, text: str, named: float) -> None:
    assert list_length.named(analyse(question), [text], 0) == named


def test_items_may_stand_in_sentences_of_their_own() -> None:
    sentences = ["总结三条经验。", "一是抓实。", "二是抓细。", "三是抓长。"]
    assert list_length.named(analyse("是哪三条经验？"), sentences, 0) == 1.0
    assert list_length.named(analyse("是哪四条经验？"), sentences, 0) == -1.0
    assert list_length.named(analyse("是哪三条经验？"), ["坚持甲;", "坚持乙;", "坚持丙。"], 1) == 1.0
