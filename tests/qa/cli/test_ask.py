"""qa ask: the answer with footnotes, JSON, exit statuses, the running server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.scripted_openai import Messages, ScriptedOpenAI, passages
from tests.support.served import command, environment, ingest

QUESTION = "云溪县2023年粮食总产量是多少？"
ENGLISH_REPORT = """# Harbour Foods annual report 2023

Harbour Foods is a maker of frozen fish. The company employs 380 people in two plants.
"""
OFF_TOPIC = "量子计算机的退相干时间如何测量？"


GREENHOUSES = {
    "a.txt": "# 青山县：2022年农业工作总结\n\n青山县全县新建蔬菜大棚1200个，带动3100户农民增收。\n",
    "b.txt": "# 白河市：2022年农业工作总结\n\n白河市全市新建蔬菜大棚800个，带动1900户农民增收。\n",
    "c.md": "# Harbour Foods annual report 2021\n\nTurnover rose to £84.2 million (2020: £79.5 million).\n",
}


@pytest.fixture(scope="module")
def greenhouses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library whose figures can be reckoned with."""
    folder, data = tmp_path_factory.mktemp("greenhouses"), tmp_path_factory.mktemp("data")
    for name, text in GREENHOUSES.items():
        (folder / name).write_text(text, "utf-8")
    ingest(data, folder)
    return data


def test_answer_has_footnotes(run: Any, filled: Path) -> None:
    ran = run("ask", QUESTION, data=filled)
    assert ran.status == 0
    answer, footnotes = ran.out.split("\n\n", 1)
    assert "12.6万吨" in answer
    assert "[1]" in answer
    assert footnotes.startswith("[1] yunxi.txt · 云溪县2023年工作总结 · 农业\n")
    assert "    2023年，云溪县粮食总产量达到12.6万吨，比上年增长3.1%。\n" in footnotes


def test_abstention_has_its_own_status(run: Any, filled: Path) -> None:
    ran = run("ask", OFF_TOPIC, data=filled)
    assert ran.status == 3
    assert "[1]" not in ran.out


def test_json_is_the_answer(run: Any, filled: Path) -> None:
    ran = run("ask", QUESTION, "--json", data=filled)
    answer = json.loads(ran.out)
    assert ran.status == 0
    assert answer["citations"][0]["document"] == "yunxi.txt"
    assert answer["conversation_id"]
    assert json.loads(run("ask", OFF_TOPIC, "--json", data=filled).out)["abstained"]


def test_question_comes_from_standard_input(run: Any, filled: Path) -> None:
    assert "12.6万吨" in run("ask", "-", data=filled, stdin=QUESTION + "\n").out


def test_documents_narrow_the_search(run: Any, filled: Path) -> None:
    ran = run("ask", "新修农村公路多少公里？", "--documents", "shiqiao.txt", "--json", data=filled)
    assert {hit["document"] for hit in json.loads(ran.out)["passages"]} == {"shiqiao.txt"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", ""], "the question is empty"),
        (["ask", "   "], "the question is empty"),
        (["ask", "？！……"], "neither a letter nor a digit"),
        (["ask", "字" * 2001], "2001 characters; at most 2000"),
        (["ask", QUESTION, "--documents", "nowhere.txt"], "nowhere.txt"),
        (["ask", QUESTION, "--conversation", "nowhere"], "there is no conversation 'nowhere'"),
    ],
    ids=["empty", "blank", "punctuation", "too_long", "document", "conversation"],
)
@pytest.mark.parametrize("where", ["here", "server"])
def test_bad_questions_are_one_line_and_status_1(
    run: Any, filled: Path, served: Any, arguments: list[str], message: str, where: str
) -> None:
    data = filled if where == "here" else served.data
    ran = run(*arguments, data=data)
    assert ran.status == 1
    assert ran.out == ""
    assert message in ran.err
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    error = json.loads(run(*arguments, "--json", data=data).out)["error"]
    assert message in error["message"]
    assert error["code"] in ("bad_question", "unknown_document", "unknown_conversation")


@pytest.mark.parametrize(
    "arguments", [["ask"], ["ask", "x", "--jsno"], ["asc", "x"], ["ingest"], ["documents", "shwo"]]
)
def test_wrong_usage_is_status_2(run: Any, filled: Path, arguments: list[str]) -> None:
    assert run(*arguments, data=filled).status == 2


def test_empty_library_says_what_to_do(run: Any, tmp_path: Path) -> None:
    data = tmp_path / "nothing"
    ran = run("ask", QUESTION, data=data)
    assert ran.status == 1
    assert "qa ingest PATH" in ran.err
    assert "seeds" not in ran.err
    assert not data.exists()


