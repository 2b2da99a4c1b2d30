"""What a quantity is, and when two of them say the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from qa.text.quantities.units import compatible

Date = tuple[int | None, int | None, int | None]
_UP_TO_TEN = frozenset(map(Decimal, range(11)))


class Kind(StrEnum):
    NUMBER = "number"
    """A count, a measure, an amount of money: ``value`` in units of ``unit``."""
    DATE = "date"
    """``date`` holds year, month and day, None where the text doesn't say."""
    ORDINAL = "ordinal"
    CODE = "code"
    """Digits that are compared letter by letter: 1+24+3, COVID-19, 11:42."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity of a text. ``start`` and ``end`` are offsets into that text, its unit included."""

    text: str
    start: int
    end: int
    kind: Kind
    value: Decimal | None = None
    unit: str = ""
    """A unit's normalised name (``units.UNITS``), empty when none follows the number."""
    factor: Decimal = Decimal(1)
    """How many of ``unit`` one of the unit that was written is; 1 without a unit."""
    date: Date = (None, None, None)
    bound: str = ""
    """"over" (超过, 余, at least), "under" (不到, 以内, at most) or empty."""
    code: str = ""
    """Of a CODE: its letters in normal form."""
    article: bool = False
    """A Chinese 一 with a measure word, or an English "one": as often an article as a number."""

    @property
    def spelled(self) -> bool:
        """Whether it is an English word up to "ten" without a unit: as often no figure ("the two", "page one")."""
        return not self.unit and self.text.isascii() and self.text.strip().isalpha() and self.value in _UP_TO_TEN


def occurs(claim: Quantity, sources: Iterable[Quantity]) -> bool:
    """Whether a text with the quantities ``sources`` gives what ``claim`` says.

    One of them is the same, or a date's year and its rest stand apart ("2019年……3月").
    """
    known = tuple(sources)
    if any(same(claim, source) for source in known):
        return True
    year, month, day = claim.date
    if claim.kind is not Kind.DATE or year is None or (month is None and day is None):
        return False
    dates = [source.date for source in known if source.kind is Kind.DATE]
    return (None, month, day) in dates and any(date[0] == year for date in dates)


def same(claim: Quantity, source: Quantity) -> bool:
    """Whether ``source`` says what ``claim`` says: one value, compatible units, no bound reversed.

    A claim may leave out what the source adds (2300 for 2300余, 3月 for 2023年3月), never the other way about.
    """
    if claim.kind is Kind.DATE and source.kind is Kind.DATE:
        return all(c is None or c == s for c, s in zip(claim.date, source.date, strict=True))
    if {claim.kind, source.kind} == {Kind.DATE, Kind.NUMBER} and _days_of(claim) == _days_of(source) is not None:
        return True
    if claim.kind is Kind.DATE:
        return claim.date[1:] == (None, None) and claim.date[0] == _bare_year(source)
    if source.kind is Kind.DATE:
        return _bare_year(claim) is not None and _bare_year(claim) == source.date[0]
    if Kind.CODE in (claim.kind, source.kind):
        return claim.code == source.code
    if claim.kind is not source.kind or not _equal(claim, source):
        return False
    if "under" in (claim.bound, source.bound) and claim.bound not in ("", source.bound):
        return False
    return compatible(claim.unit, source.unit)


def _equal(claim: Quantity, source: Quantity) -> bool:
    """Whether two values are equal; a table's cell without the unit of its column's head is compared as written."""
    if claim.value == source.value or claim.value is None or source.value is None:
        return claim.value == source.value
    return bool(claim.unit) != bool(source.unit) and claim.value / claim.factor == source.value / source.factor


def _bare_year(quantity: Quantity) -> int | None:
    """The year that a number without a unit may be ("in 2023", "2019-2021年"), or None."""
    value = quantity.value
    if quantity.kind is Kind.NUMBER and not quantity.unit and value is not None and len(quantity.text.strip()) == 4:
        return int(value) if 1800 <= value < 2100 else None
    return None


def _days_of(quantity: Quantity) -> Decimal | None:
    """A day of no month ("10日内") read as a number of days, as 十日 is."""
    if quantity.kind is Kind.DATE:
        day = quantity.date[2]
        return Decimal(day) if day is not None and quantity.date[:2] == (None, None) else None
    return quantity.value if quantity.unit == "天" else None
