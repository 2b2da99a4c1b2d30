"""English follow-ups: what is shown is grammatical or what was typed, and the answer quotes the right sentence."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from qa.pipeline import QA
from qa.question.english_earlier import Earlier
from qa.question.followups_english import rewrite
from qa.types import Turn
from tests.qa.question.conftest import talk

REVENUE = "What was Riverside's revenue in 2024?"
WHO = ("Who was chief executive of Riverside until May 2024?", "Dana Whitlock was chief executive of Riverside.[1]")
PAINTINGS = "How many paintings does Larkfield Museum hold?"


@pytest.mark.parametrize(
    ("turns", "shown", "quoted"),
    [
        # a name for a name
        ([REVENUE, "What about Hillside?"], "What was Hillside's revenue in 2024?", "$29 million"),
        ([REVENUE, "Sorry, I meant Hillside"], "What was Hillside's revenue in 2024?", "$29 million"),
        (
            ["what was riverside's revenue in 2024", "what about hillside"],
            "What was hillside's revenue in 2024?",
            "$29 m",
        ),
        (["How many people does Hillside employ?", "And Riverside?"], "How many people does Riverside employ?", "610"),
        (
            ["Who is the chief executive of Riverside?", "And of Hillside?"],
            "Who is the chief executive of Hillside?",
            "Priya Anand",
        ),
        # a year for a year
        ([REVENUE, "And in 2023?"], "What was Riverside's revenue in 2023?", "$57 million"),
        ([REVENUE, "2023?"], "What was Riverside's revenue in 2023?", "$57 million"),
        ([REVENUE, "And the year before?"], "What was Riverside's revenue in 2023?", "$57 million"),
        ([REVENUE, "What was it in 2023?"], "What was Riverside's revenue in 2023?", "$57 million"),
        (
            ["How many paintings did Larkfield Museum buy in 2022?", "How many did it buy the following year?"],
            "How many paintings did Larkfield Museum buy in 2023?",
            "65 paintings in 2023",
        ),
        (["What was Riverside's revenue in 2023?", "I asked about 2024, not 2023"], REVENUE, "$62 million"),
        (["What was Riverside's revenue in 2023?", "not 2023, 2024 please"], REVENUE, "$62 million"),
        (["What was Hillside's revenue in 2024?", "Riverside, not Hillside"], REVENUE, "$62 million"),
        (
            [REVENUE, "What were Hillside's expenses that year?"],
            "What were Hillside's expenses in 2024?",
            "$27 million",
        ),
        # an attribute for an attribute
        ([REVENUE, "and its expenses?"], "What were Riverside's expenses in 2024?", "expenses were $59 million"),
        ([REVENUE, "And the expenses?"], "What were Riverside's expenses in 2024?", "expenses were $59 million"),
        (
            ["What were Hillside's expenses in 2024?", "And its revenue?"],
            "What was Hillside's revenue in 2024?",
            "$29 million",
        ),
        ([PAINTINGS, "And clocks?"], "How many clocks does Larkfield Museum hold?", "320 clocks"),
        (["How much did Riverside spend on roads?", "And on parks?"], "How much did Riverside spend on parks?", "$2 m"),
        (
            ["How many days a week is Riverside's north library open?", "And the south library?"],
            "How many days a week is Riverside's south library open?",
            "open two days a week",
        ),
        (
            ["How much does a ticket to Larkfield Museum cost?", "And for students?"],
            "How much does a ticket to Larkfield Museum cost for students?",
            "students costs 5 euros",
        ),
        # a pronoun
        ([REVENUE, "How many residents does it have?"], "How many residents does Riverside have?", "41,200 residents"),
        ([REVENUE, "How many people work there?"], "How many people work in Riverside?", "610 people in Riverside"),
        (
            ["How many people does Hillside employ?", "Who is its chief executive?"],
            "Who is Hillside's chief executive?",
            "Priya",
        ),
        ([*WHO, "Who replaced her?"], "Who replaced Dana Whitlock?", "Omar Reyes replaced"),
        (["When did Dana Whitlock leave?", "Who replaced her?"], "Who replaced Dana Whitlock?", "Omar Reyes replaced"),
        ([PAINTINGS, "And who founded it?"], "Who founded Larkfield Museum?", "Edith Marsh"),
        # the subject alone is missing
        (
            ["What did Riverside spend on roads?", "How many people does the council employ?"],
            "As for Riverside, how many people does the council employ?",
            "610 people",
        ),
        # both turns are needed, and what was typed is shown
        (["Did Riverside's lido open in 2024?", "Why not?"], "Why not?", "its pump had failed"),
        (["On which day is Larkfield Museum closed?", "Why?"], "Why?", "because the clocks are wound"),
        (["Who founded Larkfield Museum?", "When?"], "When?", "in 1931"),
        (["Who replaced Dana Whitlock?", "When did that happen?"], "When did that happen?", "in June 2024"),
        # it stands alone
        ([REVENUE, PAINTINGS], PAINTINGS, "5,400 paintings"),
        ([REVENUE, "OK, and who founded Larkfield Museum?"], "Who founded Larkfield Museum?", "Edith Marsh"),
        # longer conversations
        ([REVENUE, "thanks a lot", "And Hillside?"], "What was Hillside's revenue in 2024?", "$29 million"),
        (
            [REVENUE, "What about Hillside?", "And its expenses?"],
            "What were Hillside's expenses in 2024?",
            "$27 million",
        ),
        ([REVENUE, "And in 2023?", "And Hillside?"], "What was Hillside's revenue in 2023?", "$31 million"),
        ([REVENUE, "Why?", "And in 2023?"], "What was Riverside's revenue in 2023?", "$57 million"),
    ],
)
def test_a_follow_up_is_understood(conversation: QA, turns: list[str], shown: str, quoted: str) -> None:
    answer = talk(conversation, turns)
    assert answer.standalone_question == shown
    assert quoted in answer.answer


@pytest.mark.parametrize("name", ["Fairview", "Shanghai"])
def test_an_unknown_subject_is_asked_about_and_refused(reading: QA, name: str) -> None:
    answer = talk(reading, [REVENUE, f"What about {name}?"])
    assert answer.standalone_question == f"What was {name}'s revenue in 2024?"
    assert answer.abstained


@pytest.mark.parametrize(
    "question",
    [
        "What was the revenue of each of the councils?",
        "Which council has more residents?",
        "How many people do all the councils employ?",
    ],
)
def test_a_question_about_all_of_them_is_not_narrowed(conversation: QA, question: str) -> None:
    answer = talk(conversation, [REVENUE, question])
    assert answer.standalone_question == question
    assert {"riverside.md", "hillside.md"} <= {passage.document for passage in answer.passages[:6]}


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "How many clocks does Larkfield Museum hold? How old are they?",
            "How old are the clocks of Larkfield Museum?",
        ),
        ("How many parks does Riverside have? Where are they?", "Where are the parks of Riverside?"),
        ("How many parks has Riverside opened? What is its budget?", "What is Riverside's budget?"),
    ],
)
def test_they_are_the_things_that_one_has(conversation: QA, question: str, asked: str) -> None:
    assert conversation.analyser.analyse(question).questions[1].text == asked


@pytest.mark.parametrize("remark", ["thanks a lot!", "ok great", "Sure"])
def test_a_remark_is_no_piece_of_a_question(conversation: QA, remark: str) -> None:
    assert talk(conversation, [REVENUE, remark]).standalone_question == remark


@pytest.mark.parametrize("question", ["How much did they get for it?", "And the second?", "What about the other one?"])
def test_what_rules_cannot_tell_is_shown_as_typed(conversation: QA, question: str) -> None:
    assert talk(conversation, ["What did Riverside sell in Marl?", question]).standalone_question == question


@pytest.mark.parametrize(
    ("before", "fragment", "meant"),
    [
        ("What is the notice period for tenants?", "landlords", "What is the notice period for landlords?"),
        ("What is the notice period for tenants?", "the deposit", "What is the deposit for tenants?"),
        ("What is the notice period for tenants?", "its costs", "What are the costs for tenants?"),
        ("What is the notice period for tenants?", "visitors", None),  # both are as near
    ],
)
def test_a_noun_takes_the_place_of_what_it_is_most_like(before: str, fragment: str, meant: str | None) -> None:
    alike = {"landlords": "tenants", "deposit": "tenants"}  # and yet not many, as those are

    def nearest(phrase: str, others: Sequence[str]) -> int | None:
        return others.index(alike[phrase]) if phrase in alike else None

    earlier = Earlier(before, "", (), nearest, lambda name: False, lambda phrase: True)
    assert rewrite(fragment, earlier, ()) == meant


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        ("When did the council approve the flood plan?", "How much will it cost?", None),
        ("When does the pool open?", "How much does it cost?", "How much does the pool cost?"),
    ],
)
def test_it_is_not_whoever_does_something_to_something(before: str, question: str, meant: str | None) -> None:
    earlier = Earlier(before, "", (), lambda phrase, others: None, lambda name: False, lambda phrase: True)
    assert rewrite(question, earlier, ()) == meant


@pytest.mark.parametrize("question", ["And?", "So?", "Then?", "Well?"])
def test_nothing_but_an_opening_is_no_error(reading: QA, question: str) -> None:
    history = [Turn(role="user", content=REVENUE), Turn(role="assistant", content="It was $62 million.[1]")]
    assert reading.analyser.rewriter.rewrite(question, history).shown == question
