"""A quoted row of a table: its parts, and how exports and the command line show it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from qa.answering.quoted_tables import quotation
from qa.api.export import markdown
from qa.cli.output import print_answer
from qa.sessions.chat import ChatAnswer
from qa.sessions.conversations import Conversation, Message
from qa.types import Answer, AnswerSentence, Citation
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.text.tables import quoted_row

TABLE = """# 港口*年报*

单位：亿元

| 项目 | 2023年 | **2022年** |
| --- | ---: | ---: |
| 营业收入 | 48.36 | 45.12 |
| 净利润\\* | 7.20 | 6.80 |

见[附表](https://example.org/a_b)，港口 _运行_ 平稳。
"""
ROWS = (
    "单位：亿元\n项目 | 2023年 | 2022年\n营业收入 | 48.36 | 45.12",
    "单位：亿元\n项目 | 2023年 | 2022年\n净利润 | 7.20 | 6.80",
)


def citation(number: int, quote: str) -> Citation:
    return Citation(
        number=number, document="a.md", document_id="a", title="年报", section="", quote=quote, spans=[(0, 1)]
    )


@pytest.fixture
def answer() -> Answer:
    """Two rows of one table, and a sentence."""
    quotes = [*ROWS, "港口运行平稳。"]
    return Answer(
        question="营业收入和净利润是多少？",
        standalone_question="营业收入和净利润是多少？",
        answer="\n".join(quotes),
        abstained=False,
        sentences=[AnswerSentence(text=quote, citations=[number]) for number, quote in enumerate(quotes, 1)],
        citations=[citation(number, quote) for number, quote in enumerate(quotes, 1)],
    )


def test_quotations_of_markdown_have_no_markup_but_their_rows_have_their_header() -> None:
    layout = repair(TABLE)
    assert layout.title == "港口年报"
    texts = [sentence.text for passage in chunk(layout, 350) for sentence in passage.sentences]
    assert ROWS[0] in texts
    assert "见附表，港口 运行 平稳。" in texts
    assert "*" not in "".join(texts).replace("净利润\\*", "")


@pytest.mark.parametrize(
    ("text", "caption", "header", "cells"),
    [
        (ROWS[0], "单位：亿元", ["项目", "2023年", "2022年"], ["营业收入", "48.36", "45.12"]),
        ("£m 2023 2022\nNet debt 94.6 88.1", "", ["£m", "2023", "2022"], ["Net debt", "94.6", "88.1"]),
        ("Port | | Ships\nWesthaven | open | 88", "", ["Port", "", "Ships"], ["Westhaven", "open", "88"]),
    ],
)
def test_a_row_is_told_with_its_header_and_unit(text: str, caption: str, header: list[str], cells: list[str]) -> None:
    assert quoted_row(text) == (caption, header, cells)


@pytest.mark.parametrize(
    "text",
    [
        "A sentence.",
        "A sentence.\nAnother one.",
        "a | b",
        "a | b\nc | d | e",
        "问：多少？\n答：3个。",
    ],
)
def test_other_quotations_are_no_rows(text: str) -> None:
    assert quoted_row(text) is None
    assert citation(1, text).table is None


def test_the_parts_are_in_json(answer: Answer) -> None:
    kept = Answer.model_validate_json(answer.model_dump_json())
    assert kept == answer
    table = answer.model_dump()["citations"][0]["table"]
    assert table == {
        "caption": "单位：亿元",
        "header": ["项目", "2023年", "2022年"],
        "cells": ["营业收入", "48.36", "45.12"],
    }
    assert answer.model_dump()["sentences"][2]["table"] is None


def test_an_export_has_one_table_of_neighbouring_rows(answer: Answer) -> None:
    conversation = Conversation(id="c", title="港口", created="2024-01-01", updated="2024-01-01")
    message = Message(id="m", role="assistant", content=answer.answer, answer=answer, created="2024-01-01")
    text = markdown(conversation, [message])
    assert (
        "单位：亿元\n\n| 项目 | 2023年 | 2022年 |\n|---|---|---|\n| 营业收入 | 48.36 | 45.12[^1] |\n"
        "| 净利润 | 7.20 | 6.80[^2] |\n\n港口运行平稳。[^3]" in text
    )
    assert "“营业收入：2023年 48.36，2022年 45.12（单位：亿元）”" in text


def test_a_footnote_names_each_cell() -> None:
    english = citation(1, "Figures in £ million:\nPort | Income | Ships\nWesthaven | 12.5 | 88")
    assert quotation(english, "en") == "Westhaven – Income: 12.5, Ships: 88 (Figures in £ million:)"


def test_the_command_line_prints_columns(answer: Answer) -> None:
    console = Console(file=io.StringIO(), width=100)
    print_answer(ChatAnswer(**answer.model_dump(), conversation_id="c", message_id="m", user_message_id="u"), console)
    assert isinstance(console.file, io.StringIO)
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert lines[:4] == [
        ["单位：亿元"],
        ["项目", "2023年", "2022年"],
        ["营业收入", "48.36", "45.12[1]"],
        ["项目", "2023年", "2022年"],
    ]
    assert "|" not in console.file.getvalue()
