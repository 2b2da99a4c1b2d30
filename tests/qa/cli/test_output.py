"""The line below an answer: what answered it, in what time, and what that took."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from qa.cli.output import print_answer
from qa.sessions.chat import ChatAnswer
from qa.types import Latency, TokenUsage


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
