"""kill -9 in the middle of ingestion: run again, and nothing is lost, doubled or torn."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from vectorstore.library import Library
from vectorstore.reading import RawDocument, read_source

Open = Callable[..., Library]
Answers = Callable[[Library, str], list[tuple[str, str, float]]]

_ROUNDS = 4


class Victims:
    """A program whose children ingest; one at a time, until it is killed or done."""

    def __init__(self, toy: Any, data_dir: Path, source: Path, *database: str) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, toy.__file__, str(data_dir), str(source), *database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def kill_one(self, delay: float) -> None:
        """Start a child and kill it ``delay`` seconds later, whether it is opening, repairing or ingesting."""
        assert self._parent.stdin is not None
        self._parent.stdin.write("\n")
        self._parent.stdin.flush()
        child = int(self._line())
        time.sleep(delay)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        assert self._line() == "over"

    def _line(self) -> str:
        assert self._parent.stdout is not None
        return self._parent.stdout.readline().strip()

    def end(self) -> None:
        self._parent.communicate()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_killed_ingestion_is_completed_by_running_it_again(
    open_library: Open, answers: Answers, toy: Any, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    database = {"database_url": request.getfixturevalue("postgres_url")} if kind == "postgres" else {}
    raws = [
        RawDocument.of(f"d{n:02}", f"第{n}号村的报告。\n\n新修水渠{n * 37}米。\n\n植树{n * 53}棵。") for n in range(24)
    ]
    source = tmp_path / "texts.jsonl"
    write_jsonl(source, raws)
    chance = random.Random(5)
    victims = Victims(toy, tmp_path / "data", source, *database.values())
    for _ in range(_ROUNDS):
        victims.kill_one(chance.random())
        with open_library(**database) as library:
            for info in library.documents():
                document = library.document(info.name)
                raw = raws[int(info.name[1:])]
                assert document.text == raw.text
                assert len(document.passages) == info.passages
                assert answers(library, raw.text)[0][:2] == (raw.name, document.passages[0].passage.text)
    victims.end()
    with open_library(**database) as library:
        report = library.ingest(read_source(source))
        assert sorted([*report.added, *report.unchanged]) == [raw.name for raw in raws]
        assert report.failed == report.replaced == []
        resumed = [answers(library, raw.text) for raw in raws]
        fingerprint = library.fingerprint
    with open_library(tmp_path / "fresh") as fresh:
        fresh.ingest(read_source(source))
        assert fresh.fingerprint == fingerprint
        assert [answers(fresh, raw.text) for raw in raws] == resumed


def write_jsonl(path: Path, raws: list[RawDocument]) -> None:
    path.write_text("\n".join(json.dumps({"id": raw.name, "text": raw.text}) for raw in raws), encoding="utf-8")
