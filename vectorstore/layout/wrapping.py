"""Hard-wrapped lines: tells a line that ends at the page's edge from one that ends a paragraph.

A line was wrapped if the next line's first word would not have fitted on it. This is only applied where most
neighbouring lines of the document agree on one width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from vectorstore.layout.joining.join import join
from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.endings import is_closed
from vectorstore.types import BlockKind

MIN_WIDTH = 36
MAX_WIDTH = 220
"""Columns between which the width of wrapped text is believed; a Chinese character takes two."""
_AGREE = 0.6
"""Share of neighbouring lines that must have been full."""
_ENOUGH, _ENOUGH_CHARACTERS = 3, 8
"""Full lines of a wrapped document at least; more of them where only their characters agree and not their columns."""
_WITH_NUMBER = re.compile(r".{1,2}[\dA-Za-z]")
"""What begins with a number, which is not cut, and the word before it."""
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\U0001f300-\U0003fffd]"
)
"""Characters that take two columns (East Asian Width W and F, by blocks)."""


_ASIDE = (BlockKind.FURNITURE, BlockKind.CAPTION)
Measure = Callable[[str], int]


def unwrap(pieces: Sequence[Piece], raw: str) -> list[Piece]:
    """Join the lines that were wrapped; everything else stays as it is."""
    pairs = [(left, right) for left, right in pairwise(pieces) if _may_continue(left, right)]
    pages = (_page(pairs, measure, raw) for measure in (columns, len))
    page = max(filter(None, pages), key=lambda p: p.full, default=None)
    if page is None:
        return list(pieces)
    groups: list[list[Piece]] = []
    aside: list[list[Piece]] = []  # heads and captions behind the last line: its paragraph may go on below them
    for piece in pieces:
        if groups and piece.kind in _ASIDE:
            aside.append([piece])
        elif groups and _may_continue(groups[-1][-1], piece, bool(aside)) and page.goes_on(groups[-1][-1], piece):
            groups[-1].append(piece)
        else:
            groups += [*aside, [piece]]
            aside = []
    return [join(group, raw) for group in [*groups, *aside]]


def _may_continue(left: Piece, right: Piece, across: bool = False) -> bool:
    """Whether one may be the next line of the other; ``across`` what stands between two pages, only in mid-sentence."""
    return (
        (not is_closed(left.text) if across else right.gap == 0)
        and (right.role is Role.TEXT or _only_looks_labelled(left, right))
        and left.role in (Role.TEXT, Role.ITEM, Role.LABEL)
        and left.kind is None
        and right.kind is None
        and (left.role is not Role.TEXT or right.indent <= left.indent)
    )


def _only_looks_labelled(left: Piece, right: Piece) -> bool:
    """Whether a line begins like "causes: an old sewer" because its sentence was wrapped before these words."""
    return (
        right.role is Role.LABEL
        and left.role is Role.TEXT
        and not is_closed(left.text)
        and (right.text[0].islower() or bool(_WIDE.match(right.text)))
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """The width that the lines of a document were wrapped at: in columns, or in characters of whatever width."""

    measure: Measure
    width: int
    narrow: int
    """What a full line of Chinese may lack: a character that must not begin the next line, pulled along."""
    raw: str
    full: int = 0
    """Neighbouring lines of which the first was full."""

    def was_full(self, left: Piece, right: Piece) -> bool:
        """Whether the first word of ``right`` would not have fitted behind ``left``, with their marks or without.

        An editor wraps what it sees, "**performance**." with its stars; a page that a text was taken from has none.
        """
        seen = self.measure(_line(left, self.raw)), _line(right, self.raw)
        return self._was_full(*seen) or self._was_full(left.indent + self.measure(left.text), right.text)

    def _was_full(self, used: int, following: str) -> bool:
        first = following.split(None, 1)[0]
        if _WIDE.match(first):
            lacks = 2 * self.narrow if _WITH_NUMBER.match(first) else self.narrow
            return self.width - lacks < used <= self.width + self.narrow
        return self.width < used + 1 + self.measure(first[:40]) and used <= self.width * 1.1

    def goes_on(self, left: Piece, right: Piece) -> bool:
        """Whether ``right`` goes on where ``left`` was full; a short line behind a full stop is a heading."""
        heads = is_closed(left.text) and not is_closed(right.text) and 2 * self.measure(right.text) < self.width
        return self.was_full(left, right) and not heads


def _line(piece: Piece, raw: str) -> str:
    """Return the line of the raw text that a piece ends on."""
    end = raw.find("\n", piece.end)
    return raw[raw.rfind("\n", 0, piece.end) + 1 : len(raw) if end < 0 else end].rstrip()


def _page(pairs: Sequence[tuple[Piece, Piece]], measure: Measure, raw: str) -> _Page | None:
    """Return the width that lines were wrapped at, or None when the document is not wrapped."""
    if len(pairs) < _ENOUGH:
        return None
    widths = sorted(left.indent + measure(left.text) for left, _ in pairs)
    width = widths[min(len(widths) - 1, int(len(widths) * 0.95))]
    wide = measure is columns
    if not (MIN_WIDTH if wide else MIN_WIDTH // 2) <= width <= MAX_WIDTH:
        return None
    page = _Page(measure, width, 4 if wide else 2, raw)
    full = sum(page.was_full(left, right) for left, right in pairs)
    return (
        replace(page, full=full) if full >= max(_ENOUGH if wide else _ENOUGH_CHARACTERS, _AGREE * len(pairs)) else None
    )


def columns(text: str) -> int:
    """Return the width of a text in columns of a fixed-width font."""
    return len(text) + len(_WIDE.findall(text))
