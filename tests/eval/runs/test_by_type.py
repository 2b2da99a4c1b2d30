"""A run's figures by type, with their intervals."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from eval.datasets.questions import Question
from eval.runs.by_type import cell, main, table, wilson
from eval.runs.run_file import Item, Run, RunInfo


def test_wilson_by_hand() -> None:
    """n = 100, p = 1/2: (0.5 + 0.0192) / 1.0384 -+ 1.96 sqrt(0.0025 + 0.000096) / 1.0384."""
    low, high = wilson(0.5, 100)
    assert (round(low, 4), round(high, 4)) == (0.4038, 0.5962)
    assert wilson(1.0, 10)[1] == pytest.approx(1.0)
    assert wilson(0.0, 0) == (0.0, 1.0)


def test_a_metric_that_applies_to_nothing_is_a_dash() -> None:
    assert cell([]) == "-"
    assert cell([1.0, 0.0]).startswith("0.500 [")


def item(id: str, kind: str, split: str, correct: float) -> Item:
    question = Question(id=id, type=kind, question="问？", answerable=not kind.startswith("un"), split=split)
    return Item(id=id, question="问？", asked=question, abstained=correct == 0, scores={"correct": correct})


def test_table_by_type_and_half() -> None:
    items = [item("a", "fact", "dev", 1), item("b", "fact", "test", 0), item("c", "unanswerable", "test", 1)]
    run = Run(run=RunInfo(started="", documents=[], documents_sha256=""), items=items)
    whole = table(run).splitlines()
    assert [line.split(" | ")[0].strip("| ") for line in whole[2:]] == [
        "fact",
        "unanswerable",
        "all answerable",
        "all unanswerable",
    ]
    assert whole[2].startswith("| fact | 2 | 0.500 [")
    assert "| fact | 1 | 0.000 [" in table(run, "test")


def test_languages_stand_side_by_side() -> None:
    english = item("b", "fact", "dev", 0)
    assert english.asked is not None
    english = english.model_copy(update={"asked": english.asked.model_copy(update={"question": "How many are there?"})})
    run = Run(run=RunInfo(started="", documents=[], documents_sha256=""), items=[item("a", "fact", "dev", 1), english])
    rows = table(run, languages=True).splitlines()[2:]
    assert [row.split(" [")[0] for row in rows[1:]] == [
        "| all answerable | 2 | 0.500",
        "| all answerable, en | 1 | 0.000",
        "| all answerable, zh | 1 | 1.000",
    ]


def test_what_is_no_run_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["by_type", str(tmp_path / "none.json")])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "none.json can't be read as a run" in capsys.readouterr().err
