"""Wordings by hand of public rows: what is taught with them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from eval.training.reader.__main__ import WORDINGS
from eval.training.reader.wordings import FORMS, part_of, read_wordings, wording_groups

CONTEXT = "青川塔建于1932年。塔高48米。它由刘远设计。"
LINE = {
    "row": "zh.small:r1",
    "keywords": "青川塔 建造年份",
    "everyday": "青川那座塔哪年盖的？",
    "long": "我在写一篇关于古塔的介绍，想请问青川塔是在哪一年建成的？",
    "miss": "白石塔建于哪一年？",
    "kind": "subject",
}


def _reading(folder: Path, split: str = "train") -> Path:
    answer = {"start": CONTEXT.index("1932年"), "text": "1932年"}
    row = {"id": "r1", "lang": "zh", "title": "青川塔", "context": CONTEXT, "question": "青川塔建于哪一年？"}
    with gzip.open(folder / "zh.small.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(row | {"answers": [answer], "split": split, "ship": "yes"}, ensure_ascii=False) + "\n")
    return folder


def _written(folder: Path, **changes: str) -> Path:
    folder.mkdir()
    line = {key: value for key, value in (LINE | changes).items() if value}
    (folder / "a.jsonl").write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


def test_other_wordings_are_answered_by_the_same_sentence_and_the_near_miss_by_none(tmp_path: Path) -> None:
    made = list(wording_groups(_reading(tmp_path), read_wordings(_written(tmp_path / "w"))))
    *same, miss = made
    assert [one.question for one in same[:2]] == ["青川塔建于哪一年？", LINE["everyday"]]
    assert {one.question for one in same[2:]} <= {LINE["keywords"], LINE["long"]}
    for one in same:
        answering = [
            sentence
            for passage in one.passages
            for sentence, label in zip(passage.sentences, passage.labels, strict=True)
            if label > 0
        ]
        assert answering == ["青川塔建于1932年。"]
    assert miss.question == LINE["miss"]
    assert miss.passages
    assert not miss.answerable
    assert made[1].kind == "written everyday"
    assert miss.kind == "written subject"


def test_a_comparison_is_asked_as_the_document_of_one_side_is_asked_it() -> None:
    assert part_of("青川塔和白石塔哪座更早？", "白石塔") == "青川塔和哪座更早?"
    assert part_of("Which is older, the Qing Tower or the White Tower?", "the White Tower").endswith(
        "the qing tower or ?"
    )
    assert part_of("青川塔和白石塔哪座更早？", "黑石塔") == "青川塔和白石塔哪座更早？", "no such name in it"


def test_a_comparison_is_answered_by_the_sentence_about_its_one_side(tmp_path: Path) -> None:
    line = {"compare": "青川塔和白石塔哪座建得更早？", "other": "白石塔"}
    *_, compared, _ = wording_groups(_reading(tmp_path), read_wordings(_written(tmp_path / "w", **line)))
    assert compared.kind == "written compare"
    assert compared.question in (line["compare"], part_of(line["compare"], line["other"]))
    assert compared.answerable


def test_a_row_that_only_measures_is_not_reworded(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"zh\.small has no row r1 to train on"):
        list(wording_groups(_reading(tmp_path, split="test"), read_wordings(_written(tmp_path / "w"))))


@pytest.mark.parametrize("key", ["row", *FORMS, "miss", "kind"])
def test_a_line_that_lacks_a_key_is_named(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match=rf"a\.jsonl:1 lacks {key}"):
        read_wordings(_written(tmp_path / "w", **{key: ""}))


def test_the_written_wordings_are_whole() -> None:
    found = read_wordings(WORDINGS)
    assert len({(one.name, one.row) for one in found}) == len(found) > 6000
    for one in found:
        asked = [*one.same.values(), one.miss]
        assert all(question.strip() for question in asked), one
        assert len(set(asked)) == len(asked), one
        assert one.kind in {"subject", "time", "attribute", "unit", "scope", "role"}, one
        assert bool(one.compare) == bool(one.other), one
        assert one.other in one.compare, one
