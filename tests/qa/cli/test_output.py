"""What is printed of an answer: its structure, and the line below: what answered, in what time, what that took."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from qa.cli.output import print_answer
from qa.sessions.chat import ChatAnswer
from qa.types import Answer, Derived, Latency, TokenUsage
from tests.support.structured import WORDS, structured_answer


@pytest.mark.parametrize(
    ("question", "cost"),
    [
        ("青山县有多少个行政村？", "输入 1,234、输出 56 词元"),
        ("How many villages are there?", "1,234 tokens in, 56 out"),
    ],
    ids=["zh", "en"],
)
@pytest.mark.parametrize("counted", [True, False])
def test_tokens_are_named_where_they_are_counted(question: str, cost: str, counted: bool) -> None:
    answer = ChatAnswer(
        question=question,
        standalone_question=question,
        answer="…",
        abstained=True,
        reason="not_stated",
        answerer="model",
        latency_ms=Latency(total=1500),
        usage=TokenUsage(input_tokens=1234, output_tokens=56) if counted else None,
        conversation_id="c",
        message_id="m",
        user_message_id="u",
    )
    console = Console(file=io.StringIO(), width=200)
    print_answer(answer, console)
    last = console.file.getvalue().splitlines()[-1]  # type: ignore[attr-defined]
    assert last.startswith("model")
    assert (cost in last) == counted


def printed(language: str, terminal: bool, answer: Answer | None = None) -> str:
    console = Console(
        file=io.StringIO(), width=200, force_terminal=terminal, color_system="standard" if terminal else None
    )
    answer = answer or structured_answer(language)
    place = {"conversation_id": "c", "message_id": "m", "user_message_id": "u"}
    print_answer(ChatAnswer(**dict(answer), **place), console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_paragraphs_lists_and_tables_are_shown(language: str) -> None:
    lines, items, rows = (WORDS[language][name] for name in ("lines", "items", "rows"))
    answer = printed(language, terminal=False).split("[1] shiqiao.txt")[0]
    assert answer.rstrip("\n").split("\n") == [
        f"{lines[0]}[1]",
        f"{lines[1]}[2]",
        "",
        str(WORDS[language]["lead"]),
        "",
        f"1. {items[0]}[3]",
        f"    - {items[1]}[4]",
        f"      {items[2]}[5]",
        f"2. {items[3]}[6]",
        "",
        str(WORDS[language]["head"]),
        "|---|---|",
        f"{rows[0].rstrip(' |')} [7] |",
        f"{rows[1].rstrip(' |')} [8] |",
        "",
        f"{lines[0]}[9]",
    ]


@pytest.mark.parametrize(("language", "label"), [("zh", "（算式：9 - 7 = 2）"), ("en", " (worked out: 9 - 7 = 2)")])
@pytest.mark.parametrize("terminal", [True, False])
def test_how_a_figure_was_worked_out_stands_behind_its_marks(language: str, label: str, terminal: bool) -> None:
    """In running text, in a list and in a table, whose row stays one."""
    answer = structured_answer(language)
    for number in (0, 2, 6):
        derived = Derived(expression="9 - 7 = 2", inputs=[number + 1])
        answer.sentences[number] = answer.sentences[number].model_copy(update={"derived": derived})
    shown = re.sub(r"\x1b\[[0-9;]*m", "", printed(language, terminal, answer)).split("[1] shiqiao.txt")[0]
    marks = [f"[{number}]{label}" for number in (1, 3, 7)]
    assert [mark for line in shown.splitlines() for mark in marks if mark in line] == marks
    assert shown.count("9 - 7") == 3
    row = next(line for line in shown.splitlines() if marks[2] in line)
    assert row.endswith(" |")
    assert row.count("|") == 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_bold_words_are_underlined_at_a_terminal(language: str) -> None:
    text = printed(language, terminal=True)
    word = WORDS[language]["items"][0].split("**")[1]
    assert f"\x1b[1;4m{word}\x1b[0m" in text
    assert "**" not in text
