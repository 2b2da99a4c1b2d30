"""The READMEs keep their word: what they tell to run runs as it stands, and both languages say the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qa.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
READMES = ("README.md", "README.zh-CN.md")
_BLOCK = re.compile(r"(?P<run><!-- run -->\n)?^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s+)# .*$", re.MULTILINE)
_STATUS = re.compile(r"# .*status (\d)$")
_SETTING = re.compile(r"^\| `QA_(\w+)` \| (?:`(.*?)`)? *\|", re.MULTILINE)


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def to_run(language: str) -> list[str]:
    """Return the blocks of README.md that are marked to be run."""
    blocks = _BLOCK.finditer(text_of("README.md"))
    return [block["code"] for block in blocks if block["run"] and block["language"] == language]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a reader who has just installed the package, with a library of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QA_", "OPENAI_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return kept | {"PATH": path, "QA_DATA_DIR": str(tmp_path_factory.mktemp("readme") / "data")}


def ran(arguments: list[str], environment: dict[str, str], directory: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, cwd=directory, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=300
    )


def test_commands_run_as_they_stand(environment: dict[str, str]) -> None:
    commands = [line for block in to_run("sh") for line in block.splitlines()]
    assert {"--help", "ingest", "ask", "documents", "doctor"} <= {command.split()[1] for command in commands}
    for command in commands:
        status = _STATUS.search(command)
        done = ran(["sh", "-c", command], environment)
        assert done.returncode == (int(status[1]) if status else 0), f"{command}\n{done.stdout}{done.stderr}"
        assert done.stdout


def test_python_runs_as_it_stands(environment: dict[str, str], tmp_path: Path) -> None:
    """In a directory of the reader's own, beside the reports; the library is the one that the commands made."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    plain, langchain = (ran([sys.executable, "-c", code], environment, tmp_path) for code in to_run("python"))
    assert plain.returncode == 0, plain.stderr
    answer, standalone = plain.stdout.splitlines()
    assert "[1]" in answer
    assert answer.endswith("False")
    assert "绵竹" in standalone

    assert langchain.returncode == 0, langchain.stderr
    *passages, sentences, answered, source = langchain.stdout.splitlines()
    assert len(passages) == 3
    assert "97.48%" in sentences
    assert answered.endswith("[1]")
    assert source.startswith("[1] 000_00cc0611c457028d.txt: ")


def test_both_languages_give_the_same_commands() -> None:
    english, chinese = (
        [(block["language"], _COMMENT.sub("", block["code"])) for block in _BLOCK.finditer(text_of(name))]
        for name in READMES
    )
    assert len(english) > 8
    assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_every_setting_stands_there_with_its_default(name: str) -> None:
    told = {setting.lower(): default for setting, default in _SETTING.findall(text_of(name))}
    defaults = {field: info.default for field, info in Settings.model_fields.items()}
    assert told == {
        field: "" if default is None else str(default).lower() if isinstance(default, bool) else f"{default:g}"
        if isinstance(default, float) else str(default)
        for field, default in defaults.items()
    }  # fmt: skip


@pytest.mark.parametrize("name", [*READMES, "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "eval/README.md"])
def test_links_inside_the_repository_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", text_of(name)):
        assert (ROOT / name).parent.joinpath(target).exists(), target
