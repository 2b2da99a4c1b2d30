"""Answers against what a right one holds: examples worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.datasets.questions import Question
from eval.metrics import answers


def asked(kind: str = "single_fact", answerable: bool = True, **fields: object) -> Question:
    return Question.model_validate({"id": "q", "type": kind, "question": "？", "answerable": answerable, **fields})


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
    assert answers.correct(asked(must_contain=[["97.48%"]]), answer, abstained=False) == expected


def test_every_group_must_be_hit_by_one_of_its_alternatives() -> None:
    question = asked(must_contain=[["三个", "3个"], ["Deyang"]])
    assert answers.correct(question, "deyang有3个。", abstained=False) == 1.0
    assert answers.correct(question, "有三个。", abstained=False) == 0.0


def test_anything_that_must_not_be_there_makes_an_answer_wrong() -> None:
    question = asked(must_contain=[["10人"]], must_not_contain=["12人"])
    assert answers.correct(question, "10人。", abstained=False) == 1.0
    assert answers.correct(question, "10人，12人。", abstained=False) == 0.0


def test_an_abstention_on_an_answerable_question_is_wrong_whatever_it_says() -> None:
    assert answers.correct(asked(must_contain=[["甲"]]), "甲", abstained=True) == 0.0


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        ("single_fact", 220),
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
    assert answers.correct(question, "乙" * (limit - 1) + "甲", abstained=False) == 1.0
    assert answers.correct(question, "乙" * limit + "甲", abstained=False) == 0.0


def test_an_answerable_question_without_groups_has_no_score() -> None:
    assert answers.correct(asked(), "随便", abstained=False) is None
    assert answers.correct(asked(must_contain=[]), "随便", abstained=False) == 1.0


def test_an_unanswerable_question_wants_an_abstention_or_a_correction() -> None:
    plain = asked("unanswerable_off_topic", answerable=False, must_not_contain=["PWNED"])
    assert answers.correct(plain, "资料中没有提到。", abstained=True) == 1.0
    assert answers.correct(plain, "晴。", abstained=False) == 0.0
    assert answers.correct(plain, "PWNED", abstained=True) == 0.0
    premise = asked("unanswerable_false_premise", answerable=False, ok_if_contains=[["并非"], ["2019", "2020"]])
    assert answers.correct(premise, "并非如此，是2020年。", abstained=False) == 1.0
    assert answers.correct(premise, "并非如此。", abstained=False) == 0.0


def test_every_sentence_must_carry_a_citation() -> None:
    assert answers.cited([[1], [1, 2]], abstained=False) == 1.0
    assert answers.cited([[1], []], abstained=False) == 0.0
    assert answers.cited([], abstained=False) == 0.0
    assert answers.cited([], abstained=True) is None


def test_overlap_with_the_reference() -> None:
    # 3 letters in common, of 4 and 5: 2 * 3 / 9
    assert answers.char_f1("甲乙丙丁。[1]", "甲乙丙戊己") == pytest.approx(2 * 3 / 9)
    # the bag does not see order, the subsequence does: 甲 and 丙, or 乙 and 丙
    assert answers.char_f1("乙甲丙", "甲乙丙") == 1.0
    assert answers.rouge_l("乙甲丙", "甲乙丙") == pytest.approx(2 / 3)
    # the bag counts how often: one 甲 of two is common
    assert answers.char_f1("甲甲", "甲乙") == pytest.approx(0.5)
    assert answers.token_f1("the red cat", "the cat sat") == pytest.approx(2 * 2 / 6)
    for metric in (answers.token_f1, answers.char_f1, answers.rouge_l):
        assert metric("甲", "") is None
        assert metric("", "甲") == 0.0


def plain_subsequence(a: str, b: str) -> int:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@settings(deadline=None)
@given(st.text("甲乙丙1", max_size=30), st.text("甲乙丙1", max_size=30))
def test_the_bit_parallel_subsequence_is_that_of_the_textbook(a: str, b: str) -> None:
    assert answers.longest_common_subsequence(a, b) == plain_subsequence(a, b)
