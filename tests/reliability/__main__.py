"""Runs the matrix of reliability, and prints a table of what was measured.

``python -m tests.reliability [--long] [PYTEST ARGUMENTS ...]``
"""

from __future__ import annotations

import ast
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.reliability.measuring import MEASURED

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ELSEWHERE = ROOT / "tests" / "qa" / "api" / "test_fuzzing.py"
"""A row that stands with what it tests, and has a long form."""


class Row(NamedTuple):
    number: str
    what: str
    bar: str
    measured: str
    met: bool


class Table:
    """A plugin that gathers what came of each module, and what its tests measured."""

    def __init__(self) -> None:
        self._outcomes: dict[Path, Counter[str]] = defaultdict(Counter)
        self._measured: dict[Path, dict[str, Row]] = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        path = ROOT / report.location[0]
        if report.when == "call" or report.outcome != "passed":
            self._outcomes[path][report.outcome] += 1
        for name, value in report.user_properties:
            if name == MEASURED and report.when == "call":
                what, bar, measured, met = value
                self._measured[path][what] = Row(_number(path), what, bar, measured, met)

    def rows(self) -> list[Row]:
        """Return a row for each module, followed by those of its measurements."""
        found = []
        for path in sorted(self._outcomes):
            counts = self._outcomes[path]
            tests = ", ".join(f"{counts[name]} {name}" for name in ("passed", "failed", "skipped") if counts[name])
            met = counts["failed"] == 0 and counts["passed"] > 0
            found.append(Row(_number(path), _what(path), "all pass", tests, met))
            found += self._measured[path].values()
        return found


def _number(path: Path) -> str:
    digits = path.stem.removeprefix("test_")[:2]
    return digits if digits.isdigit() else ""


def _what(path: Path) -> str:
    """Return the first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or path.stem).partition("\n")[0]


def show(rows: list[Row]) -> None:
    """Print the table as Markdown."""
    print("\n| number | what | bar | measured | met |\n| --- | --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row.number} | {row.what} | {row.bar} | {row.measured} | {'yes' if row.met else 'NO'} |")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if "--long" in arguments:
        arguments.remove("--long")
        os.environ["RELIABILITY_LONG"] = "1"
        arguments += ["-o", "faulthandler_timeout=0"]  # some of these take hours
    if not any("test_" in one for one in arguments):
        arguments += [str(HERE), str(ELSEWHERE)]
    table = Table()
    status = pytest.main([*arguments, "--rootdir", str(ROOT)], [table])
    show(table.rows())
    sys.exit(status or any(not row.met for row in table.rows()))
