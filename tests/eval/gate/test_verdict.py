"""The verdict says when a set is too small to tell, and what else differs between two runs."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from eval.gate import baseline
from eval.gate.compare import compare, side
from eval.gate.comparison import Verdict
from eval.gate.significance import ALPHA, detectable_losses, sign_test
from eval.report import console as reports
from eval.report.html import comparison_page
from eval.report.markdown import comparison_markdown
from eval.runs.run_file import Run

MakeRun = Callable[..., Run]


@pytest.mark.parametrize(
    ("questions", "verdict"), [(3, Verdict.TOO_FEW), (40, Verdict.TOO_FEW), (300, Verdict.NOT_WORSE)]
)
def test_a_small_set_can_not_say_that_nothing_got_worse(make_run: MakeRun, questions: int, verdict: Verdict) -> None:
    comparison = compare(side("before", make_run(questions)), side("after", make_run(questions)))
    assert comparison.verdict is verdict
    assert comparison.as_json()["verdict"] == verdict
    for report in (comparison_markdown(comparison), comparison_page(comparison)):
        assert verdict in report.lower()
        assert comparison.sensitivity().capitalize() in report


def test_the_smallest_loss_is_one_that_the_gate_finds(make_run: MakeRun) -> None:
    same = compare(side("before", make_run(60)), side("after", make_run(60)))
    assert same.detectable is not None
    lost = round(same.detectable * 60)
    assert compare(side("before", make_run(60)), side("after", make_run(60 - lost, abstained=lost))).worse
    assert compare(side("before", make_run(4)), side("after", make_run(4))).detectable is None


@pytest.mark.parametrize("gains", [0, 3, 10])
@pytest.mark.parametrize("tests", [1, 4])
def test_detectable_losses_are_the_fewest_that_are_significant(gains: int, tests: int) -> None:
    losses = detectable_losses(gains, tests)
    assert sign_test(losses, gains) < ALPHA / tests <= sign_test(losses - 1, gains)


def test_what_differs_is_named_and_what_is_the_same_is_not(make_run: MakeRun, tmp_path: Path) -> None:
    runs = [make_run(20), make_run(20)]
    for run, git, weights in zip(runs, ("abc", "def"), ("1" * 64, "2" * 64), strict=True):
        run.run.git, run.run.weights, run.run.embedder = git, {"weights.json": weights}, "e5"
        run.run.config = {"ranker": "linear" if git == "abc" else "reader", "retrieve_k": 20}
    comparison = compare(side("before", runs[0]), side("after", runs[1]))
    found = {one.what: (one.base, one.new) for one in comparison.differing}
    assert found == {
        "commit": ("abc", "def"),
        "weights weights.json": ("1" * 12, "2" * 12),
        "QA_RANKER": ("linear", "reader"),
    }
    for report in (comparison_markdown(comparison), comparison_page(comparison)):
        assert "QA_RANKER" in report
        assert "QA_RETRIEVE_K" not in report
    kept = baseline.make(runs[0], "first", tmp_path / "b.json", tmp_path / "q.jsonl", tmp_path, [])
    against = compare(kept.side("baseline"), side("after", runs[1]))
    assert "commit" in {one.what for one in against.differing}
    assert "QA_RANKER" not in {one.what for one in against.differing}  # a baseline doesn't know its settings


def test_a_comparison_fits_a_hundred_columns(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [make_run(20), make_run(8, abstained=12)]
    runs[0].run.git, runs[1].run.git = "a" * 12, "b" * 12
    printer = Console(width=100, record=True, file=StringIO())
    monkeypatch.setattr(reports, "console", lambda: printer)
    reports.print_comparison(compare(side("baseline seeds", runs[0]), side("this run", runs[1])))
    text = printer.export_text()
    assert max(map(len, text.splitlines())) <= 100
    assert "…" not in text.split("q00")[0].replace(" … ", " ")  # nothing is cut off in the tables
    assert "smallest loss" in text
