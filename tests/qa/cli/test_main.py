"""The command as a whole: help, version, completion, settings, doctor, chat, and unexpected errors."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qa.cli.failure import State, report
from qa.settings import Settings, load
from qa.version import version

COMMANDS = ["serve", "ask", "chat", "ingest", "documents", "models", "keys", "eval", "doctor"]


def test_help_names_every_command(run: Any) -> None:
    ran = run("--help")
    assert ran.status == 0
    for name in COMMANDS:
        assert f" {name} " in ran.out
        assert run(name, "--help").status == 0


def test_version_is_the_package_s(run: Any) -> None:
    assert run("--version").out == f"report-qa {version()}\n"


def test_help_loads_nothing_heavy() -> None:
    """Each of these costs a tenth of a second or more; `qa --help` and a typing error must not pay for them."""
    code = (
        "import sys; sys.argv = ['qa', '--help']\n"
        "from qa.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pydantic', 'fastapi', 'uvicorn', 'langchain_core', 'chromadb', 'numpy', 'onnxruntime', 'httpx'}\n"
        "heavy |= {'eval', 'qa_eval'}\n"
        "sys.exit(','.join(sorted(heavy & sys.modules.keys())) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_completion_is_installed_for_bash_and_works(tmp_path: Path) -> None:
    """As a person does it, from a shell that it finds by itself, into a home directory of the test's own."""
    bin_directory = Path(sys.executable).parent
    environment = {"HOME": str(tmp_path), "PATH": f"{bin_directory}:/usr/bin:/bin"}

    def bash(script: str) -> str:
        ran = subprocess.run(
            ["bash", "-c", f"{script}; exit $?"], env=environment, capture_output=True, text=True, timeout=60
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert "complete" in bash("qa --show-completion")
    assert "bash completion installed in" in bash("qa --install-completion")
    assert ".bash_completions/qa.sh" in (tmp_path / ".bashrc").read_text("utf-8")
    asked = "source ~/.bash_completions/qa.sh; COMP_WORDS=(qa {words}); COMP_CWORD={place}; _qa_completion qa; "
    reply = "printf '%s\\n' \"${{COMPREPLY[@]}}\""
    assert bash((asked + reply).format(words="do", place=1)).split() == ["doctor", "documents"]
    assert "gate" in bash((asked + reply).format(words="eval ''", place=2)).split()


def test_an_unexpected_error_of_the_evaluation_does_not_say_that_answers_got_worse(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.gate.baseline.load", lambda path: 1 // 0)
    ran = run("eval", "gate", "--baseline", "base.json")
    assert ran.status == 2
    assert "something unexpected went wrong (ZeroDivisionError" in ran.err


def test_server_answers_before_the_pipeline_is_loaded() -> None:
    code = (
        "import sys, qa.api.server\n"
        "heavy = {'langchain_core', 'chromadb', 'numpy', 'openai', 'qa.pipeline', 'vectorstore.library'}\n"
        "sys.exit(','.join(sorted(heavy & sys.modules.keys())) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_asking_does_not_load_the_server(filled: Path) -> None:
    code = (
        "import sys; sys.argv = ['qa', 'ask', '云溪县2023年粮食总产量是多少？']\n"
        "from qa.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'fastapi', 'uvicorn', 'sse_starlette', 'eval', 'torch', 'sentence_transformers', 'openai'}\n"
        "heavy |= {'chromadb', 'langchain_core', 'vectorstore.layout', 'prometheus_client', 'opentelemetry'}\n"
        "sys.exit(','.join(sorted(heavy & sys.modules.keys())) or 0)"
    )
    environment = {"QA_DATA_DIR": str(filled), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("QA_PROT", "8000", "QA_PROT is not a setting; did you mean QA_PORT?"),
        ("QA_FOO", "1", "QA_FOO is not a setting; known settings are: QA_ALLOWED_HOSTS, QA_ANSWERER, "),
        ("QA_LLM_URL", "x", "QA_LLM_URL is not a setting; did you mean QA_LLM_BASE_URL?"),
        ("QA_PORT", "0", "QA_PORT is '0'; it must be 1 to 65535"),
        ("QA_PORT", "http", "QA_PORT is 'http'; it must be 1 to 65535"),
        ("QA_CHUNK_CHARS", "20", "QA_CHUNK_CHARS is '20'; it must be 80 to 1000"),
        ("QA_ANSWERER", "oracle", "QA_ANSWERER is 'oracle'; it must be 'auto', 'extractive' or 'model'"),
        ("QA_LLM_TIMEOUT", "0", "QA_LLM_TIMEOUT is '0'; it must be more than 0 to 600"),
        ("QA_CHROMA_URL", "chroma:8000", "QA_CHROMA_URL is 'chroma:8000': it begins neither with http:// nor with"),
    ],
)
def test_wrong_setting_is_named_with_the_way_out(run: Any, name: str, value: str, message: str) -> None:
    for arguments in (["ask", "粮食？"], ["doctor"], ["serve"], ["ingest", "x"]):
        ran = run(*arguments, **{name: value})
        assert ran.status == 1
        assert message in ran.out + ran.err


def test_unknown_setting_in_the_env_file_is_named(run: Any) -> None:
    Path(".env").write_text("QA_PROT=8000\nPATH_OF_ANOTHER_PROGRAM=1\n", "utf-8")
    assert "QA_PROT is not a setting" in run("ask", "粮食？").err
    Path(".env").write_text("QA_PORT=8123\nPATH_OF_ANOTHER_PROGRAM=1\n", "utf-8")
    assert load().port == 8123
    assert load(port=8124).port == 8124


def test_empty_variable_is_as_good_as_none(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_LLM_API_KEY", "")
    monkeypatch.setenv("QA_CHROMA_URL", "")
    assert (load().llm_api_key, load().chroma_url) == (None, None)


def test_every_setting_is_described() -> None:
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]
    assert set(undescribed) <= {"llm_base_url", "llm_api_key"}


def test_doctor_of_a_healthy_library(run: Any, filled: Path) -> None:
    ran = run("doctor", "--json", data=filled, QA_LLM_API_KEY="sk-secret-123")
    seen = json.loads(ran.out)
    assert (ran.status, seen["ok"]) == (0, True)
    findings = {finding["what"]: finding for finding in seen["findings"]}
    assert "2 documents" in findings["library"]["detail"]
    assert "384 dimensions" in findings["embedder"]["detail"]
    assert "extractive" in findings["answerer"]["detail"]
    assert seen["settings"]["data_dir"] == str(filled)
    assert "sk-secret" not in ran.out + run("doctor", data=filled, QA_LLM_API_KEY="sk-secret-123").out


def test_doctor_of_a_served_library(run: Any, served: Any) -> None:
    ran = run("doctor", data=served.data)
    assert ran.status == 0
    assert f"served at {served.url} by process {served.process.pid}" in ran.out


def test_doctor_without_a_library_makes_none(run: Any, tmp_path: Path) -> None:
    ran = run("doctor", data=tmp_path / "nothing")
    assert ran.status == 0
    assert "qa ingest PATH" in ran.out


def test_doctor_finds_an_endpoint_that_is_down(run: Any, filled: Path) -> None:
    ran = run("doctor", data=filled, QA_LLM_BASE_URL="http://127.0.0.1:9/v1", QA_LLM_MODEL="m", QA_LLM_API_KEY="k")
    assert ran.status == 1
    assert "127.0.0.1" in ran.out
    assert "can't be reached" in ran.out


@pytest.mark.parametrize("where", ["here", "server"])
def test_chat_follows_up_and_starts_over(run: Any, filled: Path, served: Any, where: str) -> None:
    lines = (
        "云溪县2023年粮食总产量是多少？\n/help\n\n那石桥县改造危桥多少座？\n？？\n/new\n石桥县改造危桥多少座？\n/quit\n"
    )
    ran = run("chat", data=filled if where == "here" else served.data, stdin=lines)
    assert ran.status == 0
    assert "12.6万吨" in ran.out
    assert ran.out.count("改造危桥7座") >= 2
    assert "新的会话。" in ran.out
    assert "neither a letter nor a digit" in ran.err


def test_chat_ends_with_its_input(run: Any, filled: Path) -> None:
    assert run("chat", data=filled, stdin="").status == 0


def test_fault_is_one_line_with_a_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fault = ZeroDivisionError("never foreseen")
    assert report(fault, State()) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    (path,) = re.findall(r"traceback is in (\S+),", err)
    assert "never foreseen" in Path(path).read_text("utf-8")
    report(fault, State(debug=True))
    assert "ZeroDivisionError: never foreseen" in capsys.readouterr().err
    report(fault, State(json=True))
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "internal"


def test_model_is_not_exported_over_something_else(run: Any, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine", "utf-8")
    ran = run("models", "export", str(tmp_path))
    assert ran.status == 1
    assert str(tmp_path) in ran.err
    assert (tmp_path / "kept.txt").read_text("utf-8") == "mine"


def test_a_path_may_begin_at_home(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    Path(".env").write_text("QA_DATA_DIR=~/library\nQA_LLM_GGUF=~/m.gguf\nQA_WATCH=~/a, /b\nQA_RANKER=~/r\n", "utf-8")
    settings = load(embedder="~/e", watch_ignore="~$*")
    assert (settings.data_dir, settings.llm_gguf) == (tmp_path / "library", tmp_path / "m.gguf")
    assert settings.watched == [tmp_path / "a", Path("/b")]
    assert (settings.ranker, settings.embedder) == (str(tmp_path / "r"), str(tmp_path / "e"))
    assert settings.watch_ignore == "~$*"
    refused = run("documents", "list", QA_DATA_DIR="~nobody-of-that-name/x")
    assert "QA_DATA_DIR" in refused.err
    assert "write the path without ~" in refused.err
