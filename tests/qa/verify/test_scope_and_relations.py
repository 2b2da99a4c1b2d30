"""Scope, order and relations: no wider than the evidence, not turned round, and "more" only where figures say so."""

from __future__ import annotations

import pytest

from qa.verify import Source, miscomputed, verify_against

TEA = Source("在全市首批推行茶园托管，38户茶农加入托管。", "云雾乡：茶叶富民\n产业", "yunwu")
SHARES = Source("通过林地变股份、林农变股东，壮大集体经济。", "云雾乡：茶叶富民\n改革", "yunwu")
PARKS = Source("建成口袋公园29个。", "云雾乡：茶叶富民\n环境", "yunwu")
OTHER_PARKS = Source("建成口袋公园17个。", "青坡乡：文旅融合\n环境", "qingpo")
CHOIR = Source(
    "The choir sang at some of the county's care homes, fewer than it had hoped, and it will not tour next year.",
    "MARSH LANE CHOIR\nConcerts",
    "choir",
)
LEADER = Source("In May Helen Oduya replaced Tom Brackley as conductor.", "MARSH LANE CHOIR\nPeople", "choir")
SEATS = Source("The hall has 640 seats.", "MARSH LANE CHOIR\nHall", "choir")
OTHER_SEATS = Source("The theatre has 410 seats.", "DUNMOOR PLAYERS\nTheatre", "players")

TRUE = [
    ("云雾乡在全市首批推行茶园托管。", [TEA]),
    ("云雾乡推动林地变股份、林农变股东。", [SHARES]),
    ("云雾乡的口袋公园比青坡乡多：云雾乡有29个，青坡乡有17个。", [PARKS, OTHER_PARKS]),
    ("云雾乡的口袋公园比青坡乡多。", [PARKS, OTHER_PARKS]),
    ("The choir will not tour next year.", [CHOIR]),
    ("Helen Oduya replaced Tom Brackley as conductor.", [LEADER]),
    ("Marsh Lane has more seats than Dunmoor.", [SEATS, OTHER_SEATS]),
]
FALSE = [
    ("云雾乡在全省首批推行茶园托管。", [TEA]),
    ("云雾乡在全市首个推行茶园托管。", [TEA]),
    ("云雾乡所有茶农加入托管。", [TEA]),
    ("云雾乡推动股份变林地、股东变林农。", [SHARES]),
    ("青坡乡的口袋公园比云雾乡多：青坡乡有17个，云雾乡有29个。", [PARKS, OTHER_PARKS]),
    ("青坡乡的口袋公园比云雾乡多。", [PARKS, OTHER_PARKS]),
    ("The choir sang at all of the county's care homes.", [CHOIR]),
    ("The choir will tour next year.", [CHOIR]),
    ("The choir sang at more care homes than it had hoped.", [CHOIR]),
    ("Tom Brackley replaced Helen Oduya as conductor.", [LEADER]),
    ("Dunmoor has more seats than Marsh Lane.", [SEATS, OTHER_SEATS]),
]


@pytest.mark.parametrize(("claim", "sources"), TRUE, ids=[claim for claim, _ in TRUE])
def test_what_the_evidence_says_stands(claim: str, sources: list[Source]) -> None:
    assert verify_against(claim, sources).reason is None


@pytest.mark.parametrize(("claim", "sources"), FALSE, ids=[claim for claim, _ in FALSE])
def test_what_it_does_not_say_falls(claim: str, sources: list[Source]) -> None:
    assert not verify_against(claim, sources).ok


@pytest.mark.parametrize(
    ("claim", "premise", "stands"),
    [
        ("云雾更多。", "云雾乡建成口袋公园29个，青坡乡建成口袋公园17个。", True),
        ("青坡更多。", "云雾乡建成口袋公园29个，青坡乡建成口袋公园17个。", False),
        ("云雾更多。", "", False),
    ],
)
def test_a_conclusion_rests_on_the_sentences_beside_it(claim: str, premise: str, stands: bool) -> None:
    assert verify_against(claim, [PARKS, OTHER_PARKS], premise).ok is stands


