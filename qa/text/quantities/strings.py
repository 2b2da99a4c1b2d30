"""The numbers of a text as strings, for a quick look at which of them two texts share."""

from __future__ import annotations

import re
from functools import lru_cache

from vectorstore.text.words import normalise

_NUMBER = re.compile(
    r"\d+(?:,\d{3})*(?:\.\d+)?|[零〇一二两三四五六七八九十百千]{1,6}(?=[个名人位家次年月日岁项条万亿元天户类种期座间处所场支])"
)


@lru_cache(maxsize=4096)
def number_strings(text: str) -> frozenset[str]:
    """Return the numbers of ``text`` as written in its normal form, without thousands separators."""
    return frozenset(match.replace(",", "") for match in _NUMBER.findall(normalise(text)))
