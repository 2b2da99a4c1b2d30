"""The wheel in an environment of its own: it answers a question, and installs nothing that others could call theirs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.packaging.building import clean_environment, uv

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "云溪县2023年粮食总产量是多少？"
REPORT = "# 云溪县2023年工作总结\n\n## 农业\n\n2023年，云溪县粮食总产量达到12.6万吨，比上年增长3.1%。\n"
pytestmark = pytest.mark.skipif(find_spec("uv") is None, reason="needs uv, which `make setup` installs")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dist")
    uv("build", "--wheel", "--out-dir", directory, directory=ROOT)
    (built,) = directory.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Iterator[Path]:
    """The folder ``bin`` of an environment that has the wheel and what it depends on, and nothing else."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    uv("venv", "--python", sys.executable, environment, directory=ROOT)
    python = environment / "bin" / "python"
    uv("pip", "install", "--python", python, "--constraint", "requirements.lock", wheel, directory=ROOT)
    yield environment / "bin"
    shutil.rmtree(environment)  # hundreds of megabytes, which pytest would keep for three runs


def ran(arguments: list[str | Path], directory: Path, status: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment in ``directory``, which is also where its library is."""
    done = subprocess.run(
        [str(argument) for argument in arguments],
        cwd=directory,
        env=clean_environment(QA_DATA_DIR=str(directory / "data"), **more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def test_only_names_of_its_own_are_at_the_top_level(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"qa", "qa_eval", "vectorstore"}
    prompts = sorted(path.name for path in (ROOT / "prompts").iterdir())
    assert sorted(Path(name).name for name in names if name.startswith("qa/_prompts/")) == prompts
    assert {"qa/py.typed", "vectorstore/py.typed", "qa_eval/cli.py", "qa/web/index.html"} <= set(names)
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)


def test_command_answers_with_a_citation(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "yunxi.txt").write_text(REPORT, "utf-8")
    assert ran([installed / "qa", "--version"], tmp_path).stdout.startswith("report-qa ")
    assert "1 added" in ran([installed / "qa", "ingest", "yunxi.txt"], tmp_path).stdout
    answer = ran([installed / "qa", "ask", QUESTION], tmp_path).stdout
    assert "12.6万吨" in answer
    assert "[1] yunxi.txt" in answer


def test_prompts_are_the_same_files(installed: Path, tmp_path: Path) -> None:
    code = "from qa import prompts; print(prompts.FOLDER); [print(prompts.load(n).sha256) for n in prompts.names()]"
    folder, *hashes = ran([installed / "python", "-c", code], tmp_path).stdout.splitlines()
    assert folder.endswith("site-packages/qa/_prompts")
    assert hashes == ran([sys.executable, "-c", code], ROOT).stdout.splitlines()[1:]


def test_eval_works_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    assert "compare" in ran([installed / "qa", "eval", "--help"], tmp_path).stdout
    done = ran([installed / "qa", "eval", "compare", "before", "after"], tmp_path, status=2)  # there are no such runs
    assert "before" in done.stderr


@pytest.mark.parametrize("where", ["installed", "clone"])
def test_packages_of_others_are_not_taken_for_ours(request: pytest.FixtureRequest, tmp_path: Path, where: str) -> None:
    """Another ``eval``, ``prompts`` and ``qa_eval`` come first on the import path."""
    program = Path(sys.executable).parent if where == "clone" else request.getfixturevalue("installed")
    for name in ("eval", "prompts", "qa_eval"):
        (tmp_path / "theirs" / name).mkdir(parents=True)
        for module in ("__init__", "cli"):
            (tmp_path / "theirs" / name / f"{module}.py").write_text("raise SystemExit('not ours')\n", "utf-8")
    theirs = {"PYTHONPATH": str(tmp_path / "theirs")}
    assert "compare" in ran([program / "qa", "eval", "--help"], tmp_path, **theirs).stdout
    code = "from qa import prompts; print(len(prompts.load('answer.zh').text))"
    assert int(ran([program / "python", "-c", code], tmp_path, **theirs).stdout) > 100
