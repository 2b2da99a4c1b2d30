"""What every metric of the registry keeps to, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eval.datasets.questions import Question
from eval.metrics.base import Metric
from eval.metrics.registry import COLUMNS, METRICS, NAMES, PERFECT, TESTED
from eval.metrics.text import MARK
from eval.runs.run_file import Item

DOCUMENTS = {
    "river.txt": "青河全长120公里，流经五个镇。\n青河有桥12座。",
    "hill.txt": "南山海拔845米。南山有茶园300亩。",
}
IN_CHARACTERS = {"chars"}
"""Metrics that are no share."""
COUNTS_SPACE = {"chars"}
"""Metrics whose definition counts white space."""
SPACE_DOES_NOT_COUNT = [metric for metric in METRICS if metric.name not in COUNTS_SPACE]
every_metric = pytest.mark.parametrize("metric", METRICS, ids=NAMES)


def question(**fields: object) -> Question:
    about = {"id": "q", "type": "single_fact", "question": "青河有多长？", "answerable": True, "answer": "120公里。"}
    expected = {
        "must_contain": [["120公里"]],
        "evidence": [{"document": "river.txt", "quote": "青河全长120公里"}],
    }
    return Question.model_validate(about | expected | fields)


def item(*sentences: tuple[str, list[int]], spans: list[tuple[str, int, int]], **fields: object) -> Item:
    citations = [
        {"number": n, "document": name, "quote": DOCUMENTS.get(name, "")[start:end], "spans": [(start, end)]}
        for n, (name, start, end) in enumerate(spans, start=1)
    ]
    passages = [
        {"document": "hill.txt", "spans": [(0, 9)], "score": 0.9, "dense_rank": 1, "lexical_rank": 3},
        {"document": "river.txt", "spans": [(0, 16)], "score": 0.5, "dense_rank": 2},
    ]
    said = {
        "answer": "".join(text + "".join(f"[{n}]" for n in numbers) for text, numbers in sentences),
        "sentences": [{"text": text, "citations": numbers} for text, numbers in sentences],
    }
    return Item.model_validate(
        {"id": "q", "question": "青河有多长？", "citations": citations, "passages": passages} | said | fields
    )


ITEMS = {
    "right": item(("青河全长120公里。", [1]), spans=[("river.txt", 0, 16)]),
    "on the page": item(
        ("青河全长120公里。", [1]),
        spans=[("river.txt", 0, 16)],
        citations=[
            {"number": 1, "document": "river.txt", "quote": DOCUMENTS["river.txt"][:16], "spans": [(0, 16)]}
            | {"places": [{"page": 1, "label": "i", "boxes": [(72.0, 90.0, 300.0, 102.0)], "page_size": None}]}
        ],
    ),
    "wrong": item(("青河有桥12座。", [1]), ("南山海拔999米。", [2]), spans=[("river.txt", 17, 25), ("hill.txt", 0, 9)]),
    "two citations": item(("青河全长120公里。", [1, 2]), spans=[("river.txt", 0, 16), ("hill.txt", 0, 9)]),
    "uncited": item(("青河很长。", []), spans=[]),
    "abstained": item(spans=[], answer="资料中没有提到。", abstained=True),
    "failed": Item(id="q", question="青河有多长？", error="boom"),
    "nothing retrieved": item(("青河全长120公里。", [1]), spans=[("river.txt", 0, 16)], passages=[]),
    "unknown document": item(("青河全长120公里。", [1]), spans=[("lake.txt", 0, 4)]),
}
QUESTIONS = {
    "answerable": question(),
    "on a page": question(
        evidence=[
            {"document": "river.txt", "quote": "青河全长120公里", "page": 1, "boxes": [(72.0, 90.0, 180.0, 102.0)]}
        ]
    ),
    "no expectation": question(must_contain=None, evidence=[], answer=""),
    "unanswerable": question(
        type="unanswerable_near_miss", answerable=False, must_contain=None, evidence=[], must_not_contain=["12座"]
    ),
    "small talk": question(type="small_talk", answerable=False, must_contain=None, evidence=[], answer=""),
}


def cases() -> Iterator[tuple[Item, Question]]:
    for answer in ITEMS.values():
        for asked in QUESTIONS.values():
            yield answer, asked


@every_metric
def test_a_value_is_a_share_or_none(metric: Metric) -> None:
    values = [metric(answer, asked, DOCUMENTS) for answer, asked in cases()]
    there = [value for value in values if value is not None]
    assert there, "it applies to no case"
    assert all(isinstance(value, float) and value >= 0.0 for value in there)
    assert metric.name in IN_CHARACTERS or max(there) <= 1.0


@every_metric
def test_the_same_input_gives_the_same_value_and_stays_as_it_was(metric: Metric) -> None:
    for answer, asked in cases():
        before, documents = answer.model_dump(), dict(DOCUMENTS)
        assert metric(answer, asked, documents) == metric(answer.model_copy(deep=True), asked, dict(documents))
        assert (answer.model_dump(), documents) == (before, DOCUMENTS)


@every_metric
def test_what_does_not_apply_gives_none(metric: Metric) -> None:
    if metric.answerable_only:
        for name in ("unanswerable", "small talk"):
            assert metric(ITEMS["right"], QUESTIONS[name], DOCUMENTS) is None
        assert metric(ITEMS["right"], QUESTIONS["no expectation"], DOCUMENTS) is None
    if metric.kind == "perfect":
        assert metric(ITEMS["abstained"], QUESTIONS["answerable"], DOCUMENTS) is None


@every_metric
def test_other_citation_marks_change_nothing(metric: Metric) -> None:
    for answer, asked in cases():
        marked = answer.model_copy(deep=True)
        marked.answer = MARK.sub(lambda found: f"【{found.group()[1:-1]}】", answer.answer)
        assert metric(marked, asked, DOCUMENTS) == metric(answer, asked, DOCUMENTS)


@pytest.mark.parametrize(
    "metric", [metric for metric in METRICS if metric.name not in COUNTS_SPACE], ids=lambda metric: metric.name
)
def test_line_breaks_before_sentences_change_nothing(metric: Metric) -> None:
    for answer, asked in cases():
        broken = answer.model_copy(deep=True)
        pieces = [f"\n{piece}" for piece in MARK.split(answer.answer)]
        marks = [*MARK.findall(answer.answer), ""]
        broken.answer = "".join(piece + mark for piece, mark in zip(pieces, marks, strict=True))
        for sentence in broken.sentences:
            sentence.text = f"\n{sentence.text}"
        assert metric(broken, asked, DOCUMENTS) == metric(answer, asked, DOCUMENTS)


def test_names_and_columns_are_unique_and_explained() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len(set(COLUMNS.values())) == len(COLUMNS)
    assert all(metric.meaning for metric in METRICS if metric.column)


def test_the_gate_holds_the_metrics_that_it_promises() -> None:
    """Outside tools and baselines rely on these names and their order."""
    assert PERFECT == ("citation_validity", "number_fidelity", "cited")
    assert (
        *("correct", "abstention_right", "evidence_recall", "evidence_precision", "retrieval@5", "dense@10"),
        *("lexical@10", "mrr@10", "citation_recall", "citation_precision", "char_f1"),
        *("citation_page", "citation_boxes"),
    ) == TESTED


def test_the_metric_that_the_readme_adds_keeps_to_the_interface() -> None:
    readme = (Path(__file__).resolve().parents[3] / "eval" / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"__name__": "eval.metrics.brevity", "__package__": "eval.metrics"}
    exec(compile(code, "brevity.py", "exec"), names)
    assert names["brevity"](ITEMS["right"], QUESTIONS["answerable"], DOCUMENTS) == 1.0
    assert names["brevity"](ITEMS["abstained"], QUESTIONS["answerable"], DOCUMENTS) is None
