"""A library in two languages: what answers is found and quoted, whichever language it is asked in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from qa.pipeline import QA, build
from qa.ranking.base import parts_of
from qa.ranking.linear import LinearRanker
from qa.ranking.reader.doubts import doubt, elsewhere, put_back
from qa.settings import Settings
from qa.types import Turn
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.text.language import has_han
from vectorstore.text.words import is_across

CHINESE = (
    "# 柳湾水库年度简报\n柳湾水库2023年蓄水量为412万吨。水库由县水务局管理。\n\n全年向三个乡镇供水310天。",
    "# 青石镇食堂通知\n食堂早上7点开门，午饭每份12元。周日不开放。",
    "# 白塔医院工作总结\n医院全年接诊患者5.2万人次。新购救护车3辆。",
)
ENGLISH = (
    "# Tarn ferry\nThe ferry carried 5,200 people in 2022. Tickets cost £3. It does not sail on Sundays.",
    "# Hillside allotments\nA plot costs £40 a year. The gate opens at 8 in the morning. No dogs are allowed.",
    "# Alder museum\nThe museum showed 14 exhibitions. It is closed on Mondays. The roof was repaired in May.",
)
STATIONS = [
    "Arle",
    "Brock",
    "Cross",
    "Dale",
    "Elm",
    "Fen",
    "Garth",
    "Holm",
    "Inch",
    "Kirk",
    "Lea",
    "Moor",
    "Ness",
    "Oak",
]
OTHERS = [
    f"# Station {name}\n{name} station was built in {1850 + 3 * number}. Its {number + 2} platforms serve {number + 20}"
    f" trains a day.\n\nThe waiting room opens at {5 + number % 4}. Staff: {number + 7}."
    for number, name in enumerate(STATIONS)
]
"""Passages in English enough to fill what a search by likeness returns first."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    folder: Path = tmp_path_factory.mktemp("both")
    with Library.open(folder, load_embedder("bundled", folder)) as library:
        texts = (*CHINESE, *ENGLISH, *OTHERS, *(text.replace("Station", "Halt") for text in OTHERS))
        library.ingest(RawDocument.of(f"{number}.md", text) for number, text in enumerate(texts))
        yield build(Settings(data_dir=folder, answerer="extractive", ranker="reader"), library)


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("How much water did the Liuwan reservoir hold in 2023?", "412万吨"),
        ("Who manages the reservoir?", "县水务局"),
        ("How many patients did the hospital treat?", "5.2万人次"),
        ("渡船一共运送了多少人？", "5,200"),
        ("博物馆哪天闭馆？", "Mondays"),
    ],
)
def test_a_question_is_answered_from_a_document_in_the_other_language(both: QA, question: str, quoted: str) -> None:
    answer = both.ask(question)
    assert not answer.abstained
    assert any(quoted in citation.quote for citation in answer.citations)


@pytest.mark.parametrize("question", ["When was Moor station built?", "水库由谁管理？"])
def test_what_is_in_the_question_s_language_still_comes_first(both: QA, question: str) -> None:
    query = both.analyser.analyse(question)
    ranked = both.ranker.rank(query, both.retriever.retrieve(query))
    assert not is_across(question, ranked.candidates[0].stored.passage.text)


def test_sentences_in_two_languages_are_judged_apart_and_in_their_order(both: QA) -> None:
    query = both.analyser.analyse("Who manages the reservoir?")
    (part,) = query.parts
    passages = [candidate.stored for candidate in both.retriever.retrieve(query)]
    ranker = LinearRanker(both.library)
    judged = ranker.judge(query, part, passages, 1)
    is_away = [is_across(part.question, stored.passage.text) for stored in passages]
    of_each = np.repeat(is_away, [len(stored.passage.sentences) for stored in passages])
    for away in (False, True):
        some = [stored for stored, its in zip(passages, is_away, strict=True) if its == away]
        assert some
        alone = ranker.judge(query, part, some, 1)
        assert np.array_equal(judged.answerable[of_each == away], alone.answerable)
        assert np.ptp(judged.scores[of_each == away] - alone.scores) < 1e-9


@pytest.mark.parametrize(
    ("question", "across"),
    [
        ("GitHub Copilot Business多少钱？", False),
        ("iphone 15 pro max保修期多久？", False),
        ("What is 青禾县's population?", True),
        ("What does the ferry cost?", True),
    ],
)
def test_a_chinese_question_about_latin_names_is_in_chinese(question: str, across: bool) -> None:
    assert is_across(question, "这款产品的保修期为两年，价格为每月三百元。") is across


@pytest.mark.parametrize(
    "question",
    ["医院几点开门？", "红烧肉怎么做才不腻？", "帮我写个快速排序的Python代码", "Who won the tennis final?"],
)
def test_what_neither_language_says_is_not_answered_from_the_other(both: QA, question: str) -> None:
    assert both.ask(question).abstained


def test_of_two_that_seem_to_answer_the_one_in_the_question_s_language_comes_first() -> None:
    scores, away = np.array([2.0, 1.5, -3.0]), np.array([True, False, False])
    assert put_back(scores, away).tolist() == [1.0, 1.5, -3.0]
    for alone in (~away & away, away | ~away):
        assert np.array_equal(put_back(scores, alone), scores)


def test_documents_that_are_asked_one_by_one_are_those_in_the_question_s_language(both: QA) -> None:
    query = both.analyser.analyse("哪几个地方周日不开放？")
    assert query.asks_each_document
    candidates = both.retriever.retrieve(query)
    assert any(is_across(query.normal, candidate.stored.passage.text) for candidate in candidates)
    parts = parts_of(query, candidates)
    chinese = {candidate.stored.document_id for candidate in candidates if has_han(candidate.stored.passage.text)}
    assert len(parts) > 1
    assert {document for part in parts for document in part.documents} <= chinese


def test_a_question_that_leans_on_the_conversation_stays_with_its_document() -> None:
    documents = ["ferry", "ferry", "museum", "report"]
    assert elsewhere(np.array([0.2, 0.9, 0.1, 0.85]), documents).tolist() == [False, False, True, False]
    assert not elsewhere(np.zeros(4), documents).any()


def test_a_follow_up_is_answered_from_the_document_that_was_spoken_of(both: QA) -> None:
    history = [
        Turn(role="user", content="渡船一共运送了多少人？"),
        Turn(role="assistant", content="The ferry carried 5,200 people in 2022."),
    ]
    query = both.analyser.analyse("When does it not sail?", history)
    ranked = both.ranker.rank(query, both.retriever.retrieve(query))
    assert ranked.candidates[0].stored.title == "Tarn ferry"


def test_a_sentence_in_the_other_language_has_to_stand_out() -> None:
    away, read, none = np.array([True, False, False]), np.array([True, True, True]), np.zeros(3)
    close, far = np.array([2.0, 1.5, 0.0]), np.array([9.0, 1.5, 0.0])
    assert doubt(close, none, away, read, False) > doubt(far, none, away, read, False) > 0
    assert doubt(far, none + 0.6, away, read, False) < 0
    assert doubt(close, none, ~away, read, False) == 0
    assert doubt(close, none, away, away, False) == 0  # nothing in the question's own language was read
    assert doubt(far, none, ~away, read, True) > 1
