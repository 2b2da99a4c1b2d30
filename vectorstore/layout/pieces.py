"""Pieces: blocks in the making, while their place, kind and neighbours are still unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from vectorstore.types import BlockKind, Span


class Role(Enum):
    """What a line says about itself by its form."""

    TEXT = auto()
    HEADING = auto()
    """By markup: ``#``, underlined, or a whole line in bold."""
    ITEM = auto()
    """Begins with a bullet or with a number in sequence."""
    LABEL = auto()
    """``label: value``, or a label alone."""
    ROW = auto()
    """A table's row."""
    CODE = auto()
    """Between fences: taken as it is."""


@dataclass(slots=True, eq=False)
class Piece:
    """A line, or several that belong together. ``text`` is always what ``spans`` cut out of the raw text."""

    text: str
    spans: list[Span]
    gap: int
    """Blank lines before it."""
    role: Role = Role.TEXT
    level: int = 0
    """Headings by markup: the number of ``#``; 7 for a line in bold."""
    kind: BlockKind | None = None
    """None as long as it is not known."""
    joins: list[tuple[int, int]] = field(default_factory=list)
    """Seams closed inside it, as in ``Layout.joins``."""
    lines: int = 1
    label: str = ""
    """What stands before the colon of a LABEL, or of an ITEM that has one."""
    indent: int = 0
    """White-space characters before its first line."""

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]
