"""Quotation marks, title marks and brackets: which closes which, and the stretches between quotation marks."""

from __future__ import annotations

import re
from functools import cache

QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』"}
"""Opening quotation marks and what closes them; the straight mark opens and closes, so it stands apart."""
STRAIGHT = '"'
TITLES = {"《": "》", "〈": "〉"}
BRACKETS = {"（": "）", "(": ")", "【": "】", "〔": "〕", "［": "］"}
PAIRS = QUOTES | TITLES | BRACKETS
"""Opening marks and what closes them."""
OPENER_OF = {closer: opener for opener, closer in PAIRS.items()}
"""Closing marks and what opens them."""

DOUBLE = "“「『" + STRAIGHT
"""Openers of a quotation, without the single mark, whose closer is an apostrophe in English."""


def marks(openers: str) -> str:
    """Return ``openers`` with what closes them, each once, for use inside a character class."""
    return "".join(dict.fromkeys(openers + "".join(PAIRS.get(opener, opener) for opener in openers)))


MARKS = marks("".join([*QUOTES, *TITLES]) + STRAIGHT)
"""All marks around quotations and titles, for use inside a character class."""


@cache
def quoted(least: int, most: int, openers: str = DOUBLE) -> re.Pattern[str]:
    """Return a pattern of quoted stretches; group 1 is the stretch without its marks.

    A stretch has no mark of those asked for inside it, so that of nested quotations the inner one is found.

    Args:
        least: fewest characters between the marks.
        most: most characters between the marks.
        openers: the opening marks that count, one character each.
    """
    closers = "".join(PAIRS.get(opener, opener) for opener in openers)
    return re.compile(rf"[{openers}]([^{marks(openers)}]{{{least},{most}}})[{closers}]")


def unclosed(text: str) -> str:
    """Return the marks that ``text`` opens and does not close, outermost first; a mark that closes nothing is none."""
    open_marks: list[str] = []
    for character in _MARK.findall(text):
        if character in PAIRS:
            open_marks.append(character)
        elif OPENER_OF[character] in open_marks:
            while open_marks.pop() != OPENER_OF[character]:
                pass
    return "".join(open_marks)


def unopened(text: str) -> str:
    """Return the openers that are missing before ``text`` for the marks that it closes, innermost first."""
    open_marks: list[str] = []
    missing: list[str] = []
    for character in _MARK.findall(text):
        if character in PAIRS:
            open_marks.append(character)
        elif OPENER_OF[character] not in open_marks:
            missing.append(OPENER_OF[character])
        else:
            while open_marks.pop() != OPENER_OF[character]:
                pass
    return "".join(missing)


_MARK = re.compile("[" + re.escape("".join([*PAIRS, *OPENER_OF])) + "]")
