"""Questions for several things: each is answered, those without an answer are named, columns are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qa.answering.apart import answered_apart
from qa.answering.base import Request
from qa.pipeline import QA, build
from qa.question.analysis import analyse
from qa.question.query import Share
from qa.ranking.base import Ranked
from qa.settings import Settings
from qa.types import Draft, DraftSentence, Evidence
from tests.support.passages import stored
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.types import Span

DOCUMENTS = {
    "acme.md": """# Acme Widgets annual report 2024

The auditor of Acme Widgets is Hartwell & Co. The audit fee was £310,000.

Headcount rose to 1,240 at the end of 2024.

The board proposes a dividend of 12 pence per share for 2024.

Revenue in 2024 was £204.9 million.
""",
    "minutes.md": """# Minutes of Bramley Parish Council

The caretaker of the village hall is Joe Lunn.

The village hall was built in 1954.
""",
    "lakeside.md": """# Lakeside Foods results 2024

| Measure | 2023 | 2024 |
| --- | --- | --- |
| Turnover (£m) | 55.1 | 61.7 |
| Employees | 402 | 455 |
| Dividend per share (pence) | 4.0 | 4.6 |
""",
    "county.md": """# Marsh County services survey 2024

| Town | Wells | Clinics |
| --- | --- | --- |
| Oakham | 12 | 2 |
| Pelling | 7 | 1 |
| Quorn | 9 | 3 |
""",
    "xitang.md": """# 西塘镇2024年供水调查报告

全镇人口3.2万人，面积86平方公里，共有党员1450名。

供水工作由镇水务站负责，站长为孙立。

供水管网总长128公里，水井共有17口。

全镇水价为每吨2.8元。
""",
    "hubin.md": """# 湖滨食品2024年业绩

| 指标 | 2023年 | 2024年 |
| --- | --- | --- |
| 营业额（亿元） | 5.1 | 6.7 |
| 员工（人） | 402 | 455 |
""",
    "qinghe.md": """# 清河县2024年统计公报

