"""Verification of figures: every quantity occurs in the evidence, and for the same thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from qa.text.quantities import Kind, Quantity, fixed_numerals, occurs, same
from qa.text.quantities.units import compatible
from qa.verify.computed import hedged
from qa.verify.counted import text_before
from qa.verify.lexicon import CHANGED
from qa.verify.source import Clause, Source, clauses, dated, quantities_of
from vectorstore.text.words import normalise

_CHANGED_BY = re.compile(
    r"(?:增长|增加|上升|提高|提升|上涨|下降|减少|降低|下滑|下跌|增|减|[升涨跌降])了?(?:约|近|超过?)?$|\bby $"
)
_POINTS = re.compile(r"[次个项点种条]?[,，、:：是为]|\s(?:is|was)\b")
_FALLS = re.compile(
    r"(?:[减降跌缩亏负损][^,，。;；\d]{0,6}"
    r"|\b(?:fell|fall\w*|decreas\w*|declin\w*|drop\w*|down|loss\w*|lost|negative|minus|contract\w*|shrank|deficit)\b"
    r"[^,;.\d]{0,24})$"
)
_FALLS_BEHIND = re.compile(
    r"\s?(?:decrease|decline|drop|fall|loss|reduction|contraction|lower|less|fewer|down)\b|的?(?:降幅|跌幅|减幅|亏损|下降|下滑)"
)
_ABOUT = Decimal("0.2")
"""How far a figure that is said to be about, over or under so much may be from what it is."""
_DATE_MARGIN = 4
"""By how many characters the surroundings of another date must fit better before a date counts as misplaced."""


def occur(claim: str, sources: Sequence[Source]) -> str | None:
    """Every number, percentage, amount and date in digits occurs in the evidence; a year may stand in the title.

    One in words, or said to be about so much where the evidence has one near it, is left to ``loose_occur``.
    """
    return _missing(claim, sources, loose=False)


def loose_occur(claim: str, sources: Sequence[Source]) -> str | None:
    """Figures in words ("two towns", "六成", "a third") and rounded ones occur too, or something that rounds to them.

    They are as often no figures ("page two"), or another way to say what the evidence has.
    """
    return _missing(claim, sources, loose=True)


def _missing(claim: str, sources: Sequence[Source], loose: bool) -> str | None:
    text = normalise(claim)
    known = [quantity for source in sources for quantity in (*source.quantities, *source.cells)]
    years = [quantity for source in sources for quantity in source.years]
    for quantity in quantities_of(text):
        if _loose(text, quantity, known) is not loose or _enumerates(text, quantity):
            continue
        if quantity.article and not _contradicted(quantity, known):
            continue
        date, fallen = dated(quantity), _fallen(text, quantity, sources)
        if not (
            occurs(quantity, known) or (date and occurs(date, known + years)) or (fallen and occurs(fallen, known))
        ):
            return f"{quantity.text} is not in the evidence"
    return None


def _fallen(text: str, quantity: Quantity, sources: Sequence[Source]) -> Quantity | None:
    """Return a fall as the negative figure that it may be in the evidence ("下降5.2%", -5.2%), or the reverse.

    None for a figure that is no fall, and for a negative one where the evidence tells of no fall by so much.
    """
    if quantity.value is None or not quantity.value:
        return None
    turned = replace(quantity, value=-quantity.value)
    if quantity.value > 0:
        return turned if _falls(text, quantity) else None
    told = any(same(turned, q) and _falls(normalise(s.text), q) for s in sources for q in s.quantities)
    return turned if told else None


def _falls(text: str, quantity: Quantity) -> bool:
    """Whether a figure is one of a fall or a loss, by the words beside it or by an accountant's brackets."""
    before, behind = text[: quantity.start], text[quantity.end :]
    bracketed = before.endswith("(") and behind.startswith(")")
    return bracketed or _FALLS.search(before[-40:]) is not None or _FALLS_BEHIND.match(behind) is not None


def _loose(text: str, quantity: Quantity, known: Sequence[Quantity]) -> bool:
    """Whether a figure is one that words say, or is said to be about so much and one in the evidence is."""
    if not any(char.isdigit() and char.isascii() for char in quantity.text):
        return True
    return hedged(text[: quantity.start]) and any(_near(quantity, other) for other in known)


def _near(quantity: Quantity, other: Quantity) -> bool:
    said, given = quantity.value, other.value
    if said is None or given is None or not compatible(quantity.unit, other.unit):
        return False
    return abs(said - given) <= _ABOUT * abs(given)


