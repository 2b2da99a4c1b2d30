"""English reports: their names, dates and counts, and whether questions about them find their answers."""

from __future__ import annotations

import pytest

from qa.pipeline import QA
from qa.question.query import AnswerType
from qa.ranking.answer_type import offers
from qa.ranking.features import contradicts
from qa.text import english
from qa.text.dates import dates
from qa.text.dictionary import crosses
from vectorstore.text.words import normalise


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Staff turnover fell in Hull and Immingham.", {"hull", "immingham"}),
        ("The board is led by Sarah Hanratty.", {"sarah hanratty"}),
        ("Bank of England rates rose.", {"bank of england"}),
        ("It opened in March on a Monday. The plant grew.", set()),
    ],
)
def test_names(text: str, names: set[str]) -> None:
    assert english.names(text) == names


def test_months_and_the_verb_may() -> None:
    def months(text: str) -> set[int]:
        return {month for _, month, _ in dates(text) if month}

    assert months("from april to june") == {4, 6}
    assert months("in may 2024 and on 3 may") == {5}
    assert months("it may rise") == set()


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("how many workers came across with it?", "workers came across"),
        ("how many vacant posts are there?", "vacant posts"),
        ("what was the number of missed bins?", "missed bins"),
        ("who runs it?", ""),
    ],
)
def test_asked_thing(question: str, thing: str) -> None:
    assert english.asked_thing(question) == thing


def test_a_number_counts_what_stands_behind_it() -> None:
    workers, visitors = "it took over 190 workers", "190 visitors came, and workers left"
    assert english.score("workers", workers) > english.score("workers", visitors)
    assert english.score("worker", workers) == 1.0
    assert english.score("", workers) == 0.5


def test_what_a_text_offers() -> None:
    text = "The audit was led by Gareth Pugh for the group"
    assert offers(AnswerType.PERSON, normalise(text), "who led the audit?", english.names(text)) == 1.0
    assert offers(AnswerType.PERSON, normalise(text), "what did gareth pugh lead?", english.names(text)) == 0.0
    assert offers(AnswerType.PERCENT, "it fell to 14.2 per cent", "what share left?") == 1.0
    assert offers(AnswerType.NUMBER, "fifty-seven households were housed", "how many households?") == 1.0


def test_words_meet_only_in_a_dictionary_where_languages_differ() -> None:
    assert crosses("How many villages?", ["全县共有42个行政村。", "Harbour Foods"]) is False
    assert crosses("How many villages?", ["全县共有42个行政村。"])
    assert not crosses("有几个村", ["Harbour Foods employs 380 people."])


@pytest.mark.parametrize(
    ("question", "text", "rival"),
    [
        ("获评国家级示范小区的是哪个", "锦绣花园小区获评省级示范小区", True),
        ("获评省级示范小区的是哪个", "锦绣花园小区获评省级示范小区", False),
        ("获评国家级、省级示范的有几个", "获评省级示范3个", False),
        ("省级示范有几个", "全省示范村3个,市级5个", False),
    ],
)
def test_levels(question: str, text: str, rival: bool) -> None:
    assert contradicts(question, text) is rival


def test_an_english_report_answers_and_abstains(qa: QA) -> None:
    answer = qa.ask("When did Harbour Foods open its training centre?")
    assert "March 2023" in answer.answer
    assert {citation.document for citation in answer.citations} == {"c.md"}
    assert qa.ask("How many ships does Harbour Foods own?").abstained
