"""Values of Chinese numerals (两千三百, 二〇二三, 十五点六) and English number words."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
CHINESE_DIGITS = "".join((*DIGITS, *TENS, *MYRIADS))

_ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
"""
_DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
ENGLISH = {word: value for value, word in enumerate(_ONES.split())}
ENGLISH |= {word: 10 * value for value, word in enumerate(_DECADES.split(), start=2)}
ENGLISH_ORDINALS = {word: value for value, word in enumerate(_ORDINALS.split(), start=1)}
_WORD = "|".join(sorted(ENGLISH, key=len, reverse=True))
ENGLISH_NUMBER = (
    rf"(?:{_WORD})(?:[\s-](?:{_WORD}))?(?:\s+(?:hundred|thousand)(?:\s+(?:and\s+)?(?:{_WORD})(?:[\s-](?:{_WORD}))?)?)*"
)


def chinese_value(text: str) -> Decimal | None:
    """Return the value of a Chinese numeral, or None for a run of numerals that is none (十四五, 三五)."""
    whole, _, fraction = text.partition("点")
    value = _positional(whole) if len(whole) > 1 and all(c in DIGITS for c in whole) else _structured(whole)
    if value is None:
        return None
    return Decimal(value) + (Decimal("0." + "".join(str(DIGITS[c]) for c in fraction)) if fraction else 0)


def _positional(text: str) -> int | None:
    """Digit by digit, as in years (二〇二三); fewer than three digits are no number (三五, 一二)."""
    return int("".join(str(DIGITS[c]) for c in text)) if len(text) > 2 else None


def _structured(text: str) -> int | None:
    """With 十 百 千 万 亿; each must multiply a digit, except a leading 十."""
    total = section = 0
    digit: int | None = None
    last = 10**4
    for position, char in enumerate(text):
        if char in DIGITS:
            if digit:
                return None
            digit = DIGITS[char]
        elif char in TENS:
            if (not digit and (char != "十" or position)) or TENS[char] >= last:
                return None
            section += (digit or 1) * TENS[char]
            digit, last = None, TENS[char]
        else:
            section += digit or 0
            if not section and not total:
                return None
            if MYRIADS[char] == 10**8:
                total = (total + section) * 10**8
            else:
                total += section * 10**4
            section, digit, last = 0, None, 10**4
    return total + section + (digit or 0)


def whole_number(text: str) -> int:
    """Return the whole number that ``text`` writes in digits, Chinese numerals or English words; 0 when it is none."""
    if text.isdecimal():
        return int(text)
    chinese = all(char in CHINESE_DIGITS for char in text)
    value = chinese_value(text.replace("两", "二")) if chinese else english_value(text)
    return int(value) if value is not None else 0


def english_value(text: str) -> Decimal | None:
    """Return the value of English number words ("twenty-one", "three hundred and five"), or None."""
    total = section = 0
    for word in re.split(r"[\s-]+", text.lower()):
        if word == "hundred":
            section = max(section, 1) * 100
        elif word == "thousand":
            total, section = total + max(section, 1) * 1000, 0
        elif word in ENGLISH:
            section += ENGLISH[word]
        elif word != "and":
            return None
    return Decimal(total + section)
