"""Arithmetic that is shown: what is computed rightly from cited figures stands with its expression, the rest falls."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from qa.verify import Source, Verifier, verify_against
from qa.verify.arithmetic import figures_of, holds

TURNOVER = Source("Turnover rose to £84.2 million (2020: £79.5 million).", "LENNOX MILLS PLC\nResults", "lennox")
BRIDGE = Source(
    "The bridge was opened at a cost of €31.4 million against a budget of €28.9 million.", "HAVEN CITY\nRoads", "haven"
)
SCHOOLS = Source("Of 120 schools, 30 have a garden.", "HAVEN CITY\nSchools", "haven")
SALES = Source("The kiosk sold 340 maps and 115 guides.", "HAVEN CITY\nTourism", "haven")
WELLS = Source("全镇水井由268座减少至193座。", "石桥镇：人饮工程\n水源", "shiqiao")
PUPILS = Source("寄宿学生1260人，住在90间宿舍。", "石桥镇：人饮工程\n学校", "shiqiao")
LAMPS = Source("安装路灯418盏。", "石桥镇：人饮工程\n道路", "shiqiao")
OTHER_LAMPS = Source("安装路灯275盏。", "柳湾镇：乡村建设\n道路", "liuwan")

RIGHT = [
    ("Turnover grew by £4.7 million, from £79.5 million to £84.2 million.", [TURNOVER], "84.2 million - £79.5 million"),
    ("Turnover grew by £4.7 million.", [TURNOVER], "84.2 million - £79.5 million"),
    (
        "It cost €2.5 million more than budgeted: €31.4 million against €28.9 million.",
        [BRIDGE],
        "€31.4 million - €28.9",
    ),
    ("That is 25% of the 120 schools: 30 have a garden.", [SCHOOLS], "30 ÷ 120"),
    ("The kiosk sold 340 maps and 115 guides, 455 in total.", [SALES], "340 + 115 = 455"),
    ("水井减少了75座，从268座减少至193座。", [WELLS], "268座 - 193座 = 75座"),
    ("也就是说，水井减少了75座。", [WELLS], "268座 - 193座 = 75座"),
    ("寄宿学生1260人住在90间宿舍，平均每间14人。", [PUPILS], "1260人 ÷ 90间"),
    ("石桥镇比柳湾镇多安装路灯143盏。", [LAMPS, OTHER_LAMPS], "418 - 275 = 143"),
]
WRONG = [
    ("Turnover grew by £5.7 million, from £79.5 million to £84.2 million.", [TURNOVER]),
    ("Turnover fell by £4.7 million.", [TURNOVER]),
    ("It cost €2.5 million less than budgeted: €31.4 million against €28.9 million.", [BRIDGE]),
    ("That is 35% of the 120 schools: 30 have a garden.", [SCHOOLS]),
    ("The kiosk sold 340 maps and 115 guides, 465 in total.", [SALES]),
    ("水井减少了85座，从268座减少至193座。", [WELLS]),
    ("也就是说，水井增加了75座。", [WELLS]),
    ("寄宿学生1260人住在90间宿舍，平均每间16人。", [PUPILS]),
    ("柳湾镇比石桥镇多安装路灯143盏。", [LAMPS, OTHER_LAMPS]),
]


@pytest.mark.parametrize(("claim", "sources", "shown"), RIGHT, ids=[claim for claim, _, _ in RIGHT])
def test_a_figure_computed_rightly_is_shown_with_its_sources(claim: str, sources: list[Source], shown: str) -> None:
    verdict = verify_against(claim, sources)
    assert verdict.reason is None
    (derivation,) = verdict.derived
    assert shown in derivation.expression
    assert holds(derivation.expression)
    assert derivation.inputs == tuple(range(len(sources)))


@pytest.mark.parametrize(("claim", "sources"), WRONG, ids=[claim for claim, _ in WRONG])
def test_a_figure_computed_wrongly_falls(claim: str, sources: list[Source]) -> None:
    assert not verify_against(claim, sources).ok


def test_what_the_evidence_spells_out_is_not_derived() -> None:
    assert verify_against("The kiosk sold 340 maps.", [SALES]).derived == ()


@pytest.mark.parametrize(
    "expression",
    [
        "494个 - 213个 = 281个",
        "£54.3 million - £46.0 million = £8.3 million",
        "8200万元 ÷ 1500万元 ≈ 五倍",
        "1 + 2 + 3 = 6",
    ],
)
def test_an_expression_holds(expression: str) -> None:
    assert holds(expression)


@pytest.mark.parametrize(
    "expression",
    ["494个 - 213个 = 291个", "5 ÷ 0 = 1", "5 = 5 = 5", "", "five and six", "26 ÷ 104 ≈ 35%", "1 + 1 = 2; 1 + 1 = 3"],
)
def test_an_expression_does_not_hold(expression: str) -> None:
    assert not holds(expression)


def test_a_result_is_no_input_of_the_next_step() -> None:
    inputs, results = figures_of("200万元 + 50万元 = 250万元; 280万元 - 250万元 = 30万元")
    assert [q.text.strip() for q in inputs] == ["200万元", "50万元", "280万元"]
    assert [q.text.strip() for q in results] == ["250万元", "30万元"]


UNSAID = [
    ("全镇修建水井近270座。", [WELLS], "268座 ≈ 270座"),
    (
        "Guides are the other 26%.",
        [Source("Maps are 74% of sales.", "HAVEN CITY\nTourism", "haven")],
        "100% - 74% = 26%",
    ),
    (
        "About three quarters of the schools lack a garden.",
        [Source("90 of 120 schools have none.", "HAVEN CITY\n", "h")],
        "90 ÷ 120",
    ),
    ("共有路灯693盏。", [Source("甲处418盏，乙处275盏。", "石桥镇\n道路", "s")], "418 + 275 = 693"),
    (
        "仓储时间比上一年短了8天。",
        [Source("周转天数由2021年的41天缩短至33天。", "石桥镇\n保税", "s")],
        "41天 - 33天 = 8天",
    ),
    ("药占比下来2.8个百分点。", [Source("药占比由31.2%降至28.4%。", "石桥镇\n医院", "s")], "31.2% - 28.4% = 2.8"),
    ("上季漏损率是9.1%。", [Source("漏损率8.7%，比上季下降0.4个百分点。", "石桥镇\n供水", "s")], "8.7% + 0.4个百分点"),
    ("Members now pay £30 more.", [Source("The fee goes from £310 to £340.", "HAVEN CLUB\n", "h")], "£340 - £310"),
    (
        "出口比进口多出近150亿元。",
        [Source("出口612.8亿元，进口463.4亿元。", "石桥镇\n", "s")],
        "612.8亿元 - 463.4亿元 ≈ 150亿元",
    ),
    ("私教课每节240元。", [Source("另付私教课费用9,600元（40节）。", "石桥镇\n", "s")], "9,600元 ÷ 40节"),
]


@pytest.mark.parametrize(("claim", "sources", "shown"), UNSAID, ids=[claim for claim, _, _ in UNSAID])
def test_a_figure_that_follows_without_being_said_to_is_for_the_judge(
    claim: str, sources: list[Source], shown: str
) -> None:
    assert not verify_against(claim, sources).ok

    class Believing:
        def supports(self, claim: str, sources: Sequence[Source], objections: Collection[str]) -> bool:
            return True

    verdict = Verifier(Believing()).verify_against(claim, sources)
    assert verdict.ok
    assert shown in verdict.derived[0].expression
    assert holds(verdict.derived[0].expression)


def test_a_direction_that_is_wrong_is_not_left_to_the_judge() -> None:
    class Believing:
        def supports(self, claim: str, sources: Sequence[Source], objections: Collection[str]) -> bool:
            return True

    for claim, sources in WRONG:
        assert not Verifier(Believing()).verify_against(claim, sources).ok, claim


def test_about_so_much_is_not_left_to_the_judge_where_nothing_is() -> None:
    class Believing:
        def supports(self, claim: str, sources: Sequence[Source], objections: Collection[str]) -> bool:
            return True

    sources = [Source("全县36213户84177人脱贫。", "甲县\n脱贫", "a")]
    assert not Verifier(Believing()).verify_against("平均每户约3.2人脱贫。", sources).ok
    assert Verifier(Believing()).verify_against("平均每户约2.3人脱贫。", sources).ok
    assert Verifier(Believing()).verify_against("全县约8.4万人脱贫。", sources).ok
