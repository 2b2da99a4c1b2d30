"""Places: on which page, and where on it, each character of a raw text stands."""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from vectorstore.types import Span

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points; the origin is the page's top left corner as it is shown, after rotation."""
PageKind = Literal["page", "slide", "sheet"]

_FINEST = 0.1
"""Points that one step of a stored box is at least."""
_STEPS = 65535
_NOWHERE = (0, 0, 0, 0)
_SAME_LINE = 0.5
"""Share of the lower box's height by which two boxes of one line overlap."""
_SAME_COLUMN = 0.3
"""How far apart the sides of characters of one vertical line may be, in their widths."""
_NEAR = 2.0
"""Widest gap inside one box of a line, in heights of the line."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, slide or sheet of a document."""

    label: str
    """What is printed on it, or what its reader calls it: "iv", "A-3", a sheet's name."""
    width: float = 0.0
    """In points; 0 where it has no size."""
    height: float = 0.0
    kind: PageKind = "page"


@dataclass(frozen=True, slots=True)
class PagePlace:
    """Where a citation stands on one page."""

    page: int
    """Counted from 1."""
    label: str
    boxes: tuple[Box, ...]
    """One for each line, in reading order; none where only the page is known."""
    page_size: tuple[float, float] | None
    """Width and height in points."""
    kind: PageKind = "page"


@dataclass(frozen=True, slots=True)
class PageLine:
    """Characters of the raw text, one after the other, that stand side by side on a page."""

    start: int
    end: int
    """Offsets into the raw text."""
    box: Box


