"""Years as documents write them: 2023, 2023年, 2023/24."""

from __future__ import annotations

import re

YEAR = r"(?:19|20)\d\d"
"""Pattern of a year of the last or this century, wherever it stands."""
FINANCIAL_YEAR = rf"{YEAR}(?:/\d\d)?"
"""The same, or one that spans two: 2023/24."""
_YEAR = re.compile(YEAR)


def years(text: str) -> frozenset[str]:
    """Return every four digits in ``text`` that may be a year, as written."""
    return frozenset(_YEAR.findall(text))
