"""Styles and numbering of Word documents: which paragraph is a heading, and the number that stands before it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|标题|標題)\s*(\d)$", re.I)
_TITLE = re.compile(r"(?:title|标题|標題)$", re.I)
_LEVEL = re.compile(r"%(\d)")
_CHINESE = "〇一二三四五六七八九"
_CHINESE_FORMS = (
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand",
)  # fmt: skip
_SERIES = {
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedCircleChinese": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
}
_DEEPEST = 10
"""Styles that a style may be based on, one upon another."""
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def value(element: _Element, name: str = "val") -> str | None:
    """Return an attribute of Word's own namespace."""
    return element.get(f"{W}{name}")


def is_set(switch: _Element | None) -> bool:
    """Whether an element is there that turns something on."""
    return switch is not None and value(switch) not in ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph's style says."""

    level: int = 0
    """Of a heading: 1 for the title, 2 and more for "heading 1" and so on; 0 for text."""
    numbering: tuple[str, int] | None = None
    """Id of a numbering, and the level in it."""


class Styles:
    """A document's paragraph styles."""

    def __init__(self, root: _Element | None) -> None:
        elements = () if root is None else root.iterchildren(f"{W}style")
        self._styles = {value(style, "styleId") or "": style for style in elements}

    def of(self, paragraph: _Element) -> Style:
        """Return the style of a paragraph, with what is set at the paragraph itself."""
        name = paragraph.find(f"{W}pPr/{W}pStyle")
        level, numbering = 0, _numbering(paragraph.find(f"{W}pPr"))
        outline = _outline(paragraph)
        for style in self._based_on(name):
            level = level or _heading_level(style)
            outline = _outline(style) if outline is None else outline
            numbering = numbering or _numbering(style.find(f"{W}pPr"))
        if not level and outline is not None and outline < 9:
            level = outline + 2
        return Style(level, numbering)

    def is_centred(self, paragraph: _Element) -> bool:
        """Whether a paragraph's text stands in the middle."""
        centred = _centred(paragraph)
        for style in self._based_on(paragraph.find(f"{W}pPr/{W}pStyle")):
            centred = _centred(style) if centred is None else centred
        return bool(centred)

    def _based_on(self, name: _Element | None) -> Iterator[_Element]:
        """Yield the style of that name, and those that it is based on, one upon another."""
        for _ in range(_DEEPEST):
            style = self._styles.get(value(name) or "") if name is not None else None
            if style is None:
                return
            yield style
            name = style.find(f"{W}basedOn")


def _centred(element: _Element) -> bool | None:
    """Whether an element puts its text in the middle; None where it doesn't say."""
    found = element.find(f"{W}pPr/{W}jc")
    return None if found is None else value(found) == "center"


def _heading_level(style: _Element) -> int:
    name = style.find(f"{W}name")
    text = value(name) or "" if name is not None else ""
    heading = _HEADING.match(text)
    return int(heading[1]) + 1 if heading else int(_TITLE.match(text) is not None)


def _outline(element: _Element) -> int | None:
    level = element.find(f"{W}pPr/{W}outlineLvl")
    return int(value(level) or 9) if level is not None else None


def _numbering(properties: _Element | None) -> tuple[str, int] | None:
    found = properties.find(f"{W}numPr") if properties is not None else None
    number, level = (None, None) if found is None else (found.find(f"{W}numId"), found.find(f"{W}ilvl"))
    if number is None:
        return None
    return value(number) or "0", int(value(level) or 0) if level is not None else 0


class _Level(NamedTuple):
    """A level of a numbering."""

    form: str
    text: str
    """"%1" stands for the number of the first level."""
    start: int
    is_legal: bool
    """Whether all numbers in it are digits, whatever the form of their own levels ("第二章", then "2.1")."""


class Numbering:
    """Counts the numbered paragraphs of a document."""

    def __init__(self, root: _Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        """By the id of a numbering: where its levels begin anew with its first paragraph."""
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        if root is None:
            return
        for abstract in root.iterchildren(f"{W}abstractNum"):
            levels = {int(value(level, "ilvl") or 0): _level(level) for level in abstract.iterchildren(f"{W}lvl")}
            self._levels[value(abstract, "abstractNumId") or ""] = levels
        for number in root.iterchildren(f"{W}num"):
            target = number.find(f"{W}abstractNumId")
            if target is not None:
                id = value(number, "numId") or ""
                self._abstract[id] = value(target) or ""
                self._restarts[id] = dict(_restarts(number))

    def next(self, paragraph: _Element, style: Style) -> tuple[str, int]:
        """Return the label before a paragraph ("- ", "2. ", "（三）"; "" for none) and its depth."""
        if style.numbering is None:
            return "", 0
        number, depth = style.numbering
        abstract = self._abstract.get(number, "")
        levels = self._levels.get(abstract, {})
        own = levels.get(depth, _Level("none", "", 1, False))
        if own.form == "bullet":
            return ("" if style.level else "- "), depth
        if own.form == "none" or not own.text:
            return "", depth
        counts = self._counts[abstract]
        counts |= {level: first - 1 for level, first in self._restarts.pop(number, {}).items()}
        counts[depth] = counts.get(depth, own.start - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]

        def shown(match: re.Match[str]) -> str:
            level = int(match[1]) - 1
            one = levels.get(level, _Level("decimal", "", 1, False))
            return numbered(counts.get(level, one.start), "decimal" if own.is_legal else one.form)

        label = _LEVEL.sub(shown, own.text).strip()
        return label + (" " if label[-1:].isascii() else ""), depth


def _restarts(number: _Element) -> Iterator[tuple[int, int]]:
    for override in number.iterchildren(f"{W}lvlOverride"):
        start = override.find(f"{W}startOverride")
        if start is not None:
            yield int(value(override, "ilvl") or 0), int(value(start) or 1)


def _level(level: _Element) -> _Level:
    form, text, start = (level.find(f"{W}{tag}") for tag in ("numFmt", "lvlText", "start"))
    return _Level(
        (value(form) or "decimal") if form is not None else "decimal",
        (value(text) or "") if text is not None else "",
        int(value(start) or 1) if start is not None else 1,
        is_set(level.find(f"{W}isLgl")),
    )


def numbered(number: int, form: str) -> str:
    """Return a number as Word shows it; as digits in a form that is not known."""
    if form in _CHINESE_FORMS:
        return chinese(number)
    if form == "ideographDigital":
        return "".join(_CHINESE[int(digit)] for digit in str(number))
    if form == "decimalZero":
        return f"{number:02d}"
    series = _SERIES.get(form, "")
    if 1 <= number <= len(series):
        return series[number - 1]
    if form in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        roman = _roman(number)
        return roman.upper() if form == "upperRoman" else roman
    return str(number)


def chinese(number: int) -> str:
    """Return a number below 10,000 in Chinese; digits for others."""
    if not 0 < number < 10_000:
        return str(number)
    signs = zip(str(number)[::-1], ("", "十", "百", "千"), strict=False)
    found = "".join(_CHINESE[int(digit)] + unit if digit != "0" else "零" for digit, unit in reversed(list(signs)))
    found = re.sub("零+", "零", found).rstrip("零")
    return found.removeprefix("一") if 10 <= number < 20 else found


def _roman(number: int) -> str:
    found = ""
    for size, sign in _ROMAN:
        while 0 < size <= number:
            found, number = found + sign, number - size
    return found
