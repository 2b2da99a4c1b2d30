"""Rows of public sets that exist in both languages: what is taught with them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from eval.training.reader.across import SETS, across_groups, aligned
from eval.training.reader.wordings import Wordings
from vectorstore.embeddings import Embedder

CHINESE = "黑死病于1347年传到西西里。它使巴黎的人口减少了一半。"
ENGLISH = "The Black Death reached Sicily in 1347. It halved the population of Paris."
ROWS = {
    "zh.xquad": [
        ("z1", CHINESE, "黑死病哪一年传到西西里？", "1347年"),
        ("z2", CHINESE, "巴黎的人口怎样了？", "减少了一半"),
    ],
    "zh.chinese-squad2-dev": [("z3", CHINESE, "谁治好了黑死病？", "")],
    "en.xquad": [
        ("e2", ENGLISH, "What happened to the population of Paris?", "halved"),
        ("e1", ENGLISH, "In which year did the Black Death reach Sicily?", "1347"),
    ],
    "en.squad2-dev-half": [("e3", ENGLISH, "Who cured the Black Death?", "")],
}


def _reading(folder: Path, split: str = "train") -> Path:
    for name, rows in ROWS.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            for id, context, question, answer in rows:
                answers = [{"start": context.index(answer), "text": answer}] if answer else []
                row = {"id": id, "lang": name[:2], "title": "", "context": context, "question": question}
                file.write(json.dumps(row | {"answers": answers, "split": split, "ship": "yes"}) + "\n")
    return folder


def test_rows_are_aligned_with_their_translations_each_way(tmp_path: Path, embedder: Embedder) -> None:
    assert set(ROWS) == {name for names in SETS.values() for name in names}
    found = aligned(_reading(tmp_path), embedder)
    both = {("z1", "e1"), ("z2", "e2"), ("z3", "e3")}
    assert {(one.row.id, one.other.id) for one in found} == both | {(other, row) for row, other in both}


def test_rows_that_only_measure_are_not_aligned(tmp_path: Path, embedder: Embedder) -> None:
    assert aligned(_reading(tmp_path, split="test"), embedder) == []


def test_a_row_is_asked_in_the_other_language_and_in_the_wordings_there(tmp_path: Path, embedder: Embedder) -> None:
    pairs = [one for one in aligned(_reading(tmp_path), embedder) if one.row.id in ("z1", "z3")]
    same = {"everyday": "When did the plague get to Sicily?", "keywords": "plague Sicily year", "long": "Tell me when"}
    written = Wordings("en.xquad", "e1", same, "When did the Black Death reach Malta?", "subject")
    made = list(across_groups(tmp_path, pairs, [written]))
    assert all(one.language == "en" for one in made)
    assert all("\u4e00" <= passage.text[0] <= "\u9fff" for one in made for passage in one.passages)
    answered = {one.question: one.answerable for one in made if one.kind != "elsewhere"}
    assert answered == {
        "In which year did the Black Death reach Sicily?": True,
        **dict.fromkeys(same.values(), True),
        written.miss: False,
        "Who cured the Black Death?": False,
    }
    labels = [list(zip(p.sentences, p.labels, strict=True)) for one in made if one.answerable for p in one.passages]
    assert all(dict(one)["黑死病于1347年传到西西里。"] == 1 for one in labels)
