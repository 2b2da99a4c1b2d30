"""What text recognition finds on the picture of a page: lines of text, with a box for each character."""

from __future__ import annotations

import json
from dataclasses import dataclass

from vectorstore.places import Box

_PER_POINT = 10


@dataclass(frozen=True, slots=True)
class RecognisedLine:
    """A line as recognised; blanks have boxes as well."""

    text: str
    boxes: tuple[Box, ...]
    """One for each character, in points from the top left corner of the page as shown."""


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    """The lines of a page, in no particular order."""

    width: float
    """In points."""
    height: float
    lines: tuple[RecognisedLine, ...]

    def dump(self) -> str:
        """Return it as JSON; boxes are rounded to tenths of a point."""
        lines = [[line.text, [round(side * _PER_POINT) for box in line.boxes for side in box]] for line in self.lines]
        return json.dumps([self.width, self.height, lines], ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> RecognisedPage:
        """Return what ``dump`` made this of.

        Raises:
            ValueError, TypeError: it is damaged.
        """
        width, height, lines = json.loads(text)
        return cls(float(width), float(height), tuple(_line(str(text), sides) for text, sides in lines))


def _line(text: str, sides: list[int]) -> RecognisedLine:
    if len(sides) != 4 * len(text):
        raise ValueError(f"{len(sides)} sides of boxes for {len(text)} characters")
    points = [side / _PER_POINT for side in sides]
    boxes = tuple((points[at], points[at + 1], points[at + 2], points[at + 3]) for at in range(0, len(points), 4))
    return RecognisedLine(text, boxes)
