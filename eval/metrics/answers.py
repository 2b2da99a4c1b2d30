"""Whether an answer is right, cited, and like the reference: from its text alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from eval.datasets.questions import Question
from eval.metrics.text import comparable, without_marks
from vectorstore.text.words import words

ANSWER_LIMITS = {
    "single_fact": 220,
    "fact": 220,
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


def answer_limit(type_: str) -> int:
    """Return how many comparable characters of an answer to a question of this type count."""
    return ANSWER_LIMITS.get(type_, OTHER_LIMIT)


def correct(question: Question, answer: str, abstained: bool) -> float | None:
    """Return 1.0 when the answer is right, else 0.0; None for an answerable question without ``must_contain``.

    Answerable: not abstained, every group of ``must_contain`` is hit and nothing of ``must_not_contain``, within the
    first ``ANSWER_LIMITS[type]`` comparable characters. Unanswerable: abstained, or every group of ``ok_if_contains``
    is hit; and nothing of ``must_not_contain``. A group is hit when one of its alternatives is a substring.
    """
    text = comparable(without_marks(answer))[: answer_limit(question.type)]
    spoilt = any(comparable(phrase) in text for phrase in question.must_not_contain)
    if question.answerable:
        if question.must_contain is None:
            return None
        return float(not abstained and not spoilt and _hits_all(text, question.must_contain))
    right = abstained or (bool(question.ok_if_contains) and _hits_all(text, question.ok_if_contains))
    return float(right and not spoilt)


def _hits_all(text: str, groups: Iterable[Iterable[str]]) -> bool:
    return all(any(comparable(alternative) in text for alternative in group) for group in groups)


def cited(citations_of_sentences: Sequence[Sequence[int]], abstained: bool) -> float | None:
    """Return 1.0 when there are sentences and each carries a citation, else 0.0; None for an abstention."""
    if abstained:
        return None
    return float(bool(citations_of_sentences) and all(citations_of_sentences))


def token_f1(answer: str, reference: str) -> float | None:
    """Return the F1 of the two texts' words as bags: 2PR / (P + R); None without a reference.

    Source: Rajpurkar et al., SQuAD, EMNLP 2016, section 6.1; its words are English, ours are segmented Chinese.
    """
    return _bag_f1(words(without_marks(answer)), words(reference))


def char_f1(answer: str, reference: str) -> float | None:
    """Return the F1 of the two texts' letters and digits as bags; None without a reference.

    Source: Cui et al., CMRC 2018, EMNLP 2019, section 4.1, on bags where theirs is on the longest common substring.
    """
    return _bag_f1(_letters(without_marks(answer)), _letters(reference))


def rouge_l(answer: str, reference: str) -> float | None:
    """Return ROUGE-L on letters and digits with beta = 1: the F1 of LCS / len(answer) and LCS / len(reference).

    Source: Lin, ROUGE, ACL 2004 workshop, section 3.1. None without a reference.
    """
    ours, theirs = _letters(without_marks(answer)), _letters(reference)
    if not theirs:
        return None
    return _f1(longest_common_subsequence(ours, theirs), len(ours), len(theirs))


def _letters(text: str) -> list[str]:
    return [char for char in comparable(text) if char.isalnum()]


def _bag_f1(ours: Sequence[str], theirs: Sequence[str]) -> float | None:
    if not theirs:
        return None
    return _f1((Counter(ours) & Counter(theirs)).total(), len(ours), len(theirs))


def _f1(common: int, ours: int, theirs: int) -> float:
    """F1 of precision common/ours and recall common/theirs, which is 2 common / (ours + theirs)."""
    return 2 * common / (ours + theirs)


def longest_common_subsequence(a: Sequence[str], b: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, in O(len(a) len(b) / word size).

    Bit-parallel: bit i of ``row`` is 0 where the dynamic programme's row steps up at a[i]. Source: Hyyrö, Bit-parallel
    LCS-length computation revisited, AWOCA 2004.
    """
    masks: dict[str, int] = {}
    for position, item in enumerate(a):
        masks[item] = masks.get(item, 0) | 1 << position
    full = (1 << len(a)) - 1
    row = full
    for item in b:
        matched = row & masks.get(item, 0)
        row = ((row + matched) | (row - matched)) & full
    return len(a) - row.bit_count()
