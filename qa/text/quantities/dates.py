"""The dates of a text, in an English one the years that stand alone too."""

from __future__ import annotations

import re
from functools import lru_cache

from qa.text.quantities.quantity import Date, Kind
from qa.text.quantities.reading import quantities
from vectorstore.text.language import is_english
from vectorstore.text.years import YEAR

_YEAR = re.compile(rf"(?<![\d.,£$€])({YEAR})(?:/(\d\d))?(?![\d.,%/])")
"""A year by itself, or one that spans two ("2023/24")."""


@lru_cache(maxsize=65536)
def dates(text: str) -> tuple[Date, ...]:
    """Return the dates in ``text``, with None for what it doesn't say; in English, years that stand alone too.

    A text in Chinese has its lone years read only where it has no other date.
    """
    found = [quantity.date for quantity in quantities(text) if quantity.kind is Kind.DATE]
    if is_english(text) or not found:
        for year, next_year in _YEAR.findall(text):
            found.append((int(year), None, None))
            if next_year and int(next_year) == (int(year) + 1) % 100:
                found.append((int(year) + 1, None, None))
    return tuple(found)
