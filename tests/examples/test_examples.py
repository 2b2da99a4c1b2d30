"""The examples run as they stand, as programs of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.served import ingest, serving

HERE = Path(__file__).parent
QUESTION = "云溪县2023年粮食总产量是多少？"
REPORTS = {
    "yunxi.txt": "# 云溪县2023年工作总结\n\n## 农业\n\n2023年，云溪县粮食总产量达到12.6万吨，比上年增长3.1%。\n",
    "shiqiao.txt": "# 石桥县2023年工作总结\n\n## 农业\n\n2023年，石桥县粮食总产量达到9.8万吨，比上年下降0.4%。\n",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = tmp_path_factory.mktemp("reports")
    for name, text in REPORTS.items():
        (reports / name).write_text(text, "utf-8")
    directory = tmp_path_factory.mktemp("library") / "data"
    ingest(directory, reports)
    return directory


def ran(program: str, *arguments: str, **environment: str) -> str:
    """Run an example, and return what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QA_", "OPENAI_"))}
    done = subprocess.run(
        [sys.executable, str(HERE / program), *arguments],
        env={**kept, **environment, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_langchain_program(data: Path) -> None:
    with ScriptedOpenAI(Reply(text="12.6万吨")) as model:
        settings = {"QA_DATA_DIR": str(data), "OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "none"}
        printed = ran("langchain_program.py", QUESTION, **settings)
        (sent,) = model.requests
    assert "yunxi.txt: 2023年，云溪县粮食总产量达到12.6万吨" in sent["messages"][0]["content"]
    lines = printed.splitlines()
    assert lines[0] == "model: 12.6万吨"
    assert lines[1].startswith("verified: 2023年，云溪县粮食总产量达到12.6万吨")
    assert lines[2].startswith("[1] yunxi.txt [(")


def test_plain_program(data: Path) -> None:
    first, follow_up = ran("plain_program.py", QUESTION, "那石桥县呢？", QA_DATA_DIR=str(data)).splitlines()
    assert "12.6万吨" in first
    assert "9.8万吨" in follow_up


def test_openai_program(data: Path) -> None:
    with serving(data) as served:
        printed = ran("openai_program.py", f"{served.url}/v1", QUESTION)
    answer, *citations = printed.splitlines()
    assert "12.6万吨" in answer
    assert citations[0].startswith("[1] yunxi.txt: 2023年")