def test_empty_library_in_a_checkout_offers_its_reports(run: Any, tmp_path: Path) -> None:
    (Path.cwd() / "seeds").mkdir()
    err = run("ask", QUESTION, data=tmp_path / "nothing").err
    assert "`qa ingest seeds`" in err
    assert "`qa serve --seeds seeds`" in err
    assert json.loads(run("ask", QUESTION, "--json", data=tmp_path / "nothing").out)["error"]["code"] == "empty_library"


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("\n", 0), ("n\n", 1)])
def test_empty_library_in_a_checkout_is_filled_when_a_person_agrees(
    reports: Path, tmp_path: Path, typed: str, status: int
) -> None:
    shutil.copytree(reports, tmp_path / "seeds")
    ended, shown = at_a_terminal(["ask", QUESTION], tmp_path, typed)
    assert "Index the reports in seeds/ now? [Y/n]" in shown
    assert ended == status
    assert ("12.6万吨" in shown, "the library in data is empty" in shown) == (status == 0, status == 1)


def at_a_terminal(arguments: list[str], directory: Path, typed: str) -> tuple[int, str]:
    """Run ``qa`` at a terminal in ``directory``, type, and return the exit status and what the terminal shows."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        command(*arguments), cwd=directory, env=environment(Path("data")), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    with suppress(OSError):  # how Linux says that the last process has left the terminal
        while chunk := os.read(ours, 65536):
            shown += chunk
    os.close(ours)
    return process.wait(60), shown.decode()


def test_labels_are_in_the_language_of_the_question(run: Any, filled: Path, tmp_path: Path) -> None:
    out = run("ask", "云溪县有多少所小学？", data=filled).out
    assert out.startswith("资料中没有提到。\n最接近的段落：\n  · yunxi.txt")
    assert re.search(r"^摘自原文 · \d+ 毫秒$", out, re.MULTILINE)

    (tmp_path / "harbour.txt").write_text(ENGLISH_REPORT, "utf-8")
    assert run("ingest", str(tmp_path / "harbour.txt"), data=tmp_path / "data").status == 0
    out = run("ask", "Who is the chair of Harbour Foods?", data=tmp_path / "data").out
    assert out.startswith("The reports don't say.\nNearest passages:\n  · harbour.txt")
    assert re.search(r"^extractive · \d+ ms$", out, re.MULTILINE)


@pytest.mark.parametrize("command", ["ask", "chat"])
@pytest.mark.parametrize(
    ("question", "said", "shown"),
    [
        (
            "青山县比白河市多建多少个大棚？",
            "青山县比白河市多新建蔬菜大棚400个。",
            "青山县比白河市多新建蔬菜大棚400个。[1][2]（算式：1200个 - 800个 = 400个）",
        ),
        (
            "How much did turnover of Harbour Foods grow?",
            "Turnover grew by £4.7 million.",
            "Turnover grew by £4.7 million.[1] (worked out: £84.2 million - £79.5 million = £4.7 million)",
        ),
    ],
    ids=["zh", "en"],
)
def test_a_figure_that_was_worked_out_is_shown_with_its_expression(
    run: Any, greenhouses: Path, command: str, question: str, said: str, shown: str
) -> None:
    def script(found: Messages) -> str:
        needed = ("1200个", "800个") if "大棚" in said else ("£84.2 million",)
        labels = [label for label, text in passages(found).items() if any(figure in text for figure in needed)]
        return said + "".join(f"[{label}]" for label in labels)

    with ScriptedOpenAI(script) as server:
        model = {"QA_LLM_BASE_URL": server.url, "QA_LLM_MODEL": "scripted"}
        asking = ("ask", question) if command == "ask" else ("chat",)
        ran = run(*asking, data=greenhouses, stdin=f"{question}\n", **model)
    assert shown in ran.out


def test_running_server_is_asked_instead(run: Any, filled: Path, served: Any) -> None:
    here = json.loads(run("ask", QUESTION, "--json", data=filled).out)
    there = json.loads(run("ask", QUESTION, "--json", data=served.data).out)
    assert there["sentences"] == here["sentences"]
    assert there["citations"] == here["citations"]
    assert run("ask", OFF_TOPIC, data=served.data).status == 3


def test_conversation_goes_on_between_commands(run: Any, served: Any) -> None:
    first = json.loads(run("ask", QUESTION, "--json", data=served.data).out)
    second = run("ask", "茶园面积呢？", "--json", "-c", first["conversation_id"], data=served.data)
    assert json.loads(second.out)["conversation_id"] == first["conversation_id"]


def test_terminal_is_safe_from_documents(run: Any, tmp_path: Path) -> None:
    """An escape sequence in a report must not reach the terminal."""
    report, data = tmp_path / "evil.txt", tmp_path / "data"
    report.write_text("# 报告\n\n云溪县粮食总产量\x1b[2J\x1b]0;pwned\x07达到12.6万吨。\n", "utf-8")
    ingested = run("ingest", str(report), data=data)
    shown = run("documents", "show", "evil.txt", data=data) if ingested.status == 0 else ingested
    asked = run("ask", "云溪县粮食总产量达到多少？", data=data) if ingested.status == 0 else ingested
    assert "\x1b]" not in ingested.out + ingested.err + shown.out + asked.out
    assert "\x07" not in shown.out + asked.out
