"""Several questions in one message: told apart, each answered, and those without an answer named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qa.pipeline import QA
from qa.question.intent import asks_each_document, split_questions
from qa.settings import Settings
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument

DOCUMENTS = {
    "tools.txt": "Marlow Tools annual report 2023\n\nThe revenue of Marlow Tools was $18.2 million in 2023.\n\n"
    "The auditor of Marlow Tools is Kerr & Dunn. The company has 140 employees.\n",
    "bridge.txt": "The footbridge\n\nThe footbridge was built in 1987.\n\nHenry Coats paid for the footbridge.\n",
    "water.txt": "西塘镇2023年供水情况\n\n西塘镇全年供水量为412万吨。\n\n水务站站长为孙立。\n",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    directory = tmp_path_factory.mktemp("intent")
    with Library.open(directory, load_embedder("bundled", directory)) as library:
        library.ingest([RawDocument.of(name, text) for name, text in DOCUMENTS.items()])
        yield QA(library, Settings(answerer="extractive"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What was the revenue and who is the auditor?", ["What was the revenue?", "Who is the auditor?"]),
        (
            "Where is the depot, and how many vans does the firm own?",
            ["Where is the depot?", "How many vans does the firm own?"],
        ),
        ("When was it built? And who paid for it?", ["When was it built?", "And who paid for it?"]),
        ("供水量是多少？站长是谁？", ["供水量是多少？", "站长是谁？"]),
        ("The bridge is old. Who paid? When was it built?", ["The bridge is old. Who paid?", "When was it built?"]),
        ("我在看西塘镇的报告。供水量是多少？站长是谁？", ["我在看西塘镇的报告。 供水量是多少？", "站长是谁？"]),
    ],
)
def test_questions_are_told_apart(text: str, expected: list[str]) -> None:
    assert split_questions(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "When was the bridge built and who paid for it?",  # leans on the first
        "How many towns were there in 2019, and how many now?",  # no verb of its own
        "When and where was the bridge built?",
        "Who is the man who founded the firm and who left it in 2020?",
        "Tell me what the rules are and why.",
        "供水量是多少，比上年增长多少？",
        "中江县有几项措施解决基层减负？分别是什么？",
        "How many measures were taken? What are they?",
        "供水量是多少？站长是谁？西塘镇的。",
    ],
)
def test_one_question_stays_one(text: str) -> None:
    assert split_questions(text) == [text]


def test_why_is_asked_by_itself_and_what_is_not() -> None:
    asked = ["供水量是多少？ 分别是什么？", "为什么？"]
    assert split_questions("供水量是多少？分别是什么？为什么？") == asked


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What was the revenue of Marlow Tools and who is the auditor of Marlow?", ("$18.2 million", "Kerr")),
        ("When was the footbridge built? Who paid for the footbridge?", ("1987", "Henry Coats")),
        ("西塘镇全年供水量是多少？西塘镇水务站站长是谁？", ("412万吨", "孙立")),
        ("Hello! When was the footbridge built? Who paid for the footbridge? Thanks!", ("1987", "Henry Coats")),
        ("你好！西塘镇全年供水量是多少？西塘镇水务站站长是谁？谢谢", ("412万吨", "孙立")),
    ],
)  # fmt: skip
def test_both_are_answered(qa: QA, question: str, said: tuple[str, str]) -> None:
    answer = qa.ask(question)
    assert all(words in answer.answer for words in said)
    assert answer.warnings == []


@pytest.mark.parametrize(
    ("question", "said", "warning"),
    [
        (
            "When was the footbridge built and how many swans did the mayor of Oslo feed?",
            "1987",
            "How many swans did the mayor of Oslo feed? The reports don't say.",
        ),
        ("西塘镇全年供水量是多少？火星上有几座火山？", "412万吨", "火星上有几座火山？ 资料中没有提到。"),
    ],
)
def test_one_without_an_answer_is_named(qa: QA, question: str, said: str, warning: str) -> None:
    answer = qa.ask(question)
    assert said in answer.answer
    assert answer.warnings == [warning]


@pytest.mark.parametrize(
    ("question", "each"),
    [
        ("哪几个地方周日不开放?", True),
        ("全部县区的一肩挑占比", True),
        ("哪些地方提到楼栋党小组", True),
        ("这件事是哪个单位负责的,大概什么时候能全部做完?", False),
        ("食堂哪天不开放?", False),
    ],
)
def test_what_is_asked_of_each_document(question: str, each: bool) -> None:
    assert asks_each_document(question) is each
