"""Every defect that is planted in a sound question set is found, at its line, and nothing else is."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from eval.datasets.check import Finding

Rows = list[dict[str, Any]]
FindingsOf = Callable[[Rows], list[Finding]]


def quote(document: str, text: str) -> dict[str, Any]:
    return {"document": f"{document}.txt", "quote": text}


def put(name: str, **fields: Any) -> Callable[[Rows], None]:
    """Return a change of the fields of the question ``name``; None takes a field away."""

    def change(rows: Rows) -> None:
        target = next(r for r in rows if r["id"] == name)
        for key, value in fields.items():
            if value is None:
                del target[key]
            else:
                target[key] = value

    return change


def another(name: str, **fields: Any) -> Callable[[Rows], None]:
    """Return a change that adds a copy of the question ``name`` with other fields."""

    def change(rows: Rows) -> None:
        rows.append(copy.deepcopy(next(r for r in rows if r["id"] == name)) | fields)

    return change


TURN = {"role": "user", "content": "东湖修了多少路"}
REPLY = {"role": "assistant", "content": "120公里。"}

DEFECTS: dict[str, tuple[Callable[[Rows], None], int, str, str]] = {
    "field missing": (put("fact-1", question=None), 1, "fields", "question is missing"),
    "field of another shape": (put("fact-1", must_contain=["120"]), 1, "fields", "must_contain.0"),
    "field misspelt": (put("fact-1", must_not_contian=["75"]), 1, "fields", "did you mean 'must_not_contain'?"),
    "answerable that is no boolean": (put("miss-1", answerable="false"), 6, "fields", "answerable"),
    "half of a character": (put("miss-1", question="东湖有多少\ud83d学校"), 6, "fields", "half of a surrogate pair"),
    "page of a text": (
        put("fact-1", evidence=[quote("east", "修路120公里") | {"page": 1}]),
        1,
        "evidence",
        "east.txt has no pages",
    ),
    "boxes without a page": (
        put("fact-1", evidence=[quote("east", "修路120公里") | {"boxes": [[1, 2, 3, 4]]}]),
        1,
        "evidence",
        "boxes need the page",
    ),
    "box without an area": (
        put("fact-1", evidence=[quote("east", "修路120公里") | {"page": 1, "boxes": [[10, 20, 10, 40]]}]),
        1,
        "fields",
        "[10.0, 20.0, 10.0, 40.0] is no box",
    ),
    "split unknown": (put("fact-2", split="train"), 2, "fields", "split"),
    "role unknown": (put("follow-1", history=[{"role": "system", "content": "甲"}]), 4, "fields", "history.0.role"),
    "type unknown": (put("fact-1", type="fakt"), 1, "type", "'fakt' is not one of"),
    "type against answerable": (put("miss-1", type="unanswerable_x"), 6, "type", "'unanswerable_x' is not one of"),
    "answerable against type": (put("miss-1", answerable=True), 6, "type", "answerable is true"),
    "question without words": (put("miss-1", question="……？！"), 6, "question", "no words"),
    "question with space around": (put("miss-1", question=" 东湖有多少学校"), 6, "question", "white space"),
    "question too long": (put("miss-1", question="东湖" * 1001), 6, "question", "2002 characters"),
    "follow-up without history": (put("follow-1", history=[]), 4, "history", "needs the turns"),
    "history in the wrong order": (put("follow-1", history=[REPLY, TURN]), 4, "history", "assistant, user"),
    "history that ends with the user": (put("follow-1", history=[TURN]), 4, "history", "alternate"),
    "empty turn": (put("follow-1", history=[TURN, REPLY | {"content": " "}]), 4, "history", "turn 2 is empty"),
    "document unknown": (put("fact-1", evidence=[quote("north", "修路")]), 1, "evidence", "no document 'north.txt'"),
    "quote not verbatim": (put("fact-1", evidence=[quote("east", "修路121公里")]), 1, "evidence", "not verbatim"),
    "quote of other width": (
        put("fact-2", evidence=[quote("west", "种树2万棵")]),
        2,
        "evidence",
        "differs in white space, width",
    ),
    "quote over a break": (
        put("fact-1", evidence=[quote("east", "3.5亿元。新建桥梁8座")]),
        1,
        "evidence",
        "spans a break",
    ),
    "quote twice": (
        put("fact-1", evidence=[quote("east", "修路120公里"), quote("east", "修路120公里")]),
        1,
        "evidence",
        "given twice",
    ),
    "broken sentence with one half": (
        put("break-1", evidence=[quote("east", "游业发展")], must_contain=[["发展"]]),
        3,
        "evidence",
        "one quote for each half",
    ),
    "nothing to score by": (
        put("fact-1", must_contain=[], evidence=[]),
        1,
        "expectation",
        "needs must_contain or evidence",
    ),
    "unanswerable with evidence": (
        put("miss-1", evidence=[quote("east", "新建桥梁8座")]),
        6,
        "expectation",
        "neither must_contain nor evidence",
    ),
    "unanswerable with an answer": (
        put("premise-1", must_contain=[["8座"]]),
        8,
        "expectation",
        "neither must_contain nor evidence",
    ),
    "answerable with ok_if_contains": (put("fact-1", ok_if_contains=[["120"]]), 1, "expectation", "ok_if_contains"),
    "empty group": (put("fact-2", must_contain=[["2万棵"], []]), 2, "expectation", "can't be hit"),
    "blank alternative": (put("fact-2", must_contain=[["2万棵", " "]]), 2, "expectation", "by every answer"),
    "blank forbidden words": (put("fact-1", must_not_contain=[""]), 1, "expectation", "by every answer"),
    "figure not in the document": (put("fact-1", must_contain=[["120", "210"]]), 1, "findable", "'210' is not in"),
    "figure of another document": (put("fact-1", must_contain=[["120", "75"]]), 1, "findable", "'75' is not in east"),
    "derived, but another": (put("fact-2", note="derived: 两万"), 2, "findable", "'两万棵' is not in west.txt"),
    "correction that stands nowhere": (
        put("premise-1", ok_if_contains=[["8座", "9座"]]),
        8,
        "findable",
        "'9座' is not in any document",
    ),
    "reference answer missing": (put("fact-1", answer=None), 1, "reference", "no reference answer"),
    "reference answer wrong": (put("fact-1", answer="12公里。"), 1, "reference", "hits none of 120"),
    "reference answer forbidden": (put("fact-1", answer="120公里，不是75公里。"), 1, "reference", "'75公里'"),
    "evidence forbidden": (
        put("fact-1", must_not_contain=["修路120"]),
        1,
        "forbidden",
        "stands in the sentence of the evidence",
    ),
    "rest of the sentence forbidden": (put("fact-1", must_not_contain=["3.5亿"]), 1, "forbidden", "'3.5亿'"),
    "right answer forbidden": (
        put("follow-1", must_contain=[["75", "七十五"]], must_not_contain=["十五"], note="derived: 七十五"),
        4,
        "forbidden",
        "part of '七十五'",
    ),
    "id twice": (put("fact-2", id="fact-1"), 2, "id", "stands on line 1"),
    "split missing": (put("premise-1", split=None), 8, "split", "it is missing"),
    "near-duplicate": (
        another("miss-2", id="miss-3", split="dev", question="西山的人口？"),
        9,
        "duplicate",
        "same as miss-2",
    ),
    "near-duplicate follow-up": (another("follow-2", id="follow-3"), 9, "duplicate", "same as follow-2"),
    "halves of one type": (
        put("miss-2", split="dev"),
        0,
        "split",
        "unanswerable_near_miss has 2 questions in dev and 0 in test",
    ),
    "fact of the other half": (
        put("fact-2", evidence=[quote("west", "种树２万棵"), quote("west", "修路75公里")]),
        4,
        "leak",
        "shares '修路75公里' with fact-2",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found_at_its_line(defect: str, sound: Rows, findings_of: FindingsOf) -> None:
    plant, line, rule, message = DEFECTS[defect]
    plant(sound)
    found = findings_of(sound)
    assert [f for f in found if (f.line, f.rule) == (line, rule) and message in f.message], [str(f) for f in found]
    others = {f.line for f in found} - {line, 0}
    assert not others, f"questions that are sound were found at fault: {[str(f) for f in found]}"


def test_many_defects_are_all_found_at_once(sound: Rows, findings_of: FindingsOf) -> None:
    for name in (
        "figure not in the document",
        "derived, but another",
        "broken sentence with one half",
        "empty turn",
        "unanswerable with evidence",
        "correction that stands nowhere",
        "near-duplicate follow-up",
    ):
        DEFECTS[name][0](sound)
    assert {(f.line, f.rule) for f in findings_of(sound)} >= {
        (1, "findable"),
        (2, "findable"),
        (3, "evidence"),
        (4, "history"),
        (6, "expectation"),
        (8, "findable"),
        (9, "duplicate"),
    }
