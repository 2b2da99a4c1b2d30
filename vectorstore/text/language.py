"""Which language a text is in, and what a Chinese character is: the one test, for documents and questions alike."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Language = Literal["zh", "en"]

HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Chinese characters, for use inside a character class: ``f"[{HAN}]{{2,4}}"``."""
_HAN = re.compile(f"[{HAN}]")


def with_han(pattern: str) -> str:
    r"""Return ``pattern`` with a class of all Chinese characters for each ``\h`` in it."""
    return pattern.replace(r"\h", f"[{HAN}]")


_LATIN_LETTERS = r"A-Za-z\u00c0-\u024f\u0370-\u04ff"  # with accents, Greek and Cyrillic
_LATIN_LETTER = re.compile(f"[{_LATIN_LETTERS}]")
_LATIN_WORD = re.compile(f"[{_LATIN_LETTERS}]{{2,}}")
_LATIN_WORD_IN_HAN = 2
"""Chinese characters that a word of an alphabet is as long as."""


def is_han(character: str) -> bool:
    """Whether one character is Chinese."""
    return _HAN.fullmatch(character) is not None


def has_han(text: str) -> bool:
    """Whether ``text`` has a Chinese character."""
    return _HAN.search(text) is not None


@lru_cache(maxsize=4096)
def is_english(text: str) -> bool:
    """Whether ``text`` has letters of A to Z and no Chinese character."""
    return not has_han(text) and re.search("[A-Za-z]", text) is not None


@lru_cache(maxsize=4096)
def mostly_han(text: str) -> bool:
    """Whether ``text`` is for the most part in Chinese; names and abbreviations in Latin letters may stand in it.

    A word of an alphabet counts as much as two Chinese characters. False for a text with neither, such as a number.
    """
    han = len(_HAN.findall(text))
    return han > 0 and han >= _LATIN_WORD_IN_HAN * len(_LATIN_WORD.findall(text))


def mostly_latin(text: str) -> bool:
    """Whether ``text`` is for the most part in words of an alphabet. False for a number or a sign."""
    return _LATIN_LETTER.search(text) is not None and not mostly_han(text)


def language_of(text: str) -> Language:
    """Return the language to answer ``text`` in: Chinese where it has a Chinese character, else English."""
    return "zh" if has_han(text) else "en"


@lru_cache(maxsize=16384)
def text_language(text: str) -> Language | None:
    """Return the language of ``text``: Chinese where most of it is, English where it has no Chinese character.

    None for others: for numbers and signs, and for lists of names in both, which belong to neither alone.
    """
    return "zh" if mostly_han(text) else "en" if is_english(text) else None
