"""Hard-wrapped lines: telling a line that ends because the page was full from one that ends a paragraph.

A line was wrapped when the next line's first word would not have fitted any more. That is only believed where most
neighbouring lines of the document agree on one width.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from vectorstore.layout.joining import join
from vectorstore.layout.pieces import Piece, Role

MIN_WIDTH = 36
MAX_WIDTH = 220
"""Columns between which the width of wrapped text is believed; a Chinese character takes two."""
_AGREE = 0.6
"""Share of neighbouring lines that must have been full."""
_ENOUGH = 3
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\U0001f300-\U0003fffd]"
)
"""Characters that take two columns (East Asian Width W and F, by blocks)."""


def unwrap(pieces: Sequence[Piece], raw: str) -> list[Piece]:
    """Join the lines that were wrapped; everything else stays as it is."""
    pairs = [(left, right) for left, right in pairwise(pieces) if _may_continue(left, right)]
    width = _page_width(pairs)
    if width is None:
        return list(pieces)
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and _may_continue(groups[-1][-1], piece) and _was_full(groups[-1][-1], piece, width):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [join(group, raw) for group in groups]


def _may_continue(left: Piece, right: Piece) -> bool:
    return (
        right.gap == 0
        and right.role is Role.TEXT
        and left.role in (Role.TEXT, Role.ITEM, Role.LABEL)
        and left.kind is None
        and right.kind is None
        and (left.role is not Role.TEXT or right.indent <= left.indent)
    )


def _page_width(pairs: Sequence[tuple[Piece, Piece]]) -> int | None:
    """Return the width that lines were wrapped at, or None when the document is not wrapped."""
    if len(pairs) < _ENOUGH:
        return None
    widths = sorted(left.indent + columns(left.text) for left, _ in pairs)
    width = widths[min(len(widths) - 1, int(len(widths) * 0.95))]
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        return None
    full = sum(_was_full(left, right, width) for left, right in pairs)
    return width if full >= max(_ENOUGH, _AGREE * len(pairs)) else None


def _was_full(left: Piece, right: Piece, width: int) -> bool:
    used = left.indent + columns(left.text)
    first = right.text.split(None, 1)[0]
    if _WIDE.match(first):
        return width - 5 < used <= width + 4
    return width < used + 1 + columns(first[:40]) and used <= width * 1.1


def columns(text: str) -> int:
    """Return the width of a text in columns of a fixed-width font."""
    return len(text) + len(_WIDE.findall(text))
