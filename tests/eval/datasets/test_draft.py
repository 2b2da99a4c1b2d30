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
