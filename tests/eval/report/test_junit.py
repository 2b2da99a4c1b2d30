"""Reports for continuous integration."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

from eval.gate.compare import compare, side
from eval.gate.comparison import Comparison
from eval.report.junit import comparison_junit, run_junit
from eval.runs.run_file import Run

MakeRun = Callable[..., Run]


def test_junit_counts_failures_errors_and_what_nobody_judges(hostile: Run) -> None:
    unjudged = hostile.items[2].model_copy(update={"scores": {}})
    run = hostile.model_copy(update={"items": [*hostile.items[:2], unjudged, hostile.items[3]]})
    suite = ElementTree.fromstring(run_junit(run).encode()).find("testsuite")
    assert suite is not None
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1"}


def test_junit_of_a_comparison_fails_where_the_gate_does(worse: Comparison, make_run: MakeRun) -> None:
    suite = ElementTree.fromstring(comparison_junit(worse).encode()).find("testsuite")
    assert suite is not None
    failed = [f"{case.get('classname')} {case.get('name')}" for case in suite if case.find("failure") is not None]
    assert "all correct" in failed
    assert suite.get("failures") == str(len(failed))
    same = compare(side("a", make_run(3)), side("b", make_run(3)))
    assert 'failures="0"' in comparison_junit(same)
