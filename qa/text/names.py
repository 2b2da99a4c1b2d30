"""Proper names in English text, which capitals show; in Chinese, tags do: :mod:`vectorstore.text.names`."""

from __future__ import annotations

import re
from functools import lru_cache

from qa.text.quantities.units import MONTH_NAMES
from vectorstore.text.words import STOPWORDS

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NOT_NAMES = frozenset((*MONTH_NAMES, *_WEEKDAYS, "i"))
"""Words that English writes with a capital and that name nobody and nothing."""
_POSTS = """
chief executive officer chair chairman chairwoman chairperson president vice director directors manager minister
secretary treasurer head board committee council group department office agency company senior independent deputy
interim general managing finance commissioner superintendent inspector captain mayor governor auditor chancellor
professor dr mr mrs ms sir dame lord lady of the and for
"""
_OFFICES = frozenset(_POSTS.split())
"""Words that name a post or a body and nobody in particular."""
_CAPITALS = re.compile(r"[A-Z][\w'’&-]*(?:\s+(?:(?:of|the|de|van|von|la)\s+)?[A-Z][\w'’&-]*)*")
_BEGINS = re.compile(r"(?:^|[.!?:;•\n\"“(]\s*|\s[-–—]\s)$")

_LOOKED_BACK = 40
"""Characters before a name that say whether a sentence begins with it."""


@lru_cache(maxsize=4096)
def names(text: str) -> frozenset[str]:
    """Return the names in ``text`` (as written), in lower case: capitals that don't merely begin a sentence."""
    found = set()
    for match in _CAPITALS.finditer(text):
        name = match[0]
        if _BEGINS.search(text[max(0, match.start() - _LOOKED_BACK) : match.start()]):
            words = name.split()
            if len(words) == 1 or words[0].lower() in STOPWORDS:
                name = " ".join(words[1:])
        if name and name.lower() not in NOT_NAMES:
            found.add(name.lower())
    return frozenset(found)


@lru_cache(maxsize=4096)
def people(text: str) -> frozenset[str]:
    """Return the names in ``text`` (as written) that may be a person's, lower case; "Senior Director" is nobody's."""
    return frozenset(name for name in names(text) if not _OFFICES.issuperset(name.split()))
