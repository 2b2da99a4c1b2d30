"""Pieces: blocks in the making, while their place, kind and neighbours are still unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from vectorstore.text.sentences import TERMINALS
from vectorstore.types import BlockKind, Span

_TAIL = re.compile(r"[”’』」》〉）)】〕］\]\"'*_\s]*(?:\[\d{1,3}\]\s*)*$")
_LABEL = re.compile(
    r"(?:[(（]?[\d一二三四五六七八九十]{1,3}[)）.、．]\s*)?"
    r"(?P<label>[^\s，。；：！？、,;:!?“”\"《》（）()]{1,12}(?:[ \u3000/／]{1,8}[^\s，。；：！？、,;:!?“”\"]{1,8})?"
    r"(?:[（(][^）)]{1,12}[）)])?)\s*[：:](?!//)\s*"
)
_LATIN_LABEL = re.compile(r"(?P<label>[A-Z][\w'/&-]*(?: [\w'/&()-]+){0,4})\s?:(?!//)\s*")


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


def is_closed(text: str) -> bool:
    """Whether a text ends as a sentence does: a full stop or the like, perhaps inside closing marks."""
    body = _TAIL.sub("", text)
    if not body:
        return True
    if body[-1] in f"{TERMINALS}…":
        return True
    return body[-1] == "." and len(body) > 1 and not body[-2].isdigit()


def label_of(text: str) -> str | None:
    """Return the label that a line begins with (``label: value`` or ``label:``), or None."""
    match = _LABEL.match(text) or _LATIN_LABEL.match(text)
    return match["label"] if match else None


def label_end(text: str) -> int:
    """Return where the value behind a line's label begins; 0 without a label."""
    match = _LABEL.match(text) or _LATIN_LABEL.match(text)
    return match.end() if match else 0
