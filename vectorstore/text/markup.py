"""Which characters of a raw text are only markup: bars of tables, marks of emphasis, addresses of links, tags."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vectorstore.types import Span

_RUN = re.compile(r"[^\n]+")
_MARKUP = re.compile(r"[*_#`|~\[\]()<>\\]|^\s*[-=:]{3,}\s*$")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")


def markup(raw: str, read: Iterable[Span]) -> list[Span]:
    """Return the spans that a person who reads ``raw`` can do without.

    Args:
        read: what was made into blocks; all else is markup, or a hyphen, a list's mark and the like, which stay.
    """
    found: list[Span] = []
    last = 0
    for start, end in [*sorted(read), (len(raw), len(raw))]:
        for run in _RUN.finditer(raw, last, max(last, start)):
            found += _of_run(raw, *run.span())
        last = max(last, end)
    return found


def _of_run(raw: str, start: int, end: int) -> Iterable[Span]:
    """Yield the part of one line's run that is markup."""
    if start == 0 or raw[start - 1] == "\n":
        item = _LIST_ITEM.match(raw, start, end)
        start = item.end() if item else start
    if _MARKUP.search(raw[start:end]):
        yield start, end
