"""Metrics of a whole set: examples worked out by hand."""

from __future__ import annotations

import pytest

from eval.datasets.questions import Question, conversations
from eval.metrics import aggregate


def test_abstention_by_hand() -> None:
    # tp: 1 unanswerable abstained on; fp: 2 answerable; fn: 1 unanswerable answered
    figures = aggregate.abstention([True, True, True, False, False], [False, True, True, False, True])
    assert figures == {"precision": pytest.approx(1 / 3), "recall": 0.5, "f1": pytest.approx(2 / 5)}


def test_what_divides_by_zero_has_no_score() -> None:
    assert aggregate.abstention([False], [True]) == {"precision": None, "recall": None, "f1": None}
    assert aggregate.abstention([False], [False]) == {"precision": None, "recall": 0.0, "f1": 0.0}


def test_means_are_over_what_there_is() -> None:
    assert aggregate.mean([1.0, None, 0.0]) == 0.5
    assert aggregate.mean([None]) is None


def test_latency_percentiles() -> None:
    assert aggregate.latency([]) == {}
    assert aggregate.latency([4.0, 1.0, 3.0, 2.0]) == {"p50": 2.5, "p95": 3.0}
    assert aggregate.latency(float(i) for i in range(101)) == {"p50": 50.0, "p95": 95.0}


def turn(name: str, question: str, *earlier: str) -> Question:
    history = [
        m for text in earlier for m in ({"role": "user", "content": text}, {"role": "assistant", "content": "。"})
    ]
    return Question.model_validate(
        {"id": name, "type": "follow_up", "question": question, "history": history, "answerable": True}
    )


def test_conversations_are_the_chains_of_turns() -> None:
    questions = [
        turn("first", "甲？"),
        turn("third", "丙？", "甲？", "乙？"),
        turn("other", "丁？", "甲？", "乙？"),
        turn("lonely", "戊？"),
        turn("orphan", "庚？", "己？"),
    ]
    chains = [[q.id for q in chain] for chain in conversations(questions)]
    assert chains == [["first", "third"], ["first", "other"], ["orphan"]]


def test_turns_alone_and_together() -> None:
    chains = [["a", "b"], ["a", "c"], ["unscored"]]
    figures = aggregate.turns(chains, {"a": 1.0, "b": 1.0, "c": 0.0})
    assert figures == {"conversations": 3, "turns": 3, "alone": pytest.approx(2 / 3), "together": 0.5}
