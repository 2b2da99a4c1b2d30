"""Word frequencies: how common a word is, and whether two halves make a word when they are put together."""

from __future__ import annotations

import math
from functools import lru_cache

from vectorstore.text import segmentation
from vectorstore.text.language import is_han

_CORPUS = 60_101_967
"""Sum of the frequencies in jieba's dictionary, which ``frequency`` is relative to."""
_REACH = 8
"""Characters on each side of a seam that can belong to a word across it."""

_SMALL_WORDS = frozenset("的和与及或在对把将向从以为是被让使由于按至到等并而其个各每该本第更最也都还又不有人大中")
_RARE = -7.5
"""Log probability below which one character standing alone is half a word rather than a word."""


@lru_cache(maxsize=200_000)
def log_probability(word: str) -> float:
    """Natural logarithm of a word's relative frequency; unknown words count as seen once."""
    return math.log(max(1, segmentation.frequency(word)) / _CORPUS)


def words(text: str) -> list[str]:
    """Segment a text by dictionary, without guessing at unknown words."""
    return segmentation.cut(text, guess=False)


@lru_cache(maxsize=100_000)
def _cost(text: str) -> float:
    return sum(log_probability(word) for word in words(text))


def word_across(left: str, right: str) -> float:
    """Return how much more probable two halves are together than apart (a log ratio, 0 without a word across)."""
    before, after = left[-_REACH:], right[:_REACH]
    return _cost(before + after) - _cost(before) - _cost(after)


def is_half_word(word: str) -> bool:
    """Whether a word is a single character that hardly ever stands alone, so that its other half is missing."""
    return len(word) == 1 and is_han(word) and word not in _SMALL_WORDS and log_probability(word) < _RARE