def ranked(claim: str, sources: Sequence[Source]) -> str | None:
    """A Chinese ordinal is followed by the same in the evidence: 第一 of 第一书记 is not that of 全省第一."""
    text = normalise(claim)
    for quantity in quantities_of(text):
        ordinal = quantity.kind is Kind.ORDINAL and not _enumerates(text, quantity)
        if ordinal and not _ranks_the_same(text, quantity, sources):
            return f"{quantity.text}: the evidence says it of something else"
    return None


def _contradicted(quantity: Quantity, known: Sequence[Quantity]) -> bool:
    """Whether an article is a wrong number after all: the evidence counts in its unit, and not one."""
    return bool(quantity.unit) and any(q.unit == quantity.unit and q.value != quantity.value for q in known)


def _enumerates(text: str, quantity: Quantity) -> bool:
    """Whether an ordinal numbers a point of the sentence itself: "第三，", "第二次是", "The second was"."""
    before, behind = text[: quantity.start].strip(), text[quantity.end :]
    opens = not before or before[-1] in ";；。:：,，" or before == "the"
    return quantity.kind is Kind.ORDINAL and opens and bool(_POINTS.match(behind))


def _ranks_the_same(text: str, quantity: Quantity, sources: Sequence[Source]) -> bool:
    if quantity.article or text[quantity.start] != "第":
        return True
    behind = text[quantity.end : quantity.end + 1]
    return any(
        same(quantity, other)
        and (
            behind == quote[other.end : other.end + 1]
            or not (behind + quote[other.end : other.end + 1]).strip("，。；、,;")
        )
        for source in sources
        for quote in (normalise(source.text),)
        for other in source.quantities
    )


def terms_occur(claim: str, sources: Sequence[Source]) -> str | None:
    """Terms with a Chinese numeral in them (三农, 五社联动) occur letter by letter."""
    for piece in fixed_numerals(normalise(claim)):
        if not any(piece in source.whole for source in sources):
            return f"{piece} is not in the evidence"
    return None


def belong(claim: str, sources: Sequence[Source]) -> str | None:
    """Every figure belongs to the same thing in the claim and in the evidence (22 towns become 15, not the reverse)."""
    said = clauses(claim)
    quoted = [clause for source in sources for clause in source.clauses]
    for index, clause in enumerate(said):
        for quantity in clause.quantities:
            if quantity.kind is Kind.CODE or quantity.article:
                continue
            if date := dated(quantity):
                reason = _dated_alike(_until_next_date(said[index:]), date, sources)
            else:
                reason = _not_a_change(clause, quantity, quoted)
            if reason:
                return reason
    return None


def _until_next_date(said: Sequence[Clause]) -> frozenset[str]:
    """Return the words of a clause with a date and of those after it without one: what happened then."""
    found = set(said[0].words)
    for clause in said[1:]:
        if clause.group != said[0].group or any(dated(q) for q in clause.quantities):
            break
        found |= clause.words
    return frozenset(found)


def _dated_alike(event: frozenset[str], date: Quantity, sources: Sequence[Source]) -> str | None:
    """What happened on a date doesn't fit a sentence of the evidence with another date better."""
    titles = "\n".join(normalise(source.context) for source in sources)
    for document in {source.document for source in sources}:
        fits, other_fits, rival = -1, 0, date
        for text, dates in (group for source in sources if source.document == document for group in source.dated):
            score = sum(len(word) for word in event if word in text and word not in titles)
            if any(same(date, other) for other in dates):
                fits = max(fits, score)
            elif score > other_fits and any(_as_fine(date, other) for other in dates):
                other_fits, rival = score, dates[0]
        if fits >= 0 and other_fits >= fits + _DATE_MARGIN:
            return f"{date.text}: the evidence gives {rival.text} for that"
    return None


def _as_fine(date: Quantity, other: Quantity) -> bool:
    """Whether ``other`` gives all that ``date`` gives: a year says nothing against a month."""
    return all(theirs is not None or mine is None for mine, theirs in zip(date.date, other.date, strict=True))


def _rivals(quantity: Quantity, clause: Clause) -> list[Quantity]:
    """Return the quantities of a clause that could stand where ``quantity`` does: same kind, compatible unit."""
    return [
        q for q in clause.quantities if q.kind is quantity.kind and not q.article and compatible(quantity.unit, q.unit)
    ]


def _not_a_change(clause: Clause, quantity: Quantity, quoted: Sequence[Clause]) -> str | None:
    """The size of a change isn't given as a level: "费用900万元" where the evidence has "减少900万元"."""
    if not clause.words or CHANGED.search(clause.text):
        return None
    befores = [text_before(other.text, q) for other in quoted for q in _rivals(quantity, other) if same(quantity, q)]
    if befores and all(_CHANGED_BY.search(before) for before in befores):
        return f"{quantity.text}: the evidence gives it as a change"
    return None
