"""Verification of relations: "A has more than B" is the evidence's own, or follows from the figures of A and of B."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from decimal import Decimal
from itertools import accumulate, takewhile
from typing import NamedTuple

from qa.text.quantities import Kind, Quantity
from qa.text.quantities.units import compatible
from qa.verify.frames import Region, frames, sentences
from qa.verify.meaning import nearest
from qa.verify.owners import figures_in, mentions, owned
from qa.verify.source import Source, clauses, content_words, dated

_CLAUSE_ENDS = re.compile(r"[，,。；;：:、]")


class Doubt(NamedTuple):
    """Why a conclusion may not hold."""

    reason: str
    firm: bool
    """Whether figures speak against it, or those of several documents were needed and aren't there; else it is merely
    not shown by figures, and words of the evidence may bear it out."""


def unshown(reason: str, sources: Sequence[Source]) -> Doubt:
    """Return the doubt about a conclusion that no figures show: firm where ``sources`` are of several documents."""
    return Doubt(reason, len({source.document for source in sources}) > 1)


_ZH = "[多少高低大小早晚长短]"
_EN = "more|fewer|less|higher|lower|larger|bigger|smaller|greater|earlier|later|longer|shorter"
RELATIVE = re.compile(
    rf"(?<![同环占对])比(?![例重率较赛])(?P<y>[^，,。；;：:\d]{{1,24}}?)更?(?<![提降减增扩缩升成])(?P<zh>{_ZH})(?![数量年期度])"
    rf"|更(?P<alone>{_ZH})(?=[，,。；;：:]|$)"
    rf"|(?<!no )(?<!not )\b(?P<en>{_EN})\b"
    rf"(?=[^,;.\d]{{0,240}}\bthan\b(?!\s*[£$€\d]))(?:[^,;.]{{0,240}}?\bthan (?P<y2>[^,;.(]*))?"
    rf"|\b(?:is|are|was|were|came|has|have|had) (?P<is>{_EN})\b(?! than)"
)
"""A comparison of two things, and not with a figure ("more than 40")."""
_UPWARDS = frozenset(["多", "高", "大", "晚", "长", "more", "higher", "larger", "bigger", "greater", "later", "longer"])
_TIMES = frozenset(["早", "晚", "earlier", "later"])
_SAME_WAY = {
    True: re.compile(
        r"[更较][多高大晚长]|[多高大晚长]于|超过|超出|\b(?:more|higher|larger|bigger|greater|later|longer|above|exceed\w*|over)\b"
    ),
    False: re.compile(
        r"[更较][少低小早短]|[少低小早短]于|不及|不如|不足|\b(?:fewer|less|lower|smaller|earlier|shorter|below|under|short)\b"
    ),
}


def relation(text: str, sources: Sequence[Source], premise: str) -> Doubt | None:
    """Check that "A has more than B" is said by the evidence, or follows from the figures of A and B."""
    match = RELATIVE.search(text)
    if not match:
        return None
    up = _word(match) in _UPWARDS
    told = _told_alike(text, match, sources)
    if any(_SAME_WAY[up].search(clause) for clause in told):
        return None
    if any(_SAME_WAY[not up].search(clause) for clause in told):
        return unshown(f"{match[0]}: the evidence says the opposite", sources)
    if len({source.document for source in sources}) < 2:
        return comparative(text, match, 1 if up else -1, sources) if len(figures_in(text)) > 1 else None
    subjects, rivals = _compared(text, match, sources)
    sides = _stated(f"{premise} {text}", subjects, rivals, match, sources) or _given(
        text, subjects, rivals, match, sources
    )
    sign = 1 if up else -1
    if sides and all(sign * one > sign * other for one in sides[0] for other in sides[1]):
        return None
    return Doubt(f"{match[0]}: no figures show it", True)


def _word(match: re.Match[str]) -> str:
    return next(match[name] for name in ("zh", "alone", "en", "is") if match[name])


def _told_alike(text: str, match: re.Match[str], sources: Sequence[Source]) -> list[str]:
    """Return the clauses of the evidence that share most with that of a comparison, or else their sentences."""
    mine = next((clause for clause in clauses(text) if match[0][:6].strip() in clause.text), None)
    quoted = [clause for source in sources for clause in source.clauses]
    alike = nearest(mine, quoted) if mine else []
    if any(way.search(clause.text) for clause in alike for way in _SAME_WAY.values()):
        return [clause.text for clause in alike]
    return [
        clause.text
        for source in sources
        for clause in source.clauses
        if any(other in source.clauses and other.group == clause.group for other in alike)
    ]


def _compared(text: str, match: re.Match[str], sources: Sequence[Source]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the documents of what is said to be more or less, and of what it is compared with."""
    side = "y" if match["y"] else "y2"
    start, end = match.span(side) if match[side] else (len(text), len(text))
    named = mentions(text, sources)
    rivals = frozenset(d for at, _, documents in named for d in documents if start <= at < end)
    subjects = frozenset(d for at, _, documents in named for d in documents if at < start) - rivals
    if not match[side] and len(subjects) > 1:  # "A is higher: A has 5, B has 3"
        subjects = next((documents for at, _, documents in named if at < match.end()), named[-1][2])
    return subjects, rivals or frozenset(source.document for source in sources) - subjects


