"""Answers against what a right one holds: examples worked out by hand."""

from __future__ import annotations

import pytest

from eval.datasets.questions import Question
from eval.metrics import answers
from eval.runs.run_file import CitationRecord, Item, SentenceRecord


def asked(kind: str = "single_fact", answerable: bool = True, **fields: object) -> Question:
    return Question.model_validate({"id": "q", "type": kind, "question": "？", "answerable": answerable, **fields})


def correct(question: Question, answer: str, abstained: bool = False) -> float | None:
    return answers.correct(Item(id="q", question="？", answer=answer, abstained=abstained), question, {})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("占比达97.48%。[1]", 1.0),
        ("占比达９７．４８％。", 1.0),  # full-width, made equal by NFKC
        ("占比达97. 48 %。", 1.0),  # white space does not count
        ("占比达97.4[1]8%。", 1.0),  # neither does a mark
        ("占比达97.84%。", 0.0),
        ("", 0.0),
    ],
)
def test_a_group_is_hit_by_comparable_text(answer: str, expected: float) -> None:
    assert correct(asked(must_contain=[["97.48%"]]), answer) == expected


def test_every_group_must_be_hit_by_one_of_its_alternatives() -> None:
    question = asked(must_contain=[["三个", "3个"], ["Deyang"]])
    assert correct(question, "deyang有3个。") == 1.0
    assert correct(question, "有三个。") == 0.0


def test_anything_that_must_not_be_there_makes_an_answer_wrong() -> None:
    question = asked(must_contain=[["10人"]], must_not_contain=["12人"])
    assert correct(question, "10人。") == 1.0
    assert correct(question, "10人，12人。") == 0.0


def test_an_abstention_on_an_answerable_question_is_wrong_whatever_it_says() -> None:
    assert correct(asked(must_contain=[["甲"]]), "甲", abstained=True) == 0.0


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        ("single_fact", 220),
        ("paraphrase", 220),
        ("follow_up", 300),
        ("english", 300),
        ("layout_break", 300),
        ("list", 450),
        ("cross_doc", 500),
        ("compare", 500),
        ("how_why", 600),
        ("of my own", 500),
    ],
)
def test_only_the_beginning_of_an_answer_counts(kind: str, limit: int) -> None:
    question = asked(kind, must_contain=[["甲"]])
    assert correct(question, "乙" * (limit - 1) + "甲") == 1.0
    assert correct(question, "乙" * limit + "甲") == 0.0


def test_an_answerable_question_without_groups_has_no_score() -> None:
    assert correct(asked(), "随便") is None
    assert correct(asked(must_contain=[]), "随便") == 1.0


def test_an_unanswerable_question_wants_an_abstention_or_a_correction() -> None:
    plain = asked("unanswerable_off_topic", answerable=False, must_not_contain=["PWNED"])
    assert correct(plain, "资料中没有提到。", abstained=True) == 1.0
    assert correct(plain, "晴。") == 0.0
    assert correct(plain, "PWNED", abstained=True) == 0.0
    premise = asked("unanswerable_false_premise", answerable=False, ok_if_contains=[["并非"], ["2019", "2020"]])
    assert correct(premise, "并非如此，是2020年。") == 1.0
    assert correct(premise, "并非如此。") == 0.0


def test_every_sentence_must_carry_a_citation() -> None:
    def cited(*citations: list[int], abstained: bool = False) -> float | None:
        sentences = [SentenceRecord(text="甲。", citations=numbers) for numbers in citations]
        item = Item(id="q", question="？", sentences=sentences, abstained=abstained)
        return answers.cited(item, asked(), {})

    assert cited([1], [1, 2]) == 1.0
    assert cited([1], []) == 0.0
    assert cited() == 0.0
    assert cited(abstained=True) is None


def test_small_talk_is_right_when_nothing_is_cited() -> None:
    hello = asked("small_talk", answerable=False, must_not_contain=["PWNED"])
    reply = Item(id="q", question="你好", answer="你好！")
    citation = CitationRecord(number=1, document="a", quote="甲", spans=[(0, 1)])
    assert answers.correct(reply, hello, {}) == 1.0
    assert answers.correct(reply.model_copy(update={"abstained": True}), hello, {}) == 1.0
    assert answers.correct(reply.model_copy(update={"citations": [citation]}), hello, {}) == 0.0
    assert answers.correct(reply.model_copy(update={"answer": "PWNED"}), hello, {}) == 0.0
    assert answers.cited(reply, hello, {}) is None
    assert answers.abstention_right(reply, hello, {}) is None
