"""Words, segments and lines of a page with their boxes, in points from the top left corner of the page as shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from vectorstore.places import Box
from vectorstore.reading.placed import Text
from vectorstore.text.language import is_han

_SAME_LINE = 0.5
"""Share of the lower height by which two words of one line overlap."""
_SPACE = 0.15
"""Gap between two words, in sizes, from which there is a blank between them."""
_SPACE_HAN = 0.6
"""The same between two Chinese characters, which justified text moves apart."""


@dataclass(slots=True)
class Word:
    """Characters that stand together on a line.

    The box is where the layout sees it: on a page of vertical writing, turned. ``boxes`` are where its characters are.
    """

    text: str
    boxes: list[Box]
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    """Of its font, in points."""
    bold: bool = False
    spaced: bool = False
    """A blank of the file follows."""

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class Segment:
    """Words of one line without a wide gap between them."""

    words: list[Word]
    x0: float = field(init=False)
    y0: float = field(init=False)
    x1: float = field(init=False)
    y1: float = field(init=False)
    size: float = field(init=False)

    def __post_init__(self) -> None:
        self.x0 = min(word.x0 for word in self.words)
        self.x1 = max(word.x1 for word in self.words)
        largest = max(self.words, key=lambda word: len(word.text) * word.size)
        self.y0, self.y1, self.size = largest.y0, largest.y1, largest.size

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2

    @property
    def chars(self) -> int:
        return sum(len(word.text) for word in self.words)

    @property
    def text(self) -> str:
        return written(self.words).text


_CLOSE = 0.5
"""Gap between two words of one column, in sizes, whatever stands between them in the file."""
Region = tuple[float, float, float, float]


def overlap(a0: float, a1: float, b0: float, b1: float) -> float:
    """Return the length that two intervals have in common; negative for the gap between them."""
    return min(a1, b1) - max(a0, b0)


def on_one_line(one: Word | Segment, other: Word | Segment) -> bool:
    """Whether two stand side by side."""
    lower = min(one.y1 - one.y0, other.y1 - other.y0)
    return overlap(one.y0, one.y1, other.y0, other.y1) >= _SAME_LINE * lower


def segments(words: Sequence[Word], gap: float = 1.0) -> list[Segment]:
    """Return words, in the order of the file, as segments: what follows on a line within ``gap`` sizes."""
    runs: list[list[Word]] = []
    for word in words:
        last = runs[-1][-1] if runs else None
        if last is not None and on_one_line(last, word):
            size = max(last.size, word.size)
            if -0.6 * size <= word.x0 - last.x1 <= gap * size:
                runs[-1].append(word)
                continue
        runs.append([word])
    return [Segment(run) for line in bands(map(Segment, runs)) for run in _closed_up(line)]


def _closed_up(line: Sequence[Segment]) -> list[list[Word]]:
    """Return the words of a line's segments, those together that stand close, wherever the file has them."""
    found: list[list[Word]] = []
    for segment in line:
        close = (
            found and -0.6 * segment.size <= segment.x0 - max(word.x1 for word in found[-1]) <= _CLOSE * segment.size
        )
        if close:
            found[-1] += segment.words
        else:
            found.append(list(segment.words))
    return found


def bands(found: Iterable[Segment]) -> list[list[Segment]]:
    """Return segments as lines over the whole width, from top to bottom, each from left to right."""
    lines: list[list[Segment]] = []
    for segment in sorted(found, key=lambda one: (one.middle, one.x0)):
        for line in reversed(lines[-3:]):
            if on_one_line(max(line, key=lambda one: one.size), segment):
                line.append(segment)
                break
        else:
            lines.append([segment])
    for line in lines:
        line.sort(key=lambda one: one.x0)
    return sorted(lines, key=lambda line: min(one.y0 for one in line))


def written(words: Sequence[Word]) -> Text:
    """Return the words of one line as text; a blank stands where the page shows one."""
    text: list[str] = []
    boxes: list[Box | None] = []
    for before, word in pairwise([None, *words]):
        if before is not None and word is not None and _is_apart(before, word):
            text.append(" ")
            boxes.append(None)
        if word is not None:
            text.append(word.text)
            boxes.extend(word.boxes)
    return Text("".join(text), tuple(boxes))


def _is_apart(one: Word, other: Word) -> bool:
    both_han = is_han(one.text[-1]) and is_han(other.text[0])
    gap = other.x0 - one.x1
    size = max(one.size, other.size)
    return gap > (_SPACE_HAN if both_han else _SPACE) * size or (one.spaced and not both_han and gap > 0.05 * size)
