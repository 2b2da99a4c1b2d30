"""What an English question is about, what it asks of that, and what it counts."""

from __future__ import annotations

import pytest

from qa.question.english_phrases import Phrase, attribute, counted, names, objects, read, subject


def text(phrase: Phrase | None) -> str | None:
    return phrase.text if phrase else None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What was Riverside's revenue in 2024?", "Riverside"),
        ("How deep is Lake Marl?", "Lake Marl"),
        ("When does the town hall's car park close?", "the town hall's car park"),
        ("When was the Marl reservoir finished?", "the Marl reservoir"),
        ("Who is Hillside's finance director?", "Hillside's finance director"),
        ("What is the fee for a plot?", "the fee for a plot"),
        ("What is the depth of the north pool?", "the north pool"),
        ("How much did the parish council spend on roads?", "the parish council"),
        ("What did the fire crews attend?", "the fire crews"),
        ("How much did the Ashby appeal want to raise?", "the Ashby appeal"),
        ("Is there a lift?", "a lift"),
        ("Who founded Larkfield Museum?", None),
        ("Why not?", None),
    ],
)
def test_subject(question: str, expected: str | None) -> None:
    assert text(subject(read(question), question)) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What was Riverside's net revenue in 2024?", "net revenue"),
        ("What is the budget of the school?", "budget"),
        ("Compare the costs of Marl and Ashby.", "costs"),
        ("How many home visits did the nurses make?", "home visits"),
        ("What share of Marl's ash trees had thin crowns?", "ash trees"),
        ("Who founded Larkfield Museum?", None),
    ],
)
def test_attribute(question: str, expected: str | None) -> None:
    assert text(attribute(read(question), question)) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many people live in Marl?", "people"),
        ("How many E. coli infections were there?", "E. coli infections"),
        ("How much money was lost?", "money"),
        ("How much did it cost?", None),
        ("How many were sold?", None),
    ],
)
def test_counted(question: str, expected: str | None) -> None:
    assert text(counted(read(question), question)) == expected


@pytest.mark.parametrize(
    ("question", "mentioned", "expected"),
    [
        ("How many beds does Ashby and Marl Trust have in 2023/24?", (), ["Ashby and Marl Trust"]),
        ("What did Professor Ito say about Kyoto's trams in March?", (), ["Professor Ito", "Kyoto"]),
        ("what did ashby spend?", ("ashby",), ["ashby"]),
        ("Since when?", (), []),
    ],
)
def test_names(question: str, mentioned: tuple[str, ...], expected: list[str]) -> None:
    assert [phrase.text for phrase in names(read(question, mentioned), question)] == expected


def test_what_stands_behind_prepositions() -> None:
    question = "How much did the trust spend on travel in 2023/24?"
    assert [(word, phrase.text) for word, phrase in objects(read(question), question)] == [
        ("on", "travel"),
        ("in", "2023/24"),
    ]
