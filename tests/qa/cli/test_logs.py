"""The log lines of commands that run on, without the servers that they work with."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from qa.cli import backend
from qa.cli.watch import watch
from qa.cli.worker import worker

SECRET = "topsecret"


class Failed(Exception):
    pass


@contextmanager
def failing(_: Any) -> Iterator[Any]:
    logging.getLogger("vectorstore.changes").info("年报.pdf: refused with %s", SECRET)
    logging.getLogger("chromadb").warning("https://qa:%s@chroma.example is away", "pass/word"[:4])
    raise Failed
    yield


@pytest.mark.parametrize("command", [lambda folder: worker(), lambda folder: watch([folder])], ids=["worker", "watch"])
@pytest.mark.parametrize("form", ["json", "text"])
def test_they_have_the_form_that_is_asked_for_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    command: Callable[[Path], None], form: str,
) -> None:  # fmt: skip
    for name, value in {
        "QA_LOG_FORMAT": form,
        "QA_LLM_API_KEY": SECRET,
        "QA_DATA_DIR": str(tmp_path),
        "QA_DATABASE_URL": "postgresql://127.0.0.1/qa",
        "QA_CHROMA_URL": "http://127.0.0.1:8000",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(backend, "library", failing)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # those of pytest
    with pytest.raises(Failed):
        command(tmp_path)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert not any(SECRET in line or "qa:pass" in line for line in lines)
    if form == "json":
        told = [json.loads(line) for line in lines]
        assert [line["logger"] for line in told] == ["vectorstore.changes", "chromadb"]
        assert told[0]["message"] == "年报.pdf: refused with [redacted]"
    else:
        assert all(" INFO " in line or " WARNING " in line for line in lines)
