"""Joining pieces into one: what stands between two halves, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from vectorstore.layout.pieces import Piece
from vectorstore.text.language import mostly_latin
from vectorstore.text.spans import SpanMap, merge
from vectorstore.types import Span, cut

_CHINESE_FROM = 0x2E80
"""Code points from here on are written without blanks between words (ideographs, full-width marks)."""

_DIVIDED, _GOES_ON = re.compile(r"(?<![A-Za-z])([A-Za-z]{2,})-$"), re.compile(r"[a-z]{2,}")


def join(parts: Sequence[Piece], raw: str, drops: Sequence[int] = ()) -> Piece:
    """Return ``parts`` as one piece with the form of the first.

    Args:
        raw: the text that all were cut from; a blank between two words is taken from it.
        drops: for each part but the first, how many of its first characters are left out because they repeat the end of
            the part before; missing ones are 0.
    """
    first = parts[0]
    if len(parts) == 1:
        return first
    spans: list[Span] = list(first.spans)
    seams = list(first.joins)
    previous = first
    for index, part in enumerate(parts[1:]):
        drop = drops[index] if index < len(drops) else 0
        own = SpanMap(tuple(part.spans)).slice(drop, len(part.text))
        if own and _is_hyphenated(previous.text, part.text, raw):
            start, end = spans.pop()
            spans.extend([(start, end - 1)] if end - 1 > start else [])
            spans.extend(own)
        elif own:
            spans.extend(_blank(previous.text, part.text[drop:], spans[-1][1], raw))
            spans.extend(own)
        seams.extend(part.joins)
        previous = part
    joined = Piece(cut(raw, spans), list(merge(spans)), first.gap, first.role, first.level, first.kind)
    joined.label, joined.indent, joined.joins = first.label, first.indent, seams
    joined.lines = sum(part.lines for part in parts)
    return joined


def _blank(left: str, right: str, end: int, raw: str) -> list[Span]:
    """Return the span of one blank or line end of ``raw`` if the two would otherwise grow into one word."""
    if not needs_blank(left, right):
        return []
    for place in range(end, min(len(raw), end + 200)):
        if raw[place] in " \n":
            return [(place, place + 1)]
    place = max(raw.rfind(" ", 0, end), raw.rfind("\n", 0, end))
    return [(place, place + 1)] if place >= 0 else []


def _is_hyphenated(left: str, right: str, raw: str) -> bool:
    """Whether the hyphen at the end of a line only divides a word: "un-less", and not "two-year"."""
    before, after = _DIVIDED.search(left), _GOES_ON.match(right)
    if not before or not after:
        return False
    known = _words(raw)
    whole = before[1] + after[0]
    return whole.lower() in known or not (before[1].lower() in known and after[0] in known)


@lru_cache(maxsize=1)
def _words(raw: str) -> frozenset[str]:
    return frozenset(re.findall(r"(?<![\w-])[a-z]+(?![\w-])", raw.lower()))


def needs_blank(left: str, right: str) -> bool:
    """Whether the end of one line and the beginning of the next are different words: English yes, Chinese no."""
    before, after = left[-1:], right[:1]
    if not before or not after or ord(before) >= _CHINESE_FROM or ord(after) >= _CHINESE_FROM:
        return False
    near = left[-12:] + right[:12]
    if before.isdigit() and after.isdigit():
        return all(ord(character) < _CHINESE_FROM for character in near)
    if (before == "-" and after.islower()) or before in "([{/“‘" or after in ")]},.;:!?%”’":
        return False
    return mostly_latin(near) or (before.isalpha() and after.isalpha())
