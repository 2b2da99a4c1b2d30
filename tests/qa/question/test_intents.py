"""Intents: what is no question is told from questions in both languages, and a question is never taken for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.question.analysis import QueryAnalyser
from qa.question.intents import classifier_for, shipped
from qa.types import Intent, Turn
from tests.vectorstore.toy import ToyEmbedder
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument

SETS = Path(__file__).parents[3] / "eval" / "sets"


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("你好", Intent.SMALL_TALK),
        ("Good morning!", Intent.SMALL_TALK),
        ("好的，谢谢", Intent.SMALL_TALK),
        ("thanks, that helps", Intent.SMALL_TALK),
        ("你能做什么？", Intent.SERVICE),
        ("What can you do?", Intent.SERVICE),
        ("有哪些文件", Intent.SERVICE),
        ("what documents do you have", Intent.SERVICE),
        ("这份报告讲了什么？", Intent.OVERVIEW),
        ("What is this document about?", Intent.OVERVIEW),
        ("总结一下", Intent.OVERVIEW),
        ("Give me an overview.", Intent.OVERVIEW),
        ("谢谢，那白河市有多少个行政村？", Intent.QUESTION),
        ("Thanks, how many people does it employ?", Intent.QUESTION),
        ("要提交哪些文件？", Intent.QUESTION),
        ("What documents do I need to apply?", Intent.QUESTION),
        ("还有哪些地方建了大棚？", Intent.QUESTION),
        ("What else was opened in 2023?", Intent.QUESTION),
        ("为什么？", Intent.QUESTION),
        ("Why not?", Intent.QUESTION),
    ],
)
def test_a_message_is_taken_for_what_it_is(library: Library, message: str, intent: Intent) -> None:
    assert QueryAnalyser(library).analyse(message).intent is intent


@pytest.mark.parametrize("message", ["2022", "thanks, 2022", "no, Baihe", "你好，2022年", "好的，白河"])
def test_a_number_or_a_document_is_no_small_talk(library: Library, message: str) -> None:
    history = [
        Turn(role="user", content="青山县有多少个行政村？"),
        Turn(role="assistant", content="全县共有42个行政村。"),
    ]
    assert QueryAnalyser(library).analyse(message, history).intent is Intent.QUESTION


@pytest.mark.parametrize("message", ["还有呢", "再详细一点", "展开说说第二点", "tell me more", "anything else?"])
def test_more_is_asked_of_an_answer(library: Library, message: str) -> None:
    question = "青山县有多少个行政村？"
    history = [Turn(role="user", content=question), Turn(role="assistant", content="全县共有42个行政村。")]
    query = QueryAnalyser(library).analyse(message, history)
    assert query.intent is Intent.MORE
    assert query.text == question
    assert query.continues is not None
    assert query.continues.said == ("全县共有42个行政村。",)
    assert QueryAnalyser(library).analyse(message).intent is Intent.QUESTION


@pytest.mark.parametrize(
    ("question", "talk", "follow_up", "reply"),
    [("青山县有多少个行政村？", "谢谢", "那网格有多少个？", "好的，还想了解什么，随时可以问。"),
     ("青山县有多少个行政村？", "thanks", "那网格有多少个？", "Glad to help.")],
)  # fmt: skip
def test_thanks_do_not_lose_the_subject(library: Library, question: str, talk: str, follow_up: str, reply: str) -> None:
    asked = [Turn(role="user", content=question), Turn(role="assistant", content="全县共有42个行政村。")]
    thanked = [*asked, Turn(role="user", content=talk), Turn(role="assistant", content=reply)]
    analyser = QueryAnalyser(library)
    assert analyser.analyse(follow_up, thanked).text == analyser.analyse(follow_up, asked).text
    assert "青山县" in analyser.analyse(follow_up, thanked).text


@pytest.mark.parametrize(
    "message",
    [
        "上海市的报告讲了什么？",
        "What is the Riverside report about?",
        "总结一下青山县的灌溉设施",
        "Summarise the pensions of Harbour Foods",
    ],
)
def test_an_overview_of_what_is_no_document_is_a_question(library: Library, message: str) -> None:
    assert QueryAnalyser(library).analyse(message).intent is Intent.QUESTION


@pytest.fixture(scope="module")
def titled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library whose documents are called by what they are about."""
    texts = {
        "faq.md": "# Thermostat FAQ\n\nHold the button for ten seconds to reset it.",
        "minutes.md": "# Minutes of Harrow Vale parish council\n\nThe council approved the budget of £12,000.",
        "survey.md": "# 2023年度客户满意度调查\n\n共收回问卷1204份，总体满意度为86.3分。",
    }
    directory = tmp_path_factory.mktemp("titled")
    with Library.open(directory, load_embedder("bundled", directory)) as library:
        library.ingest([RawDocument.of(name, text) for name, text in texts.items()])
        yield library


@pytest.mark.parametrize(
    ("message", "document"),
    [
        ("Summarise the thermostat FAQ", "faq.md"),
        ("Give me a summary of the Harrow Vale minutes", "minutes.md"),
        ("总结一下客户满意度调查", "survey.md"),
        ("客户满意度调查讲了什么？", "survey.md"),
    ],
)
def test_an_overview_is_told_whatever_its_document_is_about(titled: Library, message: str, document: str) -> None:
    query = QueryAnalyser(titled).analyse(message)
    assert query.intent is Intent.OVERVIEW
    assert query.overview_of == (titled.document_info(document).id,)


@pytest.mark.parametrize(
    "message",
    [
        "What was the customer satisfaction?",
        "Who wrote the thermostat FAQ?",
        "客户满意度是多少？",
        "客户满意度调查有多少人参加？",
        "总结一下问卷的回收情况",
    ],
)
def test_a_question_about_what_a_title_names_stays_one(titled: Library, message: str) -> None:
    assert QueryAnalyser(titled).analyse(message).intent is Intent.QUESTION


def test_another_embedder_has_no_intents() -> None:
    assert classifier_for(ToyEmbedder()) is None


def test_questions_of_the_sets_are_questions(library: Library) -> None:
    rows = (SETS / "seeds.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(row)["question"] for row in rows]
    intents = shipped().classify(library.question_vectors(questions))
    assert [text for text, intent in zip(questions, intents, strict=True) if intent is not Intent.QUESTION] == []
