"""The workflow for hosted CI: it parses, and its steps gate and post with the real command, as a runner runs them.

What can't be had here stands in: the runner's checkout and installation, and ``gh``, which notes what it was told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.eval.test_cli import LINES, write_set

WORKFLOW = Path(__file__).resolve().parents[2] / "docs" / "answers.yml"
GH = '#!/bin/sh\necho "$GH_TOKEN $@" >> gh.log\nwhile [ "$1" != --body-file ]; do shift; done\ncp "$2" posted.md\n'
LONG = {**LINES[0], "id": "long", "question": "青河全长一共有多少公里？"}
WORDS = {"${{ github.token }}": "secret", "${{ github.event.pull_request.number }}": "7"}


@pytest.fixture
def workflow() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with documents, a set and a baseline; copy it."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "docs").mkdir()
    (folder / "docs" / "river.txt").write_text("青河全长120公里。青河流经五个镇。", encoding="utf-8")
    (folder / "docs" / "hill.txt").write_text("南山海拔845米。南山有茶园300亩。", encoding="utf-8")
    write_set(folder / "set.jsonl", [*LINES, LONG])
    (folder / "bin").mkdir()
    (folder / "bin" / "gh").write_text(GH, "utf-8")
    (folder / "bin" / "gh").chmod(0o755)
    made = ("qa", "eval", "baseline", "--baseline", "my-baseline.json", "--questions", "set.jsonl")
    subprocess.run(
        [*made, "--documents", "docs", "--why", "first", "--cache", ".eval-cache"],
        cwd=folder,
        env=runner(folder),
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def checkout(repository: Path, tmp_path: Path) -> Path:
    """That repository as the runner has it."""
    return Path(shutil.copytree(repository, tmp_path / "checkout"))


def runner(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QA_", "OPENAI_", "GITHUB_"))}
    path = os.pathsep.join((str(folder / "bin"), str(Path(sys.executable).parent), kept["PATH"]))
    return kept | {"PATH": path, "QA_ANSWERER": "extractive", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}


def run(workflow: dict[str, Any], folder: Path) -> dict[str, int]:
    """Run the steps as the runner does: after a failure only those that are for always. Returns their statuses."""
    (job,) = workflow["jobs"].values()
    statuses: dict[str, int] = {}
    for step in job["steps"]:
        if "run" not in step or step["name"] == "Install":
            continue
        if any(statuses.values()) and step.get("if") != "always()":
            continue
        given = {name: WORDS.get(value, value) for name, value in {**workflow["env"], **step.get("env", {})}.items()}
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=folder, env=runner(folder) | given, capture_output=True, text=True
        )
        statuses[step["name"]] = done.returncode
    return statuses


def test_it_is_a_workflow_whose_steps_do_what_they_may(workflow: dict[str, Any]) -> None:
    assert workflow[True] == {"pull_request": None}  # YAML 1.1 reads the key `on` as a truth value; the runner doesn't
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}
    (job,) = workflow["jobs"].values()
    for step in job["steps"]:
        assert ("run" in step) != ("uses" in step)
        assert "${{" not in step.get("run", ""), "a value that is put into a script is run as part of it"


def test_the_table_is_posted_when_nothing_got_worse(workflow: dict[str, Any], checkout: Path) -> None:
    assert set(run(workflow, checkout).values()) == {0}
    posted = (checkout / "posted.md").read_text("utf-8")
    assert posted == (checkout / "summary.md").read_text("utf-8")
    assert posted.startswith("## ⚠️ Too few questions to tell")  # five are
    assert "| metric | group | n |" in posted
    assert (checkout / "gh.log").read_text() == "secret pr comment 7 --body-file gate.md --edit-last --create-if-none\n"
    for name in ("gate.html", "gate.xml"):
        assert (checkout / name).stat().st_size > 200


def test_the_table_is_posted_and_the_job_fails_when_the_set_does_not_fit(
    workflow: dict[str, Any], checkout: Path
) -> None:
    write_set(checkout / "set.jsonl", LINES[:2])
    statuses = run(workflow, checkout)
    assert statuses == {"Ask, and compare with the baseline": 2, "Show the table": 0, "Post the table": 0}
    assert "Nothing was compared" in (checkout / "posted.md").read_text("utf-8")


def test_the_job_fails_when_answers_got_worse(workflow: dict[str, Any], checkout: Path) -> None:
    workflow["env"]["QA_QUESTION_CHARS"] = "10"  # a change that breaks one question of the set
    statuses = run(workflow, checkout)
    assert statuses == {"Ask, and compare with the baseline": 1, "Show the table": 0, "Post the table": 0}
    assert LONG["id"] in (checkout / "posted.md").read_text("utf-8")