| 乡镇 | 水井（口） | 粮食产量（吨） |
| --- | --- | --- |
| 青石乡 | 12 | 3150 |
| 白沙乡 | 7 | 1220 |
| 红旗乡 | 9 | 1890 |
""",
    "donglin.md": "# 东林镇2024年工作报告\n\n东林镇全年新增就业210人。\n",
    "nanping.md": "# 南坪镇2024年工作报告\n\n南坪镇全年新增就业185人。\n",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[QA]:
    folder = tmp_path_factory.mktemp("apart")
    with Library.open(folder / "library", library.embedder) as opened:
        opened.ingest([RawDocument.of(name, text) for name, text in DOCUMENTS.items()])
        yield build(Settings(data_dir=folder, answerer="extractive", ranker="reader"), opened)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What were Acme's revenue, headcount and dividend in 2024?", ("£204.9 million", "1,240", "12 pence")),
        ("Who's the auditor of Acme and what's the audit fee?", ("Hartwell", "£310,000")),
        ("Who's the caretaker of the village hall and when was it built?", ("Joe Lunn", "1954")),
        ("西塘镇的人口、面积和水价分别是多少？", ("3.2万人", "86平方公里", "2.8元")),
        ("西塘镇谁负责供水，管网有多长？", ("水务站", "128公里")),
        ("西塘镇水价是多少，站长是谁？", ("2.8元", "孙立")),
    ],
)
def test_each_thing_is_answered(qa: QA, question: str, said: tuple[str, ...]) -> None:
    answer = qa.ask(question)
    assert [words for words in said if words not in answer.answer] == []
    assert answer.warnings == []


@pytest.mark.parametrize(
    ("question", "said", "warning"),
    [
        ("What were Acme's revenue and water use in 2024?", "£204.9 million", "water use: The reports don't say."),
        ("How many wells do Oakham, Pelling and Rushden each have?", "Oakham", "Rushden: The reports don't say."),
        ("西塘镇的面积和财政收入分别是多少？", "86平方公里", "财政收入：资料中没有提到。"),
        ("青石乡、白沙乡和黑土乡分别有多少口水井？", "青石乡", "黑土乡：资料中没有提到。"),
        ("东林镇、南坪镇和西川镇分别新增就业多少人？", "210人", "西川镇：资料中没有提到。"),
    ],
)
def test_one_without_an_answer_is_named(qa: QA, question: str, said: str, warning: str) -> None:
    answer = qa.ask(question)
    assert said in answer.answer
    assert answer.warnings == [warning]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("How many wells do Oakham, Pelling and Quorn have?", ["Oakham | 12", "Pelling | 7", "Quorn | 9"]),
        ("What is the number of wells and clinics in Oakham?", ["Oakham | 12 | 2"]),
        ("How many employees did Lakeside Foods have in 2023 and 2024?", ["Employees | 402 | 455"]),
        ("青石乡和白沙乡的粮食产量分别是多少？", ["青石乡 | 3150", "白沙乡 | 1220"]),
        ("青石乡的水井和粮食产量分别是多少？", ["青石乡 | 12 | 3150"]),
        ("湖滨食品2023年和2024年有多少员工？", ["员工（人） | 402 | 455"]),
    ],
)
def test_rows_have_the_columns_that_are_asked(qa: QA, question: str, rows: list[str]) -> None:
    assert [sentence.text.splitlines()[-1] for sentence in qa.ask(question).sentences] == rows


def test_a_quotation_stands_in_the_source_also_when_columns_are_put_together(qa: QA) -> None:
    (citation,) = qa.ask("青石乡的水井和粮食产量分别是多少？").citations
    raw = DOCUMENTS[citation.document]
    assert "".join(raw[start:end] for start, end in citation.spans) == citation.quote


def apart(text: str, answers: dict[str, Span | None]) -> list[Draft]:
    """Return what is said where the one sentence ``text`` answers the things of ``answers`` that have a span there."""
    passage = stored(1, text)
    whole = DraftSentence(text, (Evidence.of(passage, passage.passage.sentences[0]),))
    shares = tuple(Share(label, analyse(f"How many {label} are there?")) for label in answers)
    requests = tuple(Request(share.query, Ranked()) for share in shares)
    spans = {share.query: answers[share.label] for share in shares}

    def draft(asked: Request) -> list[Draft]:
        span = spans[asked.query]
        return [] if span is None else [replace(whole, answer_span=span)]

    query = replace(analyse(f"How many {' and '.join(answers)} are there?"), shares=shares)
    return list(answered_apart(Request(query, Ranked(), shares=requests), [], draft))


def test_a_thing_that_a_quoted_sentence_speaks_of_is_not_called_missing() -> None:
    (said,) = apart("Ashford has 40 wells and 12 pumps.", {"wells": (12, 14), "pumps": None})
    assert isinstance(said, DraftSentence)


def test_a_sentence_that_answers_two_things_is_quoted_once() -> None:
    (said,) = apart("Ashford has 40 wells and 12 pumps.", {"wells": (12, 14), "pumps": (25, 27)})
    assert isinstance(said, DraftSentence)


@pytest.mark.parametrize(
    ("questions", "warning"),
    [
        (
            [f"When was the footbridge number {number} built?" for number in range(1, 10)],
            "8 questions at most are answered at once. These were left out, please ask them again: "
            "When was the footbridge number 9 built?",
        ),
        (
            [f"西塘镇第{number}口水井有多深？" for number in "一二三四五六七八九"],
            "一次最多回答8个问题，这些还没有回答，请再问一次：西塘镇第九口水井有多深？",
        ),
    ],
)
def test_questions_that_are_too_many_are_named(qa: QA, questions: list[str], warning: str) -> None:
    query = qa.analyser.analyse(" ".join(questions))
    assert [one.typed for one in query.questions] == questions[:8]
    assert warning in qa.ask(" ".join(questions)).warnings
