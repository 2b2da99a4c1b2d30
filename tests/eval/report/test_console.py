"""What is printed at the end of a run, whatever words are in it."""

from __future__ import annotations

import os
import pty
import sys
from contextlib import suppress

import pytest

from eval.datasets.questions import Question
from eval.gate.compare import compare, side
from eval.metrics.scoring import score_run
from eval.report.console import print_comparison, print_run, progress
from eval.report.markdown import run_markdown
from eval.runs.run_file import Item, Run, RunInfo

BRACKETS = "KeyError: '[/data]' at [bold] 第[3]条"


@pytest.fixture
def run() -> Run:
    question = Question(id="q[1]", type="fact [b]", question="What does [/etc] hold?", answerable=True)
    info = RunInfo(started="", questions={"name": "set [draft].jsonl"})
    return score_run(Run(run=info, items=[Item(id="q[1]", question="", error=BRACKETS)]), [question], {})


def test_brackets_are_printed_as_they_are(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    print_run(run)
    printed = capsys.readouterr().out
    for words in (f"first q[1]: {BRACKETS}", "fact [b]", "set [draft].jsonl"):
        assert words in printed
    assert f"first q[1]: {BRACKETS}" in run_markdown(run)
    print_comparison(compare(side("before[a]", run), side("after[/b]", run)))
    assert "before[a] → after[/b]" in capsys.readouterr().out


def drained(master: int) -> bytes:
    """All that was written to a closed terminal: a single read may return only its beginning."""
    parts: list[bytes] = []
    with suppress(OSError):  # EIO: the other end is closed and nothing is left
        while part := os.read(master, 65536):
            parts.append(part)
    os.close(master)
    return b"".join(parts)


@pytest.mark.parametrize("question", ["What does [/etc] hold?", "第[/三]条说了什么？"])
def test_progress_shows_a_question_with_brackets(
    question: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w", encoding="utf-8") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", terminal)
        patch.setenv("TERM", "xterm")
        with progress("asking") as advance:
            advance(question, 1, 2)
    assert question in drained(master).decode("utf-8", "replace")
