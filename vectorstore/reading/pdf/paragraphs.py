"""Paragraphs and headings from the lines of a column, by their places and the sizes of their fonts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from vectorstore.reading.pdf.geometry import Segment, written
from vectorstore.reading.placed import Text
from vectorstore.text.endings import is_closed
from vectorstore.text.language import HAN, has_han

_WIDE = re.compile(f"[{HAN}\u3000-\u30ff\uff00-\uffef“”‘’…—]")
_CURLY = "“”‘’…—"
_MARKER = re.compile(
    rf"(?:[•●○■□◆◇▪‣➢✓*·]|[-–—](?=\s))\s*\S|(?:\d{{1,2}}|[a-zA-Z])(?:[.)）](?=\s|[{HAN}(（])|[．、])|[（(][\d一二三四五六七八九十]{{1,3}}[)）]"
    rf"|[一二三四五六七八九十]{{1,3}}、|第[一二三四五六七八九十\d]{{1,3}}[章节条部](?=\s|[{HAN}])|[①-⑳]|\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}\s+(?![a-z])\D"
)
_LEADER = re.compile(r"(?<![.．·…_])[.．·…_]{3,}\s*\d+$|(?<![.．·…_]\s)(?:[.．·…_]\s){3,}\s*\d*$")
_IN_SENTENCE = re.compile(r"\d{1,2}\.\d|[A-Z]\.\s")
_LONG_LINE = 25
"""Characters of a line that may go on below with what looks like a mark."""
_OTHER_SIZE = 0.08
_GAP = 1.45
"""Distance between two lines, in usual distances, from which a paragraph ends."""
_BLOCK = 4
"""Lines whose right ends show where the margin is."""
_SHARED = 3
"""Lines that end there, from which it is the margin: a mark beside the text ends alone."""
_INDENT = 0.9
_FAR = 0.4
_ALIGNED = 0.3
_LARGE = 1.12
"""Size of a heading, in sizes of the text."""
_LONGEST_HEADING, _LONGEST_BOLD = 160, 90
_LONGEST_CLOSED = 40
"""Characters of a heading that ends as a sentence does."""
_SMALL = 0.93
"""Size of a footnote's text at most, in sizes of the text."""


@dataclass
class Line:
    """A line of a column."""

    text: Text
    x0: float
    x1: float
    y0: float
    y1: float
    size: float
    bold: bool
    first_width: float
    """Of its first word."""

    @classmethod
    def of(cls, band: Sequence[Segment]) -> Line:
        words = [word for segment in band for word in segment.words]
        chars = sum(len(word.text) for word in words)
        main = max(band, key=lambda segment: segment.chars)
        bold = sum(len(word.text) for word in words if word.bold) >= 0.9 * chars
        first = words[0].x1 - words[0].x0
        return cls(written(words), band[0].x0, band[-1].x1, main.y0, main.y1, main.size, bold, first)


@dataclass
class Block:
    """A paragraph or a heading; of a paragraph that goes over pages, a part on each."""

    parts: list[tuple[int, Text]]
    """(index of the page, text)"""
    size: float = 0.0
    bold: bool = False
    lines: int = 1
    is_note: bool = False
    """A footnote: it does not interrupt the text above it."""
    is_full: bool = False
    """Its last line reaches the right margin, so that its text may go on elsewhere."""
    is_indented: bool = False

    @property
    def text(self) -> str:
        return "".join(text.text for _, text in self.parts)


def paragraphs(lines: Sequence[Line], page: int, body: float, height: float) -> list[Block]:
    """Return the paragraphs and headings of a column's lines.

    Args:
        page: index of the page.
        body: size of the document's text.
        height: of the page.
    """
    if not lines:
        return []
    left, pitch = min(line.x0 for line in lines), _pitch(lines)
    rights = _rights(lines, pitch)
    pitches = {size: _pitch([line for line in lines if line.size == size]) for size in {line.size for line in lines}}
    runs = [[lines[0]]]
    for index, (before, line) in enumerate(pairwise(lines)):
        far = left + _FAR * (rights[index] - left)
        if _breaks(before, line, runs[-1], rights[index], pitches[line.size], body, far):
            runs.append([line])
        else:
            runs[-1].append(line)
    ends = dict(zip(map(id, lines), rights, strict=True))
    return [_block(run, page, body, left, ends[id(run[-1])], height) for run in runs]


def _rights(lines: Sequence[Line], pitch: float) -> list[float]:
    """Return for each line how far to the right the text around it reaches; a block of few lines tells too little."""
    groups: list[list[Line]] = [[lines[0]]]
    for before, line in pairwise(lines):
        if line.y0 - before.y0 > _GAP * pitch or not _same_size(before, line):
            groups.append([])
        groups[-1].append(line)
    whole = _right(lines)
    return [_right(group) if len(group) >= _BLOCK else whole for group in groups for _ in group]


def _right(lines: Sequence[Line]) -> float:
    ends = sorted(line.x1 for line in lines)
    most = ends[min(len(ends) - 1, int(0.95 * len(ends)))]
    near = lines[0].size
    shared = [end for end in ends if end <= most and sum(end - near <= other <= end for other in ends) >= _SHARED]
    return shared[-1] if len(lines) >= _BLOCK and shared else most