@dataclass(frozen=True)
class Places:
    """The places of a raw text's characters; characters that a reader added have none."""

    pages: tuple[Page, ...]
    runs: tuple[tuple[int, int], ...]
    """(offset, index of the page): from this offset on, up to the next run's, characters stand on that page."""
    boxes: bytes = b""
    """Four little-endian uint16 for each character, in steps of ``step``; empty where no character has a box."""

    @classmethod
    def of(cls, pages: Sequence[Page], runs: Sequence[tuple[int, int]], boxes: Sequence[Box | None] = ()) -> Places:
        """Return the places of a text.

        Args:
            boxes: one for each character, None for a character without; empty when there are none at all.
        """
        bare = cls(tuple(pages), tuple(runs))
        if not any(boxes):
            return bare
        per_point = 1 / bare.step
        packed = array("H")
        for box in boxes:
            if box is None:
                packed.extend(_NOWHERE)
                continue
            left, top, right, bottom = (int(side * per_point + 0.5) for side in box)
            if min(left, top) < 0 or max(right, bottom) > _STEPS:  # it stands beside the page
                left, top = max(0, min(left, _STEPS)), max(0, min(top, _STEPS))
                right, bottom = max(0, min(right, _STEPS)), max(0, min(bottom, _STEPS))
            packed.extend((left, top, right, bottom))
        return cls(bare.pages, bare.runs, _little_endian(packed).tobytes())

    @cached_property
    def step(self) -> float:
        """Points that a box's numbers count in."""
        return max([_FINEST, *(max(page.width, page.height) / _STEPS for page in self.pages)])

    @cached_property
    def _sides(self) -> array[int]:
        packed = array("H")
        packed.frombytes(self.boxes)
        return _little_endian(packed)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.runs]

    def of_spans(self, spans: Iterable[Span]) -> tuple[PagePlace, ...]:
        """Return where the characters of ``spans`` stand, a place for each page, in the order of the spans."""
        found: dict[int, list[Box]] = {}
        for start, end in spans:
            for left, right, index in self._on_pages(start, end):
                self._add_lines(found.setdefault(index, []), left, right)
        return tuple(self._place(index, boxes) for index, boxes in found.items())

    def lines(self, page: int, text: str) -> list[PageLine]:
        """Return what stands on a page, line by line in the order of the raw text; none where no character has a box.

        What a reader added between words is in no line, but for blanks.

        Args:
            page: its index.
            text: the raw text.
        """
        found: list[PageLine] = []
        for number, (start, index) in enumerate(self.runs):
            if index == page and self.boxes:
                end = self.runs[number + 1][0] if number + 1 < len(self.runs) else len(text)
                found += self._lines_between(start, end, text)
        return found

    def _lines_between(self, start: int, end: int, text: str) -> Iterator[PageLine]:
        line: PageLine | None = None
        for offset in range(start, min(end, len(text))):
            box = self._box(offset)
            if box is None:
                continue
            if line is not None and not text[line.end : offset].strip() and _goes_on(line.box, box):
                line = PageLine(line.start, offset + 1, _union(line.box, box))
                continue
            if line is not None:
                yield line
            line = PageLine(offset, offset + 1, box)
        if line is not None:
            yield line

    def _box(self, offset: int) -> Box | None:
        left, top, right, bottom = (side * self.step for side in self._sides[4 * offset : 4 * offset + 4])
        return None if right <= left or bottom <= top else (left, top, right, bottom)

    def _on_pages(self, start: int, end: int) -> Iterable[tuple[int, int, int]]:
        """Yield the parts of a span that stand on one page each, as (start, end, index of the page)."""
        run = max(0, bisect_right(self._starts, start) - 1)
        while run < len(self.runs) and self.runs[run][0] < end:
            last = self.runs[run + 1][0] if run + 1 < len(self.runs) else end
            yield max(start, self.runs[run][0]), min(end, last), self.runs[run][1]
            run += 1

    def _add_lines(self, boxes: list[Box], start: int, end: int) -> None:
        for offset in range(start, end) if self.boxes else ():
            box = self._box(offset)
            if box is None:
                continue
            if boxes and (_in_one_line(boxes[-1], box) or _in_one_column(boxes[-1], box)):
                box = _union(boxes.pop(), box)
            boxes.append(box)

    def _place(self, index: int, boxes: Sequence[Box]) -> PagePlace:
        page = self.pages[index]
        rounded = tuple((round(a, 1), round(b, 1), round(c, 1), round(d, 1)) for a, b, c, d in boxes)
        size = (page.width, page.height) if page.width else None
        return PagePlace(index + 1, page.label, rounded, size, page.kind)

    def dump(self) -> tuple[str, bytes]:
        """Return the pages as JSON, and the boxes compressed (2 to 4 bytes a character)."""
        pages = [[page.label, page.width, page.height, page.kind] for page in self.pages]
        return json.dumps({"pages": pages, "runs": self.runs}, ensure_ascii=False), zlib.compress(self.boxes, 6)

    @classmethod
    def load(cls, pages: str, boxes: bytes) -> Places:
        """Return what ``dump`` made these of.

        Raises:
            ValueError, zlib.error: they are damaged.
        """
        data = json.loads(pages)
        runs = tuple((int(start), int(page)) for start, page in data["runs"])
        return cls(tuple(Page(*page) for page in data["pages"]), runs, zlib.decompress(boxes))


def _in_one_line(one: Box, other: Box) -> bool:
    overlap = min(one[3], other[3]) - max(one[1], other[1])
    height = min(one[3] - one[1], other[3] - other[1])
    gap = max(other[0] - one[2], one[0] - other[2])
    return overlap >= _SAME_LINE * height and gap <= _NEAR * height


def _goes_on(line: Box, box: Box) -> bool:
    """Whether a character follows a line that runs from left to right, without a wide gap."""
    return _in_one_line(line, box) and -_SAME_LINE < (box[0] - line[2]) / (line[3] - line[1]) <= 1


def _in_one_column(one: Box, other: Box) -> bool:
    """Whether a character of a line that runs down (or up) follows that line's box."""
    width = other[2] - other[0]
    same = max(abs(one[0] - other[0]), abs(one[2] - other[2])) <= _SAME_COLUMN * width
    return same and max(other[1] - one[3], one[1] - other[3]) <= width


def _union(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _little_endian(packed: array[int]) -> array[int]:
    if sys.byteorder == "big":
        packed = array("H", packed)
        packed.byteswap()
    return packed
