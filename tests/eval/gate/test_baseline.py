"""Baselines are small, stable to diff, keep their reasons, and compare like the run that they were made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eval.errors import BadRun, DoesNotFit
from eval.gate import baseline as baselines
from eval.gate import decision
from eval.gate.compare import compare, side
from eval.runs.run_file import Run

MakeRun = Callable[..., Run]


def refreshed(path: Path, run: Run, why: str = "first") -> baselines.Baseline:
    return decision.refresh(path, run, why, path.parent / "set.jsonl", path.parent.parent / "seeds")


def test_a_baseline_compares_like_the_run_that_it_was_made_of(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run(10, 3, abstained=2)
    path = tmp_path / "baselines" / "b.json"
    refreshed(path, run)
    kept = baselines.load(path)
    comparison = compare(kept.side("baseline"), side("run", run), strict=True)
    assert not comparison.worse
    assert (comparison.flips, comparison.reworded) == ((), ())
    worse = compare(kept.side("baseline"), side("run", make_run(2, 3, abstained=10)), strict=True)
    assert worse.worse
    assert worse.flips[0].base.answer == "120公里。[1]"


def test_paths_are_relative_and_reasons_add_up(make_run: MakeRun, tmp_path: Path) -> None:
    path = tmp_path / "baselines" / "b.json"
    refreshed(path, make_run(3, 1))
    made = refreshed(path, make_run(4), " the chunks are longer ")
    assert (made.questions, made.documents) == ("set.jsonl", "../seeds")
    assert [(reason.why, reason.correct) for reason in made.history] == [
        ("first", 0.75),
        ("the chunks are longer", 1.0),
    ]
    assert str(tmp_path) not in path.read_text(encoding="utf-8")


def test_one_question_changes_one_line(make_run: MakeRun, tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    for path, run in ((one, make_run(9, 1)), (two, make_run(10))):
        refreshed(path, run.model_copy(update={"items": run.items[::-1]}))
    before, after = (path.read_text(encoding="utf-8").splitlines() for path in (one, two))
    changed = [a for a, b in zip(before, after, strict=True) if a != b]
    assert len(changed) == 2  # the question's line, and the reason with the share of right answers
    assert '"id": "q009"' in changed[1]
    assert baselines.load(one) == baselines.load(one)


def test_a_run_with_failures_is_no_baseline(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run(2)
    failed = run.model_copy(update={"items": [run.items[0].model_copy(update={"error": "boom"}), run.items[1]]})
    with pytest.raises(DoesNotFit, match="1 questions failed, first q000"):
        refreshed(tmp_path / "b.json", failed)
    assert not (tmp_path / "b.json").exists()


def test_what_is_not_a_baseline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRun, match=r"can't be read as a baseline.*make one with"):
        baselines.load(tmp_path / "none.json")
    (tmp_path / "other.json").write_text('{"items": []}', encoding="utf-8")
    with pytest.raises(BadRun, match="is not a baseline: questions: Field required"):
        baselines.load(tmp_path / "other.json")