def _pitch(lines: Sequence[Line]) -> float:
    steps = [other.y0 - one.y0 for one, other in pairwise(lines) if other.y0 > one.y0 and _same_size(one, other)]
    usual = median(steps) if steps else 0.0
    near = [step for step in steps if step <= usual * 1.05]
    return min(median(near), 2.4 * lines[0].size) if near else 2 * lines[0].size


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _OTHER_SIZE * max(one.size, other.size)


def _breaks(before: Line, line: Line, run: Sequence[Line], right: float, pitch: float, body: float, far: float) -> bool:
    """Whether a new paragraph begins with ``line``.

    Args:
        far: lines that begin beyond this are set to the right, as a signature with its date is.
    """
    if not _same_size(before, line) or before.bold != line.bold or _LEADER.search(before.text.text):
        return True
    step = line.y0 - before.y0
    large = line.size > _LARGE * body
    if step > _GAP * pitch or step > 3 * line.size:
        return True
    room = right - before.x1
    marked = _MARKER.match(line.text.text)
    if (
        marked
        and not _is_within(before, line, run, room)
        and (is_closed(before.text.text) or has_han(line.text.text) or line.x0 <= run[0].x0 + line.size)
    ):
        return True
    if large and abs(before.x0 + before.x1 - line.x0 - line.x1) < line.size:
        return False  # two lines of a title, centred
    if large and right - before.x1 > line.size:
        return is_closed(before.text.text)  # a heading's lines end where they please
    if min(before.x0, line.x0) > far and abs(before.x0 - line.x0) > _ALIGNED * line.size:
        return True
    hangs = _MARKER.match(run[0].text.text) is not None and line.x0 > run[0].x0
    if line.x0 - before.x0 > _INDENT * line.size and not hangs and len(run) > 0:
        return True
    if _WIDE.match(line.text.text):
        return room > 2.2 * line.size
    return room > line.first_width + 0.8 * line.size


def _is_within(before: Line, line: Line, run: Sequence[Line], room: float) -> bool:
    """Whether a line goes on with the sentence above it, which fills its line, by a figure or an initial.

    "a target of | 63.0 Ml/d", "J. Croft, | T. Fielding": both look like the mark of an item.
    """
    text = before.text.text
    begun = _MARKER.match(run[0].text.text) is None and not is_closed(text) and text[-1] not in ":：;；"
    return (
        begun
        and len(text) >= _LONG_LINE
        and _IN_SENTENCE.match(line.text.text) is not None
        and room <= line.first_width + 0.8 * line.size
    )


def _block(run: Sequence[Line], page: int, body: float, left: float, right: float, height: float) -> Block:
    text = run[0].text
    for line in run[1:]:
        text = joined_lines(text, line.text)
    size = median(line.size for line in run)
    last = run[-1]
    wide = len(run) > 1 or 2 * (last.x1 - last.x0) > right - left
    return Block(
        [(page, text)],
        size,
        all(line.bold for line in run),
        len(run),
        is_note=size <= _SMALL * body and run[0].y0 > 0.5 * height,
        is_full=wide and right - last.x1 <= (2.2 if has_han(last.text.text) else 6) * size,
        is_indented=run[0].x0 - left > _INDENT * size,
    )


def joined_lines(one: Text, other: Text) -> Text:
    """Return two lines of a paragraph as one: without the hyphen that divides a word, with a blank between words."""
    if not one.text or not other.text:
        return one + other
    if one.text[-1] in "-\xad" and one.text[-2:-1].isalpha() and other.text[0].islower():
        return one[: len(one.text) - 1] + other
    wide = _is_wide(one.text[::-1]) or _is_wide(other.text)
    return one + other if wide or one.text[-1] in "-–—/" else one + Text(" ") + other


def _is_wide(text: str) -> bool:
    """Whether a text begins without a blank before it: with Chinese; curly quotation marks are of both scripts."""
    return _WIDE.match(text) is not None and (text[0] not in _CURLY or _WIDE.match(text.lstrip(_CURLY)) is not None)


def is_marked(text: str) -> bool:
    """Whether a text begins with the number or mark of a list's item or of a heading."""
    return _MARKER.match(text) is not None


def is_heading(block: Block, body: float) -> bool:
    """Whether a block is a heading: larger than the text, or bold and short."""
    text = block.text
    if block.is_note or sum(map(str.isalpha, text)) < 2 or _LEADER.search(text):
        return False
    if (len(text) > _LONGEST_CLOSED and is_closed(text)) or (block.lines > 1 and "。" in text):
        return False
    if block.size >= _LARGE * body:
        return len(text) <= _LONGEST_HEADING and block.lines <= 4
    short = len(text) <= (_LONGEST_BOLD // 2 if has_han(text) else _LONGEST_BOLD) and block.lines <= 2
    return block.bold and short and block.size >= 0.97 * body and not is_closed(text) and text[-1] not in "，,；;、"
