"""The examples run as they stand, as programs of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.served import ingest, serving

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
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


def tool_call(question: str) -> Reply:
    """A completion in which the model calls the tool."""
    call = {"name": "ask_reports", "arguments": json.dumps({"question": question})}
    message = {"role": "assistant", "tool_calls": [{"id": "call-1", "type": "function", "function": call}]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    completion = {"id": "x", "object": "chat.completion", "created": 0, "model": "any", "choices": [choice]}
    return Reply(body=json.dumps(completion))


def test_langchain_program(data: Path) -> None:
    replies = [Reply(text="12.6万吨"), tool_call("石桥县2023年粮食总产量是多少？"), Reply(text="石桥县9.8万吨[1]")]
    with ScriptedOpenAI(replies) as model:
        settings = {"QA_DATA_DIR": str(data), "OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "none"}
        printed = ran("langchain_program.py", QUESTION, **settings)
        rag, first, second = model.requests
    lines = printed.splitlines()

    assert "yunxi.txt: 2023年，云溪县粮食总产量达到12.6万吨" in rag["messages"][0]["content"]
    assert lines[0] == "model: 12.6万吨"

    assert lines[1].startswith("verified: 2023年，云溪县粮食总产量达到12.6万吨")
    assert lines[2].startswith("[1] yunxi.txt [(")

    assert [tool["function"]["name"] for tool in first["tools"]] == ["ask_reports"]
    assert first["messages"][-1] == {"role": "user", "content": QUESTION}
    looked_up = second["messages"][-1]
    assert (looked_up["role"], looked_up["tool_call_id"]) == ("tool", "call-1")
    assert "9.8万吨，比上年下降0.4%。[1]" in looked_up["content"]
    assert "[1] shiqiao.txt: 2023年，石桥县" in looked_up["content"]
    assert lines[3:] == ["agent: 石桥县9.8万吨[1]"]


def test_plain_program(data: Path) -> None:
    first, follow_up = ran("plain_program.py", QUESTION, "那石桥县呢？", QA_DATA_DIR=str(data)).splitlines()
    assert "12.6万吨" in first
    assert "9.8万吨" in follow_up


@pytest.fixture(scope="module")
def url(data: Path) -> Iterator[str]:
    with serving(data) as served:
        yield f"{served.url}/v1"


def test_openai_program(url: str) -> None:
    answer, *citations = ran("openai_program.py", url, QUESTION).splitlines()
    assert "12.6万吨" in answer
    assert citations[0].startswith("[1] yunxi.txt: 2023年")


def test_responses_program(url: str) -> None:
    cited, follow_up, *found = ran("responses_program.py", url, QUESTION, "那石桥县呢？").splitlines()
    assert cited.startswith("[1] yunxi.txt 2023年，云溪县")
    assert "9.8万吨" in follow_up
    assert found[0].startswith("yunxi.txt 2023年")


def test_chat_openai_program(url: str) -> None:
    answer, cited, quotes = ran("chat_openai_program.py", url, QUESTION).splitlines()
    assert answer.endswith("[1]")
    assert cited == f"yunxi.txt {answer.removesuffix('[1]')}"
    assert quotes == str([answer.removesuffix("[1]")])


@pytest.mark.parametrize("name", ["openai_program.py", "responses_program.py", "chat_openai_program.py"])
def test_the_readme_shows_these_programs(name: str) -> None:
    code = (HERE / name).read_text("utf-8").split('"""\n\n', 1)[1]
    assert f"```python\n{code}```" in (ROOT / "README.md").read_text("utf-8")
