"""Pieces: blocks in the making, while their place, kind and neighbours are still unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from vectorstore.text.sentences import PAIRS
from vectorstore.types import BlockKind, Span

CLOSING = {closer: opener for opener, closer in PAIRS.items()}
_MARKS = re.compile("[" + re.escape("".join([*PAIRS, *CLOSING])) + "]")
_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u04ff]")
TERMINALS = "。！？!?…｡"
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


def is_chinese(character: str) -> bool:
    """Whether it is a Chinese ideograph."""
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def is_latin(text: str) -> bool:
    """Whether a text (its first 1,000 characters) is written in letters and words rather than in Chinese."""
    return len(_LETTER.findall(text[:1000])) > 4 * len(_CHINESE.findall(text[:1000]))


def has_no_chinese(text: str) -> bool:
    """Whether a text has letters, figures and signs only."""
    return _CHINESE.search(text) is None


def is_closed(text: str) -> bool:
    """Whether a text ends as a sentence does: a full stop or the like, perhaps inside closing marks."""
    body = _TAIL.sub("", text)
    if not body:
        return True
    if body[-1] in TERMINALS:
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


def unclosed(text: str) -> str:
    """Return the marks that ``text`` opens and does not close, outermost first."""
    open_marks: list[str] = []
    for character in _MARKS.findall(text):
        if character in PAIRS:
            open_marks.append(character)
        elif CLOSING[character] in open_marks:
            while open_marks.pop() != CLOSING[character]:
                pass
    return "".join(open_marks)


def unopened(text: str) -> str:
    """Return the openers that are missing before ``text`` for the marks that it closes, innermost first."""
    open_marks: list[str] = []
    missing: list[str] = []
    for character in _MARKS.findall(text):
        if character in PAIRS:
            open_marks.append(character)
        elif CLOSING[character] not in open_marks:
            missing.append(CLOSING[character])
        else:
            while open_marks.pop() != CLOSING[character]:
                pass
    return "".join(missing)
