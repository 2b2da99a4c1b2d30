"""Operands of a computed figure: those that a claim states or its evidence gives, and which is compared with which."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations

from qa.text.quantities import Kind, Quantity, same
from qa.text.quantities.units import compatible
from qa.verify.source import Source, content_words, quantities_of, squash
from vectorstore.text.words import normalise

_BASE = re.compile(
    r"(?:从|由|较|原来的?|原有|上年|去年|此前|相比|减去|比)[^\d，。；、]{0,10}$"
    r"|\b(?:(?:from|against|compared (?:with|to)|versus|vs|than|minus|budget|target)\b|(?:19|20)\d\d:)[^\d,;.]{0,24}$"
)
"""What stands before the figure that another one is compared with."""
_CHANGES = re.compile(
    r"[增升涨减降跌缩]|\b(?:gr[eo]w\w*|r[io]s\w+|f[ae]ll\w*|increas\w*|decreas\w*|declin\w*|dropp?\w*)\b"
)
_THAN = re.compile(
    r"(?P<x>[^，,。；;：:]{0,120}?)比(?P<y>[^，,。；;：:]{1,30}?)[多少高低大小早晚长短]|(?P<x2>[^,;.:]{0,240}?)\bthan\b(?P<y2>[^,;.:]*)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_GROUP_ENDS = re.compile(r"[；;。！？!?\n]|\.(?=\s|$)")
_PART_ENDS = re.compile(r"[，；;。！？!?：:\n]|,(?!\d)|\.(?=\s|$)|\bagainst\b|\bcompared (?:with|to)\b")


@dataclass(frozen=True, slots=True)
class Operand:
    """A figure that another may be computed from."""

    quantity: Quantity
    sources: tuple[int, ...]
    """Indices of the sources that give it."""
    around: str
    """The words beside it, where it was read."""
    names: str
    """The squashed titles of those sources, when all are of one document; else empty."""
    base: bool
    """Whether it stands where what is compared with does: behind "from", "against", 比."""
    place: int
    """Its offset where it was read."""

    @property
    def value(self) -> Decimal:
        return self.quantity.value if self.quantity.value is not None else Decimal(0)

    @property
    def text(self) -> str:
        return self.quantity.text.strip()


_BESIDE = 24
"""Figures before and behind one that it may be computed from: more are no sentence, and took quadratic time."""


def in_claim(text: str, quantity: Quantity, sources: Sequence[Source]) -> list[Operand]:
    """Return the other figures of a claim that its sources give, in order."""
    found = []
    figures = quantities_of(text)
    at = bisect_left(figures, quantity.start, key=lambda figure: figure.start)
    for other in figures[max(0, at - _BESIDE) : at + _BESIDE + 1]:
        if other.start == quantity.start or not _is_figure(other):
            continue
        giving = tuple(i for i, source in enumerate(sources) if any(same(other, q) for q in source.quantities))
        if giving:
            found.append(_operand(text, other, giving, sources))
    return found


def all_in_evidence(sources: Sequence[Source]) -> list[Operand]:
    """Return the figures of the sources, one for each value and unit."""
    found: dict[tuple[Decimal | None, str], Operand] = {}
    for index, source in enumerate(sources):
        text = normalise(source.text)
        for quantity in quantities_of(text):
            if _is_figure(quantity):
                found.setdefault((quantity.value, quantity.unit), _operand(text, quantity, (index,), sources))
    return list(found.values())


def in_evidence(text: str, quantity: Quantity, sources: Sequence[Source]) -> Iterator[tuple[Operand, Operand]]:
    """Yield pairs of figures that a claim may compare without stating them.

    Both are of what the claim counts: they stand in one sentence as what was and what is, or each in the document of
    one of the two that the claim names.
    """
    wanted = {word for word in content_words(_group(text, quantity)) if len(word) > 1}
    operands = [
        _operand(plain, other, (index,), sources)
        for index, source in enumerate(sources)
        for plain in (normalise(source.text),)
        for other in quantities_of(plain)
        if _is_figure(other) and any(word in _group(plain, other) for word in wanted)
    ]
    for one, other in permutations(operands, 2):
        if one.sources == other.sources:
            if one.base != other.base and _together(normalise(sources[one.sources[0]].text), one, other):
                yield one, other
        elif one.names != other.names and _both_named(text, one, other) and _alike(one, other, wanted):
            yield one, other


def against(text: str, quantity: Quantity, more: Operand, less: Operand, sign: int) -> bool:
    """Whether ``more`` and ``less`` stand to each other as a claim says with "more" (``sign`` 1) or "fewer" (-1).

    Where nothing tells, what is compared stands behind in a comparison, and before in a change.
    """
    told = told_against(text, quantity, more, less, sign)
    if told is not None:
        return told
    if _compared(text, quantity):
        return False
    subject, rival = (more, less) if sign > 0 else (less, more)
    if _CHANGES.search(_clause_of(text, quantity)):
        return subject.place > rival.place
    return subject.place < rival.place


def told_against(text: str, quantity: Quantity, more: Operand, less: Operand, sign: int) -> bool | None:
    """As ``against``; None where neither "from", nor the names compared, nor years tell which is which."""
    subject, rival = (more, less) if sign > 0 else (less, more)
    if subject.base != rival.base:
        return rival.base
    compared = _compared(text, quantity)
    if compared and subject.around != rival.around:
        mine, theirs = compared
        turned = _owned(subject, theirs, mine) or _owned(rival, mine, theirs)
        return None if not turned and not _owned(subject, mine, theirs) else not turned
    years = [_YEAR.findall(operand.around) for operand in (subject, rival)]
    if all(years) and years[0][-1] != years[1][-1]:
        return bool(years[0][-1] > years[1][-1])
    return None


def _compared(text: str, quantity: Quantity) -> tuple[set[str], set[str]] | None:
    """Return the words that only the one side of "A比B多", "A more than B" has, and those that only the other has."""
    found = _THAN.search(_clause_of(text, quantity))
    if not found:
        return None
    x, y = (found["x"], found["y"]) if found["y"] else (found["x2"], found["y2"])
    mine, theirs = _names(x) - _names(y), _names(y) - _names(x)
    return (mine, theirs) if mine and theirs else None


def _names(side: str) -> set[str]:
    return {word for word in content_words(side) if len(word) > 1}


def _operand(text: str, quantity: Quantity, giving: tuple[int, ...], sources: Sequence[Source]) -> Operand:
    titles = {squash(sources[index].context) for index in giving}
    before = text[max(0, quantity.start - 30) : quantity.start]
    return Operand(
        quantity,
        giving,
        _part(text, quantity),
        next(iter(titles)) if len({sources[index].document for index in giving}) == 1 else "",
        bool(_BASE.search(before)),
        quantity.start,
    )


def _is_figure(quantity: Quantity) -> bool:
    return quantity.kind is Kind.NUMBER and not quantity.article and quantity.value is not None


def _owned(operand: Operand, mine: set[str], theirs: set[str]) -> bool:
    """Whether an operand is that of the words ``mine`` and not of ``theirs``: they stand beside it, or in its title."""
    beside = (sum(word in operand.around for word in words) for words in (mine, theirs))
    one, other = beside
    if one != other:
        return one > other
    return sum(word in operand.names for word in mine) > sum(word in operand.names for word in theirs)


def _both_named(text: str, one: Operand, other: Operand) -> bool:
    compared = _THAN.search(text)
    if not compared:
        return False
    x, y = (compared["x"], compared["y"]) if compared["y"] else (compared["x2"], compared["y2"])
    first, second = _names(x), _names(y)
    return any(
        any(word in a.names for word in first - second) and any(word in b.names for word in second - first)
        for a, b in ((one, other), (other, one))
    )


def _alike(one: Operand, other: Operand, wanted: set[str]) -> bool:
    """Whether two figures of two documents are of what the claim counts, and of one unit."""
    common = {word for word in wanted if word in one.around and word in other.around}
    return bool(common) and compatible(one.quantity.unit, other.quantity.unit)


def _together(text: str, one: Operand, other: Operand) -> bool:
    first, last = sorted((one.place, other.place))
    return not _GROUP_ENDS.search(text[first:last])


def _group(text: str, quantity: Quantity) -> str:
    return _between(text, quantity, _GROUP_ENDS)


def _part(text: str, quantity: Quantity) -> str:
    return _between(text, quantity, _PART_ENDS)


def _clause_of(text: str, quantity: Quantity) -> str:
    return _between(text, quantity, re.compile(r"[，；;。：:\n]|,(?!\d)|\.(?=\s|$)"))


def _between(text: str, quantity: Quantity, ends: re.Pattern[str]) -> str:
    """Return the stretch around a quantity that no end cuts."""
    start = max((m.end() for m in ends.finditer(text, 0, quantity.start)), default=0)
    end = ends.search(text, quantity.end)
    return text[start : end.start() if end else len(text)]
