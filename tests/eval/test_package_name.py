"""The harness works under any package name: a wheel ships it under one that clashes with nobody's ``eval``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EVAL = Path(__file__).resolve().parents[2] / "eval"
EVERYTHING = """
import importlib, pkgutil, sys
import qa_eval
names = [module.name for module in pkgutil.walk_packages(qa_eval.__path__, "qa_eval.")]
for name in names:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "safetensors"):  # of the extra `train`
            raise
from qa_eval.metrics.llm_judge import verdicts
from qa_eval.report.html import templates
assert {"run.html", "comparison.html"} <= set(templates().list_templates())
assert "eval" not in sys.modules, "something imports the harness by its name in the repository"
print(len(names))
"""
WORKER = """
from qa_eval.bench.processes import BenchFailed, worker
try:
    worker("fill", {"pipeline": "plain", "directory": "store", "documents": "no-such-folder"})
except BenchFailed as error:
    print(error)
"""


@pytest.fixture
def renamed(tmp_path: Path) -> Path:
    """A folder in which the harness is a package of another name."""
    (tmp_path / "qa_eval").symlink_to(EVAL, target_is_directory=True)
    return tmp_path


def python(folder: Path, *arguments: str) -> str:
    variables = dict(os.environ) | {"PYTHONPATH": str(folder), "QA_DATA_DIR": str(folder / "data")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_is_found_under_another_name(renamed: Path) -> None:
    assert int(python(renamed, "-c", EVERYTHING)) > 40


def test_measured_processes_are_found_under_another_name(renamed: Path) -> None:
    told = python(renamed, "-c", WORKER)
    assert "qa_eval.bench.workers" in told
    assert "no-such-folder" in told


@pytest.mark.parametrize("module", ["bench", "runs.by_type", "training.linear"])
def test_commands_of_modules_run_under_another_name(renamed: Path, module: str) -> None:
    assert "usage" in python(renamed, "-m", f"qa_eval.{module}", "--help").lower()


def test_imports_inside_are_relative() -> None:
    absolute = re.compile(r"^\s*(?:from|import) eval\b", re.MULTILINE)
    assert [str(path) for path in EVAL.rglob("*.py") if absolute.search(path.read_text(encoding="utf-8"))] == []
