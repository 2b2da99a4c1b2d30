"""Dates and years in a text."""

from __future__ import annotations

import re
from functools import lru_cache

from qa.text import quantities
from qa.text.quantities import Date, Kind
from vectorstore.text.language import is_english

__all__ = ["Date", "dates", "years", "years_asked"]

_YEAR = re.compile(r"(?<![\d.,£$€])((?:19|20)\d\d)(?:/(\d\d))?(?![\d.,%/])")
"""A year by itself, or one that spans two ("2023/24")."""
_ANY_YEAR = re.compile(r"(?:19|20)\d\d")
_ASKED_YEAR = re.compile(r"(?:19|20)\d\d(?=年)|\b(?:19|20)\d\d\b(?=[^\u4e00-\u9fff]*$)")
"""A year that a question asks about: before 年, or by itself where nothing Chinese follows."""


@lru_cache(maxsize=65536)
def dates(text: str) -> tuple[Date, ...]:
    """Return the dates in ``text``, with None for what it doesn't say; in English, years that stand alone too."""
    found = [quantity.date for quantity in quantities.quantities(text) if quantity.kind is Kind.DATE]
    if is_english(text) or not found:
        for year, next_year in _YEAR.findall(text):
            found.append((int(year), None, None))
            if next_year and int(next_year) == (int(year) + 1) % 100:
                found.append((int(year) + 1, None, None))
    return tuple(found)


def years(text: str) -> frozenset[str]:
    """Return whatever looks like a year in ``text``."""
    return frozenset(_ANY_YEAR.findall(text))


def years_asked(question: str) -> frozenset[str]:
    """Return the years that ``question`` (normalised) asks about."""
    return frozenset(_ASKED_YEAR.findall(question))