_Sides = tuple[list[Decimal], list[Decimal]]


def _stated(
    text: str, subjects: Set[str], rivals: Set[str], match: re.Match[str], sources: Sequence[Source]
) -> _Sides | None:
    """Return the figures that a claim, or what is said beside it, gives for both sides."""
    timed = _word(match) in _TIMES
    sides: tuple[list[tuple[str, Decimal]], list[tuple[str, Decimal]]] = ([], [])
    for quantity, _, documents in owned(text, sources):
        values = _value(quantity, timed)
        for documents_of_side, side in zip((subjects, rivals), sides, strict=True):
            if documents and documents <= documents_of_side:
                side += values
    return _of_one_unit(*sides, timed)


def _given(
    text: str, subjects: Set[str], rivals: Set[str], match: re.Match[str], sources: Sequence[Source]
) -> _Sides | None:
    """Return the figures that the evidence gives for both sides of what a claim speaks of."""
    names = {name for _, name, _ in mentions(text, sources)}
    wanted = [word for word in content_words(text) if not any(word in name or name in word for name in names)]
    timed = _word(match) in _TIMES
    one, other = (_best(sources, documents, wanted, timed) for documents in (subjects, rivals))
    return _of_one_unit(one, other, timed)


def _of_one_unit(
    one: Sequence[tuple[str, Decimal]], other: Sequence[tuple[str, Decimal]], timed: bool
) -> _Sides | None:
    """Return the values of both sides in a unit that both have, of dates the finest; None where there is none."""
    units = [unit for unit, _ in one]
    if timed:
        units.sort(reverse=True)
    unit = next((unit for unit in units if any(compatible(unit, theirs) for theirs, _ in other)), None)
    if unit is None:
        return None
    first, second = ([value for theirs, value in side if compatible(unit, theirs)] for side in (one, other))
    return first, second


def _best(
    sources: Sequence[Source], documents: Set[str], wanted: Sequence[str], timed: bool
) -> list[tuple[str, Decimal]]:
    """Return, for each of ``documents``, unit and value of the figure (or date) by which most of ``wanted`` stands."""
    found = []
    for document in sorted(documents):
        rated = [
            (sum(len(word) for word in wanted if Region(frame.own.text).has(word)), value)
            for source in sources
            if source.document == document
            for sentence in sentences(source.text)
            for frame in frames(sentence)
            if (value := _value(frame.quantity, timed))
        ]
        rated += [
            (sum(len(word) for word in wanted if word in clause.text), value)
            for source in sources
            if timed and source.document == document
            for clause in source.clauses
            for quantity in clause.quantities
            if (value := _value(quantity, timed))
        ]
        best = max(rated, key=lambda one: one[0], default=None)
        if best is None or not best[0]:
            return []
        found += best[1]
    return found


def _value(quantity: Quantity, timed: bool) -> list[tuple[str, Decimal]]:
    """Return the unit and value of a quantity that can be compared; of a date those of all that it gives.

    Empty for another kind.
    """
    if timed:
        date = dated(quantity)
        return [*_moments("of years", date.date), *_moments("of a year", date.date[1:])] if date else []
    known = quantity.kind is Kind.NUMBER and not quantity.article and not dated(quantity)
    return [(quantity.unit, quantity.value)] if known and quantity.value is not None else []


def _moments(unit: str, parts: Sequence[int | None]) -> list[tuple[str, Decimal]]:
    """Return what is known of a date as numbers, whose units tell how finely; "of years" sorts behind "of a year"."""
    known = [part for part in takewhile(lambda part: part is not None, parts) if part is not None]
    values = accumulate(known, lambda whole, part: whole * 100 + part)
    return [(f"{unit} {count}", Decimal(value)) for count, value in enumerate(values, start=1)]


def comparative(text: str, match: re.Match[str], sign: int, sources: Sequence[Source]) -> Doubt | None:
    """Return the doubt about a comparison of the figure before it with the one behind it; None where it holds."""
    before = [q for q in figures_in(text) if q.end <= match.start()]
    behind = [q for q in figures_in(text) if q.start >= match.end()]
    if behind and not (between := text[match.end() : behind[0].start]).strip():
        return None  # "高于90%" is a bound of one figure, not a comparison of two
    if behind and match.groupdict().get("zh") and not _CLAUSE_ENDS.search(between):
        return None  # "比全省低了3.2个百分点" gives the difference
    rivals = [q for q in before if behind and compatible(q.unit, behind[0].unit)]
    if not rivals:
        return unshown(f"{match[0]}: no two figures show it", sources)
    one, other = rivals[-1].value, behind[0].value
    if one is not None and other is not None and sign * one <= sign * other:
        return Doubt(f"{match[0]}: {rivals[-1].text} and {behind[0].text} say otherwise", True)
    return None