def test_what_one_document_says_is_not_said_of_the_subject_of_another() -> None:
    parks = [PARKS, Source("口袋公园由青坡乡文旅公司管理。", "青坡乡：文旅融合\n环境", "qingpo")]
    assert verify_against("青坡乡的口袋公园由青坡乡文旅公司管理。", parks).ok
    assert not verify_against("云雾乡的口袋公园由青坡乡文旅公司管理。", parks).ok
    halls = [SEATS, Source("The Dunmoor Players run a theatre and a hall.", "DUNMOOR PLAYERS\nTheatre", "players")]
    assert verify_against("The Dunmoor Players run a hall.", halls).ok
    assert not verify_against("Marsh Lane has a hall that the Dunmoor Players run.", halls).ok


GROWN = Source("Revenue rose by 8% to £40.2m in 2023, from 2022.", "Harbour", "harbour")
FIRMS = Source("甲公司营业收入10亿元，同比增长8%，而乙公司营业收入9亿元。", "公司", "gongsi")
SHARE = Source("2023年甲县占比为45%，低出全省平均水平3.2个百分点。", "甲县", "jia")


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Revenue was £40.2m in 2023, 8% higher than in 2022.", GROWN),
        (
            "Schools built from 2019 to 2023, in total 45.",
            Source("In total 45 were built from 2019 to 2023.", "T", "t"),
        ),
        ("2023年甲县占比为45%，比全省平均水平低了3.2个百分点。", SHARE),
        ("甲公司营业收入10亿元，同比增长8%，高于乙公司的9亿元。", FIRMS),
        ("In 2023 revenue was £40.2m.", Source("Revenue was £40.2m.", "Annual Report 2023", "harbour")),
        ("2023年营业收入为40.2亿元。", Source("营业收入为40.2亿元。", "远帆2023报告", "yuanfan")),
    ],
)
def test_years_differences_and_other_units_are_compared_with_nothing(claim: str, source: Source) -> None:
    assert miscomputed(claim, [source]) is None


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("甲公司营业收入8亿元，同比增长80%，高于乙公司的9亿元。", FIRMS),
        ("Revenue of £40.2m was higher than the £42m of Alderley.", Source("Revenue: £40.2m, £42m.", "T", "t")),
        ("In 2022 revenue was £40.2m.", Source("Revenue was £40.2m.", "Annual Report 2023", "harbour")),
    ],
)
def test_rivals_of_one_unit_are_compared(claim: str, source: Source) -> None:
    assert miscomputed(claim, [source])


POOL = Source("The pool opened in May 2020.", "ASHFORD BATHS\nPool", "ashford")
OTHER_POOL = Source("The pool opened in March 2022.", "BEXLEY BATHS\nPool", "bexley")
CLUB = Source("The rowing club was founded in 1998.", "ASHFORD BATHS\nClub", "ashford")
OTHER_CLUB = Source("The rowing club was founded in 2003.", "BEXLEY BATHS\nClub", "bexley")
REFORM = Source("改革于2020年5月启动。", "云雾乡：茶叶富民\n改革", "yunwu")
OTHER_REFORM = Source("改革于2022年3月启动。", "青坡乡：文旅融合\n改革", "qingpo")


@pytest.mark.parametrize(
    ("true", "false", "sources"),
    [
        (
            "Ashford's pool opened earlier than Bexley's.",
            "Bexley's pool opened earlier than Ashford's.",
            [POOL, OTHER_POOL],
        ),
        (
            "Bexley's pool opened in March 2022, later than Ashford's, which opened in May 2020.",
            "Ashford's pool opened in May 2020, later than Bexley's, which opened in March 2022.",
            [POOL, OTHER_POOL],
        ),
        (
            "Ashford's club was founded in 1998, earlier than Bexley's in 2003.",
            "Bexley's club was founded in 2003, earlier than Ashford's in 1998.",
            [CLUB, OTHER_CLUB],
        ),
        ("云雾乡的改革比青坡乡早。", "青坡乡的改革比云雾乡早。", [REFORM, OTHER_REFORM]),
    ],
)
def test_dates_are_compared_with_their_years(true: str, false: str, sources: list[Source]) -> None:
    assert miscomputed(true, sources) is None
    assert miscomputed(false, sources) is not None
