"""Drafts of question sets: what is asked stands in the documents, word by word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.datasets import draft
from eval.datasets.questions import load
from eval.errors import EvalError
from vectorstore.reading import RawDocument, read_source

ENGLISH = RawDocument.of(
    "annual.txt",
    "Annual Report\n\nThe company employed 1,250 people in 2021. Its revenue was 36 million dollars, a rise of 12%.\n",
)


def test_every_quote_and_figure_stands_in_its_document(seeds_dir: Path, tmp_path: Path) -> None:
    documents = [document for document in read_source(seeds_dir) if document.name.endswith(".txt")]
    lines = draft.draft(documents, facts=6, sections=2)
    draft.write(lines, tmp_path / "set.jsonl")
    texts = {document.name: document.text for document in documents}
    questions = load(tmp_path / "set.jsonl").questions
    assert len(questions) >= 5 * 6
    for question in questions:
        assert all(quote.quote in texts[quote.document] for quote in question.evidence)
        for group in question.must_contain or ():
            assert group[0] in question.answer
            assert group[0] not in question.question.replace(draft.BLANK, "")
    types = {question.type for question in questions}
    assert {"single_fact", "how_why", "unanswerable_near_miss", "unanswerable_injection"} <= types
    assert {question.split for question in questions} == {"dev", "test"}


def test_a_document_gets_so_many_questions_at_most(seeds_dir: Path) -> None:
    documents = [document for document in read_source(seeds_dir) if document.name.endswith(".txt")][:1]
    lines = [line for line in draft.draft(documents, facts=3, sections=0) if line["type"] == "single_fact"]
    assert len(lines) == 3


def test_an_english_document_is_asked_about_in_english() -> None:
    lines = draft.draft([ENGLISH])
    assert any("____" in line["question"] for line in lines if line["type"] == "english")
    assert any("sourdough" in line["question"] for line in lines)


def test_a_draft_is_never_written_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(EvalError, match="exists; delete it or give another name"):
        draft.write([{"id": "x"}], path)
    assert path.read_text(encoding="utf-8") == "mine"
    draft.write([{"id": "x"}], tmp_path / "deep" / "set.jsonl")
    assert json.loads((tmp_path / "deep" / "set.jsonl").read_text(encoding="utf-8")) == {"id": "x"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_type_is_in_both_halves(language: str) -> None:
    """One figure and one heading a document: by their numbers alone, all figures would be in one half."""
    text = {
        "zh": "# {0}县2023年工作报告\n\n## {0}县修路情况\n\n2023年，{0}县新修农村公路{1}公里。\n",
        "en": "# Report of {0} for 2023\n\n## Roads of {0}\n\nThe town of {0} built {1} km of roads in 2023.\n",
    }[language]
    towns = ["青石", "云山", "南屏", "北海"] if language == "zh" else ["Ashford", "Barwick", "Colby", "Denholm"]
    documents = [RawDocument.of(f"{town}.txt", text.format(town, 12 + 7 * n)) for n, town in enumerate(towns)]
    lines = draft.draft(documents, facts=1, sections=1)
    for kind in {line["type"] for line in lines}:
        halves = [line["split"] for line in lines if line["type"] == kind]
        assert abs(halves.count("dev") - halves.count("test")) <= 1
    again = draft.halved([*lines, {"id": "feedback-1", "type": "single_fact", "question": "？"}])
    assert all(line.get("split") for line in again)
