"""Bare numbers in a text, as strings: what a question gives and a sentence must repeat.

Quantities with their units are read by ``qa.text.quantities``; here "12" is "12" whatever it counts.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vectorstore.text.words import normalise

_NUMBER = re.compile(
    r"\d+(?:,\d{3})*(?:\.\d+)?|[零〇一二两三四五六七八九十百千]{1,6}(?=[个名人位家次年月日岁项条万亿元天户类种期座间处所场支])"
)


@lru_cache(maxsize=65536)
def numbers(text: str) -> frozenset[str]:
    """Return the numbers of ``text`` as strings, without separators."""
    return frozenset(match.replace(",", "") for match in _NUMBER.findall(normalise(text)))
