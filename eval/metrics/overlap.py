"""Metrics of text overlap: how much an answer has in common with the reference answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vectorstore.text.words import words

from ..datasets.questions import Question
from ..runs.run_file import Item
from .base import Documents, metric
from .text import comparable, without_marks


@metric("token_f1", answerable_only=True)
def token_f1(item: Item, question: Question, _: Documents) -> float | None:
    """Return the F1 of the two texts' words as bags: 2PR / (P + R); None without a reference.

    Source: Rajpurkar et al., SQuAD, EMNLP 2016, section 6.1; its words are English, ours are segmented Chinese.
    """
    return _bag_f1(words(_answer(item)), words(question.answer))


@metric(
    "char_f1",
    tested=True,
    answerable_only=True,
    column="char F1",
    meaning="letters and digits in common with the reference answer",
)
def char_f1(item: Item, question: Question, _: Documents) -> float | None:
    """Return the F1 of the two texts' letters and digits as bags; None without a reference.

    Source: Cui et al., CMRC 2018, EMNLP 2019, section 4.1, on bags where theirs is on the longest common substring.
    """
    return _bag_f1(_letters(_answer(item)), _letters(question.answer))


@metric("rouge_l", answerable_only=True)
def rouge_l(item: Item, question: Question, _: Documents) -> float | None:
    """Return ROUGE-L on letters and digits with beta = 1: the F1 of LCS / len(answer) and LCS / len(reference).

    Source: Lin, ROUGE, ACL 2004 workshop, section 3.1. None without a reference.
    """
    ours, theirs = _letters(_answer(item)), _letters(question.answer)
    if not theirs:
        return None
    return _f1(longest_common_subsequence(ours, theirs), len(ours), len(theirs))


def _answer(item: Item) -> str:
    """Return the answer without its marks; nothing for an abstention, whose words are no answer."""
    return "" if item.abstained else without_marks(item.answer)


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
