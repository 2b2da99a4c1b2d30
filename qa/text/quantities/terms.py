"""Chinese numerals inside names and terms: no quantities, but to be repeated letter by letter."""

from __future__ import annotations

import re

from qa.text.quantities.numerals import CHINESE_DIGITS

NUMERALS = frozenset(CHINESE_DIGITS + "半")
_FIXED = re.compile(rf"(?<![{CHINESE_DIGITS}])[{CHINESE_DIGITS}半]+")
_ORDINARY_WORDS = """
    一些 一定 一直 一起 一样 一般 一旦 一致 一律 一切 一体 一方 一步 一边 一面 一时 一度 一向 一再
    一共 一并 一经 一味 一同 一系 一是 二是 三是 四是 五是 六是 七是 八是 两者 两方 两种 三者 四周
    千万 十分 万一 百姓 百分 一来 二来 一则 一次
"""  # by their first two characters, the first a numeral
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
_ENDS = "统一 进一 唯一 之一 同一 单一 专一 不一 逐一 合一 其一 其二 再三 每一 任一 某一 这一 那一 另一"
_ORDINARY_ENDS = frozenset(_ENDS.split())
"""Ordinary words by a numeral and the character before it."""


def is_ordinary(text: str, at: int) -> bool:
    """Whether the numeral at an offset belongs to an ordinary word before it (统一, 进一步)."""
    return text[max(0, at - 1) : at + 1] in _ORDINARY_ENDS


def fixed_terms(text: str, counted: frozenset[int]) -> list[str]:
    """Return the pieces of ``text`` in which a Chinese numeral belongs to a name or term: 三农, 一肩, 五社, 四川.

    Each is the numeral with the character behind it (before it, at the end of a word). Ordinary words (一些, 统一) are
    left out, and so are the numerals at the offsets ``counted``, which belong to quantities.
    """
    pieces = []
    for match in _FIXED.finditer(text):
        start, end = match.span()
        before, after = text[max(0, start - 1) : end], text[start : end + 1]
        if start in counted or after in _ORDINARY or is_ordinary(text, start):
            continue
        if len(after) > end - start and after[-1].isalpha():
            pieces.append(after)
        elif len(before) > end - start and before[0].isalpha():
            pieces.append(before)
    return pieces
