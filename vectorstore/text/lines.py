"""Lines of a raw text: where their visible characters begin and end, and how many blank lines stand before them."""

from __future__ import annotations

import re
from dataclasses import dataclass

INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff\xad"
"""Characters without width that editors and web pages leave behind."""
_ENDS = r"\n\r\x0b\x0c\x85\u2028\u2029"
LINE_END = re.compile(rf"(?!\r\n)[{_ENDS}]")
"""Of two characters, the last."""
_LINE = re.compile(rf"([^{_ENDS}]*)(?:\r\n|[{_ENDS}]|$)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with something on it; ``text`` has no white space around it, ``text == raw[start:end]``."""

    text: str
    start: int
    end: int
    gap: int
    """Blank lines directly before it (before the first line too)."""
    indent: int
    """White-space characters before ``start`` on the line."""


def lines(raw: str) -> list[Line]:
    """Return the lines of ``raw`` that are not blank, in order."""
    found = []
    gap = 0
    for match in _LINE.finditer(raw):
        start, end = visible(raw, match.start(1), match.end(1))
        if start == end:
            gap += 1
            continue
        found.append(Line(raw[start:end], start, end, gap, start - match.start(1)))
        gap = 0
    return found


def visible(raw: str, start: int, end: int) -> tuple[int, int]:
    """Return ``raw[start:end]`` narrowed to what can be seen: no white space, nothing without width at its ends."""
    while start < end and (raw[start].isspace() or raw[start] in INVISIBLE):
        start += 1
    while end > start and (raw[end - 1].isspace() or raw[end - 1] in INVISIBLE):
        end -= 1
    return start, end
