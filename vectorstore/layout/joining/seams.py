"""Seams: how well one half of a sentence fits the other, from words, usage in the document, marks, numbers and topic.

The score is a log odds: positive when the halves look like one sentence cut in two, negative when they look like halves
of different ones. Its weights are a logistic regression's, rounded; ``fitting`` is the script that made them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log, sqrt

from vectorstore.layout.joining.segmentation import is_half_word, word_across, words
from vectorstore.text.language import is_han
from vectorstore.text.quotes import unclosed, unopened
from vectorstore.text.sentences import TERMINALS

WEIGHTS = {
    "bias": -0.7,
    "word": 3.1,
    "seen_2": 1.2,
    "seen_3": 1.8,
    "seen_5": 3.6,
    "brackets_meet": 2.1,
    "bracket_stays_open": -3.3,
    "bracket_never_opened": -2.6,
    "marks_collide": -3.0,
    "number_goes_on": 2.5,
    "number_has_unit": 1.2,
    "number_lacks_unit": -2.7,
    "unit_lacks_number": -1.4,
    "list_goes_on": 1.5,
    "list_never_began": -1.5,
    "left_half_word": -1.7,
    "right_half_word": -1.6,
    "clause_too_short": -1.0,
    "clause_too_long": -0.5,
    "topic": 12.0,
}
"""Log odds for each feature (all 0 or 1, but for ``word`` and ``topic``, which lie between)."""

_SENTENCE_END = re.compile(f"[{TERMINALS}]|\\.\\s|\n")
_CLAUSE = re.compile(r"[，。；、：！？,;:!?]")
_UNITS = frozenset(
    "年月日个名万亿元余人次项家户支期级岗类条件公平米吨亩度倍多种座届批场起%％岁时点分秒以左上章款号所处辆台套只"
)
_LIST_GOES_ON = frozenset(["等", "和", "及", "以及", "、"])
_NEED_NUMBER = frozenset("年月名万亿元余%％")
_MARKS = frozenset("，。；、：！？,;:!?")
_RARE = 1.5
"""Log odds against a doubled character."""
_CLEARLY = 1.5
"""How much better a seam must be without a doubled character for it to go."""
_WINDOW = 30_000
"""Characters of the document on either side in which usage is looked up."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well two halves fit, and how many characters of the right one repeat the left one's end."""

    score: float
    drop: int = 0


class Usage:
    """A document's own usage: which strings occur in it near a place, and how common its words are."""

    def __init__(self, raw: str) -> None:
        self._raw = raw

    def occurs(self, text: str, near: int) -> bool:
        """Whether ``text``, of two characters or more, occurs in the raw text within reach of an offset."""
        if text[:2] not in self._pairs or text[-2:] not in self._pairs:
            return False
        return self._raw.find(text, max(0, near - _WINDOW), near + _WINDOW) >= 0

    @cached_property
    def _pairs(self) -> set[str]:
        """Every two neighbouring characters of the text: most of what is asked for fails here already."""
        return {first + second for first, second in pairwise(self._raw)}

    @cached_property
    def _frequency(self) -> Counter[str]:
        return Counter(content_words(self._raw[: 4 * _WINDOW]))

    def kinship(self, left: frozenset[str], right: frozenset[str]) -> float:
        """Return how many content words two texts share, rare ones counting most (0 for none)."""
        if not left or not right:
            return 0.0
        shared = sum(1 / log(2 + self._frequency[word]) for word in left & right)
        return shared / sqrt(len(left) * len(right))


def content_words(text: str) -> list[str]:
    """Return the Chinese words of two and more characters."""
    return [word for word in words(text) if len(word) > 1 and is_han(word[0])]


def last_sentence(text: str) -> str:
    """Return what stands behind the last full stop of ``text``; all of it if it ends there or has none."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text, max(0, len(text) - 1000))]
    rest = text[ends[-1] :] if ends else text[-1000:]
    return rest or text[-40:]


def first_sentence(text: str) -> str:
    """Return ``text`` up to its first full stop."""
    match = _SENTENCE_END.search(text, 0, 1000)
    return text[: match.start()] if match else text[:1000]


def fit(left: str, right: str, usage: Usage, near: int) -> Fit:
    """Score the seam between two halves, with a doubled character left out where that makes it clearly better.

    Args:
        near: offset in the raw text around which usage counts.
    """
    left, right = last_sentence(left.rstrip()), right.lstrip()[:1000]
    best = Fit(_score(left, right, usage, near))
    for drop in (1, 2):
        if len(right) > drop and left[-drop:] == right[:drop] and all(map(is_han, right[:drop])):
            score = _score(left, right[drop:], usage, near) - _RARE
            if score >= best.score + _CLEARLY:
                best = Fit(score, drop)
    return best


def _score(left: str, right: str, usage: Usage, near: int) -> float:
    return sum(WEIGHTS[name] * value for name, value in features(left, right, usage, near).items())


def features(left: str, right: str, usage: Usage, near: int) -> dict[str, float]:
    """Return the features of a seam between ``left``, the end of a sentence cut in two, and ``right``."""
    before, after = left[-1:], right[:1]
    runs_on = before.isalnum() and after.isalnum() and before.isascii() and after.isascii()
    has_words = is_han(before) or is_han(after)  # a dictionary and usage by characters say nothing about English
    across = word_across(left, right) if has_words and not runs_on else 0.0
    seen = _longest_seen(left, right, usage, near) if has_words else 0
    opened, closed = unclosed(left), unopened(first_sentence(right))
    clause = len(_CLAUSE.split(left)[-1]) + len(_CLAUSE.split(right, maxsplit=1)[0])
    number = before.isdigit()
    goes_on = after in _LIST_GOES_ON and words(right[:8])[0] in _LIST_GOES_ON
    listing = "、" in left[-60:].rpartition("，")[2].rpartition(",")[2]
    return {
        "bias": 1.0,
        "word": min(across, 8.0) / 8 if across > 0.5 else 0.0,
        "seen_2": float(seen == 2),
        "seen_3": float(3 <= seen <= 4),
        "seen_5": float(seen >= 5),
        "brackets_meet": float(bool(opened and closed) and opened[-1:] == closed[:1]),
        "bracket_stays_open": float(bool(opened) and not unopened(right[:200])),
        "bracket_never_opened": float(bool(closed) and not opened),
        "marks_collide": float(before in _MARKS and after in _MARKS),
        "number_goes_on": float(number and after.isdigit()),
        "number_has_unit": float(number and after in _UNITS),
        "number_lacks_unit": float(number and is_han(after) and after not in _UNITS),
        "unit_lacks_number": float(not number and after in _NEED_NUMBER),
        "list_goes_on": float(goes_on and listing),
        "list_never_began": float(goes_on and not listing and after in "等、"),
        "left_half_word": float(across <= 0.5 and is_half_word(words(left[-8:])[-1])),
        "right_half_word": float(across <= 0.5 and is_half_word(words(right[:8])[0])),
        "clause_too_short": float(clause <= 3),
        "clause_too_long": float(clause > 30),
    }


def _longest_seen(left: str, right: str, usage: Usage, near: int) -> int:
    """Return the length of the longest string across the seam that the document uses elsewhere, 0 or 2 to 12."""
    best = 0
    for before in range(1, min(6, len(left)) + 1):
        if not usage.occurs(left[-before:] + right[:1], near):
            break
        after = 1
        while after < min(6, len(right)) and usage.occurs(left[-before:] + right[: after + 1], near):
            after += 1
        best = max(best, before + after)
    return best
