"""uv as the tests of the packaging run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

INDEX = os.environ.get("WHEEL_TEST_INDEX") == "1"
"""Set by ``.ci/run``: what is not in uv's cache may be fetched, and nothing is skipped."""


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without settings and without what would lead back to the clone."""
    dropped = ("QA_", "OPENAI_", "PYTHONPATH", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "PYTHONUTF8": "1", **more}


def uv(*arguments: str | Path, directory: Path) -> None:
    """Run uv in ``directory``; from its cache alone, and skip what that lacks, where the index may not be asked."""
    command = [sys.executable, "-m", "uv", *map(str, arguments), "--quiet", *([] if INDEX else ["--offline"])]
    done = subprocess.run(command, cwd=directory, env=clean_environment(), capture_output=True, text=True, check=False)
    if done.returncode and not INDEX and ("offline" in done.stderr or "network" in done.stderr):
        pytest.skip(f"uv's cache lacks a package, and only .ci/run asks the index: {done.stderr.strip()[-300:]}")
    assert done.returncode == 0, done.stderr
