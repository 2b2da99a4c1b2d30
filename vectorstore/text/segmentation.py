"""Chinese word segmentation and part-of-speech tags: the one module that calls the segmenter (jieba, by rjieba)."""

from __future__ import annotations

from functools import lru_cache

import rjieba

Tagged = tuple[str, str]
"""A word and its part of speech in jieba's notation: "n" noun, "v" verb, "nr" person, "ns" place, ..."""

_jieba = rjieba.Jieba()


def cut(text: str, guess: bool = True) -> list[str]:
    """Return the words of ``text`` on end: ``"".join(cut(text)) == text``.

    Args:
        text: Chinese or mixed.
        guess: find words that the dictionary lacks by a hidden Markov model; without it, by the dictionary alone, so
            that no guess swallows half of a name.
    """
    return _jieba.cut(text, guess)


def cut_for_search(text: str) -> list[str]:
    """Return the words of ``text``, and the words that stand inside longer ones."""
    return _jieba.cut_for_search(text)


@lru_cache(maxsize=4096)
def tag(text: str) -> tuple[Tagged, ...]:
    """Return the words of ``text`` on end, each with its part of speech; in a tuple, since results are remembered."""
    return tuple(_jieba.tag(text))


def frequency(word: str) -> int:
    """Return how common the dictionary says that ``word`` is, or how common it must be to be kept in one piece."""
    return _jieba.suggest_freq(word)
