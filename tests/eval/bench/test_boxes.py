"""Boxes of quotations beside where PDFium finds them: those that lie elsewhere are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.bench.boxes import measure, overlap
from eval.bench.typesetting import typeset
from eval.datasets.questions import load
from vectorstore.places import Box, Places

SENTENCES = [f"The council of ward {number} spent {number * 7} pounds on its roads last year." for number in range(90)]


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Path, Path]:
    documents = tmp_path / "documents"
    documents.mkdir()
    data, _ = typeset(SENTENCES, 2)
    (documents / "roads.pdf").write_bytes(data)
    (documents / "other.md").write_text("Nothing here.", encoding="utf-8")
    (documents / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    quotes = ["The council of ward 3 spent 21 pounds on its roads last year.", "ward 60 spent 420 pounds"]
    evidence = [{"document": "roads.pdf", "page": 1, "quote": quote} for quote in (*quotes, "It stands nowhere.")]
    line = {"id": "q", "type": "single_fact", "question": "How much?", "answerable": True, "evidence": evidence}
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps(line), encoding="utf-8")
    return questions, documents


def test_a_quotation_s_boxes_lie_where_it_stands(asked: tuple[Path, Path]) -> None:
    questions, documents = asked
    found = list(measure(load(questions), documents))
    assert [one.page for one in found] == [1, 1]
    assert min(one.share for one in found) > 0.9


def test_boxes_a_line_too_low_are_told(asked: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    box = Places._box
    monkeypatch.setattr(Places, "_box", lambda self, at: _lower(box(self, at)))
    questions, documents = asked
    assert max(one.share for one in measure(load(questions), documents)) < 0.5


def _lower(box: Box | None) -> Box | None:
    return box and (box[0], box[1] + 11.5, box[2], box[3] + 11.5)


@pytest.mark.parametrize(
    ("ours", "share"),
    [([(0.0, 0.0, 20.0, 10.0)], 1.0), ([(0.0, 0.0, 10.0, 10.0)], 0.5), ([(0.0, 20.0, 20.0, 30.0)], 0.0), ([], 0.0)],
)
def test_overlap_is_what_both_cover_of_what_either_does(ours: list[Box], share: float) -> None:
    assert overlap([(0.0, 0.0, 9.0, 10.0), (11.0, 0.0, 20.0, 10.0)], ours) == share
