"""Which language a text is in: the one test of it, for documents, questions and messages alike."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Language = Literal["zh", "en"]

HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Chinese characters, for use inside a character class."""
_HAN = re.compile(f"[{HAN}]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")


@lru_cache(maxsize=65536)
def has_han(text: str) -> bool:
    """Whether ``text`` has a Chinese character."""
    return bool(_HAN.search(text))


@lru_cache(maxsize=65536)
def is_english(text: str) -> bool:
    """Whether ``text`` has words in Latin letters and no Chinese character."""
    return not has_han(text) and bool(_LATIN_WORD.search(text))


def language_of(text: str) -> Language:
    """Return the language to answer ``text`` in: Chinese where it has a Chinese character, else English."""
    return "zh" if has_han(text) else "en"
