"""A figure is said of what the evidence says it of: neighbours, documents, years, headings, parts of a list."""

from __future__ import annotations

import pytest

from qa.verify import Source, verify_against

SPENDING = Source(
    "Grants from members covered 58% of the costs, ticket sales 27% and the shop 9%; the bank lent the rest.",
    "ASHDOWN RAILWAY MUSEUM\nMoney",
    "museum",
)
STAFF = Source(
    "At 31 March 2022 the museum had 148 volunteers (2021: 131): 62 in the workshop, 51 on trains and 35 in the shop.",
    "ASHDOWN RAILWAY MUSEUM\nPeople",
    "museum",
)
ENGINE = Source(
    "The restoration of engine No. 9 was finished at a cost of £212,000 against an estimate of £164,000.",
    "ASHDOWN RAILWAY MUSEUM\nWorkshop",
    "museum",
)
LIBRARY = Source("Women chair 44% of the committees.", "PORTWICK LIBRARY\nGovernance", "library")
COMPLAINTS = Source(
    "Complaints were about:\n\nnoise (88 letters)\n\nparking (53 letters)", "PORTWICK LIBRARY\nLetters", "library"
)
FUNDS = Source(
    "£40,000 was paid out of our repair fund.\n\nThe travel fund was closed in June.",
    "PORTWICK LIBRARY\nFunds",
    "library",
)
ORCHARDS = Source(
    "全乡果园由46个整合为21个，减幅54%；灌溉站由118个减少至73个，减幅38%。",
    "松溪乡：果业提质增效\n基础设施",
    "songxi",
)
CLUBS = Source("建立读书会63个、合唱团27个、书画社14个。", "松溪乡：果业提质增效\n文化", "songxi")
LOANS = Source("为42户果农贷款960万元。", "松溪乡：果业提质增效\n金融", "songxi")
FARMS = Source("为35户菜农贷款410万元。", "竹坪乡：蔬菜进城\n金融", "zhuping")
PRIZES = Source(
    "对连续两年亏损的合作社限期整改。\n\n每年评选12家优秀合作社给予3万元奖励。", "竹坪乡：蔬菜进城\n合作社", "zhuping"
)

TRUE = [
    ("Ticket sales covered 27% of the costs.", [SPENDING]),
    ("Members' grants covered 58% of the costs and the shop 9%.", [SPENDING]),
    ("In 2021 the museum had 131 volunteers.", [STAFF]),
    ("The museum had 51 volunteers on trains at 31 March 2022.", [STAFF]),
    ("The restoration cost £212,000 against an estimate of £164,000.", [ENGINE]),
    ("At Portwick Library women chair 44% of the committees.", [LIBRARY, STAFF]),
    ("parking: 53 letters", [COMPLAINTS]),
    ("£40,000 was paid out of the repair fund.", [FUNDS]),
    ("松溪乡灌溉站由118个减少至73个，减幅38%。", [ORCHARDS]),
    ("果园整合为21个，减幅54%。", [ORCHARDS]),
    ("松溪建立合唱团27个、读书会63个。", [CLUBS]),
    ("松溪为42户果农贷款960万元，竹坪为35户菜农贷款410万元。", [LOANS, FARMS]),
    ("竹坪乡对优秀合作社给予3万元奖励。", [PRIZES]),
]
FALSE = [
    ("Ticket sales covered 58% of the costs and members' grants 27%.", [SPENDING]),
    ("The shop covered 27% of the costs.", [SPENDING]),
    ("In 2021 the museum had 148 volunteers.", [STAFF]),
    ("The museum had 62 volunteers in the shop.", [STAFF]),
    ("The restoration cost £164,000 against an estimate of £212,000.", [ENGINE]),
    ("Women chair 44% of the committees at Ashdown Railway Museum.", [LIBRARY, STAFF]),
    ("noise: 53 letters", [COMPLAINTS]),
    ("£40,000 was paid out of the travel fund.", [FUNDS]),
    ("松溪乡灌溉站由118个减少至73个，减幅54%。", [ORCHARDS]),
    ("果园整合为73个，减幅54%。", [ORCHARDS]),
    ("松溪建立合唱团63个、读书会27个。", [CLUBS]),
    ("松溪为42户果农贷款410万元，竹坪为35户菜农贷款960万元。", [LOANS, FARMS]),
    ("松溪为42户果农贷款410万元。", [LOANS, FARMS]),
    ("竹坪乡对连续两年亏损的合作社给予3万元奖励。", [PRIZES]),
]


@pytest.mark.parametrize(("claim", "sources"), TRUE, ids=[claim for claim, _ in TRUE])
def test_a_figure_of_its_own_thing_stands(claim: str, sources: list[Source]) -> None:
    assert verify_against(claim, sources).reason is None


@pytest.mark.parametrize(("claim", "sources"), FALSE, ids=[claim for claim, _ in FALSE])
def test_a_figure_of_another_thing_falls(claim: str, sources: list[Source]) -> None:
    assert not verify_against(claim, sources).ok


def test_the_passage_around_a_quote_shows_whose_a_figure_is() -> None:
    quote = "It had first expected 75 visitors a day."
    passage = f"Now 40 visitors a day come to the Marlow gallery.\n\n{quote}"
    alone = Source(quote, "PORTWICK LIBRARY\nVisitors", "library")
    around = Source(quote, "PORTWICK LIBRARY\nVisitors", "library", passage)
    assert verify_against("It had first expected 75 visitors a day.", [alone]).ok
    assert not verify_against("75 visitors come to the Portwick gallery now.", [around]).ok
