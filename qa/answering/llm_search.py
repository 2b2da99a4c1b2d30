"""A model's request for one more search: an answer that is nothing but lines ``SEARCH: words``."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from qa.answering.base import Request
from qa.types import Candidate

MOST_SEARCHES = 2
"""Rounds of them for one answer."""
MOST_AT_ONCE = 2
FOUND = 5
"""New passages that each is answered with."""
LONGEST = 200
_REQUEST = re.compile(r"^[ \t\xa0\u3000`*>-]*SEARCH[ \t\xa0\u3000]*[:：](.*)$", re.M | re.I)
_AROUND = "`*\xa0\u3000" + string.whitespace
_TELLS = 12
"""Characters by which a request is told from an answer."""


def parted(pieces: Iterator[str]) -> tuple[tuple[str, ...], Iterator[str]]:
    """Return what a model asks to search for, and its answer; one of them is empty."""
    head = ""
    for piece in pieces:
        head += piece
        if len(head.lstrip()) >= _TELLS:
            break
    if not is_request(head):
        return (), chain([head], pieces)
    return requests_in(head + "".join(pieces)), iter(())


def requests_in(text: str) -> tuple[str, ...]:
    """Return what the lines of ``text`` ask to search for."""
    wanted = (match[1].strip(_AROUND)[:LONGEST] for match in _REQUEST.finditer(text))
    return tuple(words for words in dict.fromkeys(wanted) if any(map(str.isalnum, words)))[:MOST_AT_ONCE]


def is_request(text: str) -> bool:
    """Whether a sentence is a request to search, which an answer may not hold."""
    return _REQUEST.match(text.lstrip()) is not None


def more_passages(request: Request, wanted: Iterable[str], shown: Sequence[Candidate]) -> list[Candidate]:
    """Return what is found for a model's request and not shown yet."""
    if request.search is None:
        return []
    known = {candidate.stored.id for candidate in shown}
    found: list[Candidate] = []
    for text in wanted:
        new = [candidate for candidate in request.search(text) if candidate.stored.id not in known][:FOUND]
        known |= {candidate.stored.id for candidate in new}
        found += new
    return found
