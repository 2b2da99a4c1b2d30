"""What a number counts."""

from __future__ import annotations

import pytest

from qa.question.analysis import analyse
from qa.ranking import quantity_match
from vectorstore.text.words import normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("选派4000余名党员中心户", [("名", "党员中心户")]),
        ("全市党组织达318个", [("个", "全市党组织")]),
        ("商圈党委4个、楼栋党小组1050个", [("个", "商圈党委"), ("个", "楼栋党小组")]),
        ("组织30名社区干部兼任书记", [("名", "社区干部")]),
        ("一肩挑占比达97.48%", [("%", "一肩挑占比")]),
        ("成立132个小区党组织", [("个", "小区党组织")]),
        ("成立3个工作组", [("个", "工作组")]),
        ("历时3个小时", [("个小", "历时")]),
        ("开展活动", []),
    ],
)
def test_bindings(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(bound.unit, bound.thing) for bound in quantity_match.bindings(normalise(text))] == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("有多少名党员？", "党员"),
        ("新组建的党总支有几个", "党总支"),
        ("结对帮扶出动多少干部", "干部"),
        ("综合窗口 受理事项 数量", "受理事项"),
        ("维修水泵花了多少钱", "水泵"),
        ("哪个的小区党组织多？", "小区党组织"),
        ("哪个地方党员最多", "党员"),
        ("网格员更多的是谁？", "网格员"),
        ("有多少网格员？", "网格员"),
        ("楼栋党小组有多少个啊", "楼栋党小组"),
        ("给村集体的授信有多少？", "授信"),
        ("集体经济能进账多少？", "集体经济"),
        ("三个地方的小区党组织各有多少，谁最多？", "小区党组织"),
        ("给村集体的授信，各有多少？", "授信"),
        ("哪个县的党员最少？", "党员"),
    ],
)
def test_asked_thing(question: str, expected: str) -> None:
    assert analyse(question).parts[0].counted.endswith(expected[-2:])


@pytest.mark.parametrize("question", ["岗位创新奖一年评几个人？", "摸索了几年？"])
def test_what_only_a_verb_names_is_no_thing(question: str) -> None:
    assert analyse(question).parts[0].counted == ""


@pytest.mark.parametrize(
    ("question", "thing", "text"),
    [
        ("挑了几个年轻干部？", "年轻干部", "选派14名优秀年轻干部到一线"),
        ("有几家单位获奖？", "单位", "21个帮扶单位获奖"),
        ("推动多少个项目？", "项目", "开工220个乡村振兴建设项目"),
        ("有多少网格员？", "网格员", "足额配备331名全日制综合网格专职工作人员"),
    ],
)
def test_counts_in_other_measures_and_words(question: str, thing: str, text: str) -> None:
    assert quantity_match.score(analyse(question), thing, normalise(text)) >= 0.7


def test_what_people_do_is_not_what_they_are_counted_as() -> None:
    question = analyse("派了几名党建指导员？")
    scores = [
        quantity_match.score(question, "党建指导员", t)
        for t in ("选派党建指导员13名", "31名党员干部担任重大项目党建指导员")
    ]
    assert scores[0] > 0.8
    assert scores[1] < 0.7


def test_the_thing_itself_scores_above_what_it_only_qualifies() -> None:
    question = analyse("有多少名党员？")
    scores = [
        quantity_match.score(question, "党员", text)
        for text in ("发展2000名党员", "挑选出4000名党员中心户", "建设12个活动室", "没有数字")
    ]
    assert scores[0] == 1.0
    assert scores == sorted(scores, reverse=True)
    assert scores[2] == scores[3] == 0.0


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("全市党员总人数达3.1万人", True),
        ("选派31名党员干部", False),
        ("选派党建指导员13名", False),
        ("一名党员就是一面旗帜", False),
        ("发展女党员200名", False),
    ],
)
def test_whether_the_very_thing_is_stated(text: str, stated: bool) -> None:
    assert quantity_match.states(analyse("有多少名党员？"), "党员", text) is stated


def test_what_is_not_counted_has_no_say() -> None:
    assert quantity_match.score(analyse("为什么要建网格？"), "", "建立网格218个") == 0.5
