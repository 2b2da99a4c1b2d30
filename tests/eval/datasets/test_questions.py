"""Question sets are read whole or refused with the lines that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.datasets.questions import Question, load
from eval.errors import BadQuestionSet

LINE = {"id": "q1", "type": "single_fact", "question": "多少？", "answerable": True, "must_contain": [["1"]]}


def write(folder: Path, *lines: object) -> Path:
    path = folder / "set.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_a_set_is_read_with_everything_that_its_lines_hold(tmp_path: Path) -> None:
    full = LINE | {
        "history": [{"role": "user", "content": "甲？"}, {"role": "assistant", "content": "乙。"}],
        "evidence": [{"document": "a.txt", "quote": "甲"}],
        "split": "dev",
        "note": "why",
        "domain": "a field of theirs",
    }
    loaded = load(write(tmp_path, full, "", LINE | {"id": "q2", "split": "test", "must_not_contain": None}))
    first, second = loaded.questions
    assert (first.history[1].content, first.evidence[0].quote, first.must_contain) == ("乙。", "甲", (("1",),))
    assert (second.must_not_contain, second.evidence, second.answer) == ((), (), "")
    assert loaded.name == "set.jsonl"
    assert [q.id for q in loaded.select(split="test").questions] == ["q2"]


def test_a_bare_string_in_ok_if_contains_is_a_group_of_one(tmp_path: Path) -> None:
    line = {"id": "q", "type": "t", "question": "？", "answerable": False, "ok_if_contains": ["2020", ["甲", "乙"]]}
    assert load(write(tmp_path, line)).questions[0].ok_if_contains == (("2020",), ("甲", "乙"))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([LINE, "{"], "set.jsonl:2: not JSON"),
        (["[1]"], "set.jsonl:1: not a JSON object but list"),
        ([LINE, "", {"id": "q2"}], "set.jsonl:3: type: Field required"),
        ([LINE | {"answerable": "perhaps"}], "set.jsonl:1: answerable: "),
        ([LINE | {"must_contain": ["1"]}], "set.jsonl:1: must_contain.0: "),
        ([LINE | {"split": "train"}], "set.jsonl:1: split: "),
        ([LINE | {"history": [{"role": "system", "content": ""}]}], "set.jsonl:1: history.0.role: "),
        ([LINE | {"evidence": [{"document": "a", "quote": ""}]}], "set.jsonl:1: evidence.0.quote: "),
        ([LINE, LINE], "set.jsonl:2: id: 'q1' stands on line 1 already"),
        ([" "], "holds no question"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, lines: list[object], message: str) -> None:
    with pytest.raises(BadQuestionSet, match=message.replace(".", r"\.").replace("[", r"\[")):
        load(write(tmp_path, *lines))


def test_every_fault_is_listed_and_a_flood_is_cut(tmp_path: Path) -> None:
    with pytest.raises(BadQuestionSet) as raised:
        load(write(tmp_path, *["{}"] * 30))
    lines = str(raised.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 100 more"


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadQuestionSet, match=r"none\.jsonl can't be read"):
        load(tmp_path / "none.jsonl")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadQuestionSet, match="can't be read"):
        load(tmp_path / "binary")


def test_a_selection_without_questions_is_refused(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, LINE))
    with pytest.raises(BadQuestionSet, match="no questions of type list; it has: single_fact"):
        loaded.select(types=["list"])
    with pytest.raises(BadQuestionSet, match="split='dev'"):
        loaded.select(split="dev")


def test_a_question_has_another_fingerprint_when_what_is_scored_changes() -> None:
    one = Question.model_validate(LINE)
    assert one.fingerprint == Question.model_validate(LINE | {"note": "new", "split": "test"}).fingerprint
    assert one.fingerprint != Question.model_validate(LINE | {"must_contain": [["2"]]}).fingerprint
    assert one.fingerprint != Question.model_validate(LINE | {"question": "几个？"}).fingerprint
