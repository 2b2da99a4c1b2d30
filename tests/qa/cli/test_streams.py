"""Standard input and output that are full, in another encoding, or hold what is no text."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from qa.cli.chat import _turn
from qa.cli.failure import State, report
from qa.cli.output import plain
from vectorstore.errors import LibraryUnavailable

QUESTION = "云溪县2023年粮食总产量是多少？"


def qa(*arguments: str, stdin: bytes = b"", out: Any = subprocess.PIPE, **environment: str) -> tuple[int, bytes, str]:
    """Run the command as a process of its own; return its status and what it printed."""
    ran = subprocess.run(
        [sys.executable, "-c", "from qa.cli import main; main()", *arguments],
        input=stdin,
        stdout=out,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        timeout=300,
        check=False,
    )
    return ran.returncode, ran.stdout, ran.stderr.decode("utf-8", "replace")


@pytest.mark.parametrize("encoding", ["ascii", "gb18030", "latin-1"])
def test_an_answer_is_printed_in_any_encoding(filled: Path, encoding: str) -> None:
    status, out, err = qa("ask", "--json", QUESTION, QA_DATA_DIR=str(filled), PYTHONIOENCODING=encoding)
    assert (status, err) == (0, "")
    answer = json.loads(out.decode(encoding))
    assert answer["question"] == QUESTION
    assert "12.6万吨" in answer["answer"]


def test_a_character_that_is_missing_is_escaped_as_in_json(filled: Path) -> None:
    """An emoji takes two escapes there."""
    asked = "Hello \N{GRINNING FACE}"
    status, out, _ = qa("ask", "--json", asked, QA_DATA_DIR=str(filled), PYTHONIOENCODING="ascii")
    assert status == 0
    assert b"\\ud83d\\ude00" in out
    assert json.loads(out)["question"] == asked


def test_bytes_that_are_no_text_are_a_question_all_the_same(filled: Path) -> None:
    asked = b"\xff\xd6 " + QUESTION.encode()
    told = {"QA_DATA_DIR": str(filled), "PYTHONIOENCODING": "utf-8"}
    status, out, err = qa("ask", "-", "--json", stdin=asked, **told)
    assert (status in (0, 3), err) == (True, "")
    assert json.loads(out)["question"].startswith("\N{REPLACEMENT CHARACTER}")
    status, out, err = qa("chat", stdin=asked + b"\n", **told)
    assert (status, err) == (0, "")


def test_output_that_is_full_is_one_line(filled: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        for command in (("documents", "list", "--json"), ("documents", "list")):
            status, _, err = qa(*command, out=full, QA_DATA_DIR=str(filled))
            assert status != 0
            assert "No space left on device" in err
            assert "Traceback" not in err


def test_an_error_is_told_where_no_log_can_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    assert report(ZeroDivisionError("never foreseen"), State()) == 1
    assert "never foreseen); `qa --debug ...` shows the traceback" in capsys.readouterr().err


def test_the_text_of_a_document_is_printed_as_it_is(run: Any, tmp_path: Path) -> None:
    text = "Larkfield\r\n\r\nBudget:\t4 million euros.\r\n预算：\x0b四百万。\r\n"
    (tmp_path / "windows.txt").write_bytes(text.encode())
    assert run("ingest", str(tmp_path / "windows.txt"), data=tmp_path / "data").status == 0
    status, out, _ = qa("documents", "show", "windows.txt", "--text", QA_DATA_DIR=str(tmp_path / "data"))
    assert (status, out) == (0, text.encode())
    assert "\N{REPLACEMENT CHARACTER}\n" not in run("documents", "show", "windows.txt", data=tmp_path / "data").out


def test_line_ends_of_windows_are_no_control_characters() -> None:
    assert plain("甲\r\n乙\rc\x1b[2J") == "甲\n乙\nc\N{REPLACEMENT CHARACTER}[2J"


def test_a_conversation_outlives_a_library_that_cannot_be_read_now(capsys: pytest.CaptureFixture[str]) -> None:
    def failing(question: str, conversation: str | None) -> Any:
        raise LibraryUnavailable("the disk is full")
        yield

    assert _turn(failing, "粮食？", "c1", Console(file=io.StringIO())) == "c1"
    assert "the disk is full" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfQA_PORT=8123\n", b"# \xd6\xd0\nQA_PORT=8123\n"], ids=["mark", "gbk"])
def test_the_env_file_of_a_windows_editor(run: Any, content: bytes) -> None:
    """A byte order mark is no part of the first name, and what is no UTF-8 is named."""
    Path(".env").write_bytes(content)
    ran = run("doctor", "--json")
    if content.startswith(b"#"):
        assert ran.status == 1
        assert ".env is not text in UTF-8" in ran.out
    else:
        assert json.loads(ran.out)["settings"]["port"] == 8123


def test_sigterm_leaves_no_temporary_library(tmp_path: Path) -> None:
    """The set is a pipe that nobody writes to, so that the command waits with its folder open."""
    os.mkfifo(tmp_path / "set.jsonl")
    folder = tmp_path / "tmp"
    folder.mkdir()
    command = ["eval", "selftest", "--questions", str(tmp_path / "set.jsonl"), "--documents", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-c", "from qa.cli import main; main()", *command],
        env={**os.environ, "TMPDIR": str(folder), "QA_DATA_DIR": str(tmp_path / "data")},
    )
    deadline = time.monotonic() + 300
    while not list(folder.glob("qa-eval-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    assert not list(folder.glob("qa-eval-*"))
