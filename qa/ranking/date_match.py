"""Whether a sentence speaks of the year or month that a question asks about."""

from __future__ import annotations

from collections.abc import Sequence

from qa.text.quantities import Date, dates
from vectorstore.text.language import is_english

SAME, NEAR, OTHER = 1.0, 0.7, -1.0
SECTION = 0.5
"""What the date of a section is worth to a sentence that has none of its own."""


def agreement(asked: Sequence[Date], text: str, title: str, section: str) -> float:
    """Return SAME when ``text`` (normalised) has a date that is ``asked`` about, NEAR when it says less of it.

    OTHER when it has dates, and none that is asked about; 0.0 when either has none. English reports give last
    year's figure behind this year's, which they don't date: there another date says nothing.

    A sentence without a date has its section's, half as surely: "2024年重点工作" doesn't say what was done in 2023.

    Args:
        title: of the document; a date in there, or in the section, needs no repeating.
    """
    if not asked:
        return 0.0
    if not (here := dates(text)):
        return SECTION * _agreement(asked, dates(section))
    found = _agreement(asked, here)
    if found == OTHER and (is_english(text) or _agreement(asked, (*dates(title), *dates(section))) > 0):
        return 0.0
    return found


def _agreement(asked: Sequence[Date], here: Sequence[Date]) -> float:
    alike = [score for one in asked for other in here if (score := _alike(one, other)) is not None]
    return max(alike, default=0.0)


def _alike(asked: Date, here: Date) -> float | None:
    """Return SAME, NEAR or OTHER; None when the two can't be compared (a year, and a month without one)."""
    pairs = [(one, other) for one, other in zip(asked, here, strict=True) if one is not None]
    told = [(one, other) for one, other in pairs if other is not None]
    if not told:
        return None
    if any(one != other for one, other in told):
        return OTHER
    return SAME if len(told) == len(pairs) else NEAR
