"""How the wording of a question meets that of a sentence: quoted names, the attribute asked, numbers and levels."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.text.quantities.numerals import DIGITS

_NUMBER_OF = re.compile(r"(?<!\d)(?<!\d[,.])(\d[\d,.]*+)(?:余|多)?[万亿千百]?(?:余|多)?([^\W\d]{2})")
_GRADE = re.compile("[一二三四五六七八九](?=星级?|级|等奖|等功)")
_LEVEL = re.compile(r"国家级|省级|市级|县级|区级|厅级|处级|科级")
_COUNT = re.compile(r"^[\d一二两三四五六七八九十]+[个大项类]?")


def contradicts(question: str, text: str) -> bool:
    """Whether ``text`` has another number for what ``question`` gives a number of, or another level, and not that one.

    Years and months are the date's; a unit is told by two characters ("个村", "星级"). A level is 国家级, 省级, ...
    """
    text, question = _graded(text), _graded(question)
    levels, asked = set(_LEVEL.findall(text)), set(_LEVEL.findall(question))
    if asked and levels and asked.isdisjoint(levels) and not any(level[0] in text for level in asked):
        return True
    here: dict[str, set[str]] = {}
    for number, unit in _NUMBER_OF.findall(text):
        here.setdefault(unit, set()).add(number)
    return any(
        unit in here and number not in here[unit]
        for number, unit in _NUMBER_OF.findall(question)
        if unit[0] not in "年月日"
    )


def _graded(text: str) -> str:
    """Return ``text`` with the numerals of its grades as digits: "四星级" and "4星级" are the same."""
    return _GRADE.sub(lambda match: str(DIGITS[match[0]]), text)


def quoted(quotations: Sequence[str], text: str, around: str) -> float:
    """Return how far ``quotations`` stand in ``text``, or in what is ``around`` it; 1.0 when there are none.

    A name that counts ("四个坚持") half stands where what it counts does.
    """
    if not quotations:
        return 1.0
    counted = [_COUNT.sub("", one) for one in quotations]
    return sum(
        1.0 if one in text else 0.5 if one in around or (len(rest) > 1 and rest in text) else 0.0
        for one, rest in zip(quotations, counted, strict=True)
    ) / len(quotations)


def longest_stretch(wanted: str, text: str) -> float:
    """Return the share of ``wanted`` that its longest substring in ``text`` makes up; 0.5 when nothing is wanted."""
    if not wanted:
        return 0.5
    for size in range(len(wanted), 1, -1):
        if any(wanted[i : i + size] in text for i in range(len(wanted) - size + 1)):
            return size / len(wanted)
    return 0.0
