"""A sound question set has no findings, and what is no question set at all is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.datasets.check import Finding, bigrams, check, dice
from eval.errors import BadQuestionSet
from tests.support.pdf_files import Page, pdf
from vectorstore.errors import SourceError

Rows = list[dict[str, Any]]
FindingsOf = Callable[[Rows], list[Finding]]
SETS = Path(__file__).resolve().parents[4] / "eval" / "sets"


def test_a_sound_set_has_no_findings(sound: Rows, findings_of: FindingsOf) -> None:
    assert findings_of(sound) == []


@pytest.mark.parametrize("path", sorted(SETS.glob("*.jsonl")), ids=lambda path: path.name)
def test_the_committed_sets_pass(path: Path, seeds_dir: Path) -> None:
    assert [str(finding) for finding in check(path, seeds_dir)] == []


@pytest.mark.parametrize("name", ["english", "chinese", "tables"])
def test_the_sets_over_invented_reports_pass(name: str) -> None:
    assert [str(f) for f in check(SETS / name / "questions.jsonl", SETS / name / "documents")] == []


def test_the_same_words_after_other_turns_are_another_question(sound: Rows, findings_of: FindingsOf) -> None:
    asked = [r for r in sound if r["type"] == "follow_up"]
    assert asked[0]["question"] == asked[1]["question"]
    assert findings_of(sound) == []
    asked[1]["history"] = asked[0]["history"]
    assert [f.rule for f in findings_of(sound)] == ["duplicate"]


def test_a_near_miss_may_look_like_its_twin_but_not_be_it(sound: Rows, findings_of: FindingsOf) -> None:
    fact = next(r for r in sound if r["id"] == "fact-1")
    miss = next(r for r in sound if r["id"].startswith("miss"))
    near = {**miss, "id": "near", "question": "东湖修了多少公里旧路？"}
    assert "duplicate" not in [f.rule for f in findings_of([*sound, near])]
    assert "duplicate" in [f.rule for f in findings_of([*sound, {**near, "question": fact["question"]}])]
    assert "duplicate" in [f.rule for f in findings_of([*sound, {**fact, "id": "again", "question": near["question"]}])]


def test_a_set_without_splits_is_not_asked_for_them(sound: Rows, findings_of: FindingsOf) -> None:
    for r in sound:
        del r["split"]
    assert findings_of(sound) == []


def test_lines_that_are_no_questions_are_findings_and_the_rest_is_checked(
    sound: Rows, tmp_path: Path, documents: Path
) -> None:
    path = tmp_path / "set.jsonl"
    sound[2]["answer"] = "不知道。"
    lines = ["{", "[1]", *(json.dumps(r, ensure_ascii=False) for r in sound[:3])]
    path.write_text("\ufeff" + "\n\n".join(lines), encoding="utf-8")
    assert [(f.line, f.rule) for f in check(path, documents)] == [(1, "fields"), (3, "fields"), (9, "reference")]


@pytest.mark.parametrize("content", [None, b"", b"\n \n", b"\xff\xfe\x00"], ids=["missing", "empty", "blank", "binary"])
def test_a_file_that_is_no_set_is_refused(content: bytes | None, tmp_path: Path, documents: Path) -> None:
    path = tmp_path / "set.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadQuestionSet, match=r"set\.jsonl"):
        check(path, documents)


def test_what_is_null_is_left_out_as_a_run_leaves_it_out(sound: Rows, findings_of: FindingsOf) -> None:
    for row in sound:
        row |= {"note": row.get("note"), "history": row.get("history"), "ok_if_contains": row.get("ok_if_contains")}
    assert findings_of(sound) == []


@pytest.mark.parametrize(
    ("page", "message"),
    [(1, ""), (2, "page 2 is given, and its page is 1: 'Larkfield built 12 bridges.'"), (3, "towns.pdf has 2")],
)
def test_a_page_is_one_that_the_quote_stands_on(page: int, message: str, tmp_path: Path) -> None:
    pages = [Page().text(72, 700, "Larkfield built 12 bridges."), Page().text(72, 700, "Oakham built 9 mills.")]
    (tmp_path / "towns.pdf").write_bytes(pdf(pages))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    evidence = {"document": "towns.pdf", "quote": "Larkfield built 12 bridges.", "page": page}
    asked = {"id": "q", "type": "english", "question": "How many bridges?", "answerable": True, "evidence": [evidence]}
    (tmp_path / "set.jsonl").write_text(json.dumps(asked), "utf-8")
    (tmp_path / "documents").mkdir()
    for name in ("towns.pdf", "broken.pdf"):  # a run leaves the second out
        (tmp_path / name).rename(tmp_path / "documents" / name)
    found = [f.message for f in check(tmp_path / "set.jsonl", tmp_path / "documents")]
    assert found == [] if not message else [message in text for text in found] == [True]


def test_missing_documents_are_an_error(sound: Rows, tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps(sound[0]), encoding="utf-8")
    with pytest.raises(SourceError):
        check(path, tmp_path / "nowhere")


def test_documents_may_be_lines_of_a_file(sound: Rows, texts: dict[str, str], tmp_path: Path) -> None:
    documents = tmp_path / "documents.jsonl"
    lines = [json.dumps({"id": name, "text": text}, ensure_ascii=False) for name, text in texts.items()]
    documents.write_text("\n".join(lines), encoding="utf-8")
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in sound), encoding="utf-8")
    assert check(path, documents) == []


def test_findings_say_where_and_what() -> None:
    assert str(Finding(3, "fact-3", "evidence", "not verbatim")) == "line 3: fact-3: evidence: not verbatim"
    assert str(Finding(0, "", "split", "uneven")) == "the set: split: uneven"


def test_likeness_by_hand() -> None:
    """甲乙, 乙丙 against 甲乙, 乙丁: one of two pairs is shared, 2·1 / (2 + 2)."""
    assert dice(bigrams("甲乙丙？"), bigrams("甲 乙丁")) == 0.5
    assert bigrams("甲。") == {"甲"}
    assert dice(bigrams(""), bigrams("！？")) == 1.0
    assert dice(bigrams("甲"), bigrams("")) == 0.0


@given(st.text(alphabet="甲乙丙丁 ，12", max_size=12), st.text(alphabet="甲乙丙丁 ，12", max_size=12))
def test_likeness_is_symmetric_and_one_for_equal_texts(one: str, other: str) -> None:
    a, b = bigrams(one), bigrams(other)
    assert 0 <= dice(a, b) <= 1
    assert dice(a, b) == dice(b, a)
    assert dice(a, a) == 1


@pytest.mark.parametrize("kind", ["who_said", "table", "yes_no", "definition", "two_questions", "paraphrase"])
def test_every_type_of_the_format_is_known(
    kind: str, sound: list[dict[str, Any]], findings_of: Callable[[list[dict[str, Any]]], list[Finding]]
) -> None:
    rows = [row | {"type": kind} if row["type"] == "single_fact" else row for row in sound]
    assert findings_of(rows) == []


@pytest.mark.parametrize("kind", ["small_talk", "paraphrase_near_miss"])
def test_some_types_need_no_answer(
    kind: str, sound: list[dict[str, Any]], findings_of: Callable[[list[dict[str, Any]]], list[Finding]]
) -> None:
    rows = [row | {"type": kind} if row["type"] == "unanswerable_near_miss" else row for row in sound]
    assert findings_of(rows) == []
