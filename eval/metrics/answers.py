"""Metrics of the answer's text: is it right, does it abstain rightly, does every sentence carry a citation?"""

from __future__ import annotations

from collections.abc import Iterable

from ..datasets.questions import Question
from ..runs.run_file import Item
from .base import Documents, metric
from .text import comparable, without_marks

ANSWER_LIMITS = {
    "single_fact": 220,
    "fact": 220,
    "paraphrase": 220,
    "layout_break": 300,
    "english": 300,
    "follow_up": 300,
    "list": 450,
    "cross_doc": 500,
    "compare": 500,
    "multi_doc": 500,
    "multi_hop": 500,
    "how_why": 600,
    "summary": 700,
}
"""Characters from the start of an answer, by the question's type, in which it must have said it."""
OTHER_LIMIT = 500
SMALL_TALK = "small_talk"
"""Greetings and thanks: a short reply or an abstention, either without citations, is right."""


def answer_limit(type_: str) -> int:
    """Return how many comparable characters of an answer to a question of this type count."""
    return ANSWER_LIMITS.get(type_, OTHER_LIMIT)


@metric(
    "correct",
    tested=True,
    column="correct",
    meaning="every group of expected words in the beginning of the answer and none that must not be there; "
    "or rightly abstained",
)
def correct(item: Item, question: Question, _: Documents) -> float | None:
    """Return 1.0 when the answer is right, else 0.0; None for an answerable question without ``must_contain``.

    Answerable: not abstained, every group of ``must_contain`` is hit and nothing of ``must_not_contain``, within the
    first ``ANSWER_LIMITS[type]`` comparable characters. Unanswerable: abstained, or every group of ``ok_if_contains``
    is hit; and nothing of ``must_not_contain``. Small talk: nothing is cited, and nothing of ``must_not_contain``.
    A group is hit when one of its alternatives is a substring.
    """
    text = comparable(without_marks(item.answer))[: answer_limit(question.type)]
    spoilt = any(comparable(phrase) in text for phrase in question.must_not_contain)
    if question.type == SMALL_TALK:
        return float(not item.citations and not spoilt)
    if question.answerable:
        if question.must_contain is None:
            return None
        return float(not item.abstained and not spoilt and _hits_all(text, question.must_contain))
    right = item.abstained or (bool(question.ok_if_contains) and _hits_all(text, question.ok_if_contains))
    return float(right and not spoilt)


def _hits_all(text: str, groups: Iterable[Iterable[str]]) -> bool:
    return all(any(comparable(alternative) in text for alternative in group) for group in groups)


@metric("abstained", kind="descriptive", column="abstained", meaning="share of questions on which it abstained")
def abstained(item: Item, _: Question, __: Documents) -> float | None:
    """Return 1.0 for an abstention, else 0.0."""
    return float(item.abstained)


@metric("abstention_right", tested=True)
def abstention_right(item: Item, question: Question, _: Documents) -> float | None:
    """Return 1.0 when it abstained on an unanswerable question or answered another, else 0.0; None for small talk."""
    return None if question.type == SMALL_TALK else float(item.abstained != question.answerable)


@metric(
    "cited",
    kind="perfect",
    column="cited",
    meaning="share of answers of which every sentence carries a citation; must be 1",
)
def cited(item: Item, question: Question, _: Documents) -> float | None:
    """Return 1.0 when there are sentences and each carries a citation, else 0.0.

    None for an abstention and for small talk.
    """
    if item.abstained or question.type == SMALL_TALK:
        return None
    return float(bool(item.sentences) and all(sentence.citations for sentence in item.sentences))


@metric("chars", kind="descriptive", column="chars", meaning="characters of an answer")
def chars(item: Item, _: Question, __: Documents) -> float | None:
    """Return the length of the answer in characters, without citation marks."""
    return float(len(without_marks(item.answer)))
