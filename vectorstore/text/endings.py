"""How a line begins and ends: a label before a colon; a full stop or the like."""

from __future__ import annotations

import re

from vectorstore.text.language import mostly_latin
from vectorstore.text.sentences import TERMINALS

_CLOSERS = "”’』」》〉）)】〕］]\"'*_"
_NOTE = re.compile(r"\[\d{1,3}\]$")
_FEWEST_WORDS = 5
_LOOKED_BACK = 200
"""Characters before a full stop behind a figure that say whether it ends an English sentence."""
_LABEL = re.compile(
    r"(?:[(（]?[\d一二三四五六七八九十]{1,3}[)）.、．]\s*)?"
    r"(?P<label>[^\s，。；：！？、,;:!?“”\"《》（）()]{1,12}(?:[ \u3000/／]{1,8}[^\s，。；：！？、,;:!?“”\"]{1,8})?"
    r"(?:[（(][^）)]{1,12}[）)])?)\s*[：:](?!//)\s*"
)
_LATIN_LABEL = re.compile(r"(?P<label>[A-Z][\w'/&-]*(?: [\w'/&()-]+){0,4})\s?:(?!//)\s*")


def is_closed(text: str) -> bool:
    """Whether a text ends as a sentence does: a full stop or the like, perhaps inside closing marks."""
    end = _before(text, len(text))
    while note := _NOTE.search(text, max(0, end - 5), end):
        end = _before(text, note.start())
    body = text[: _before(text, end, _CLOSERS)]
    if not body:
        return True
    if body[-1] in f"{TERMINALS}…":
        return True
    if body[-1] not in ".．" or len(body) == 1:
        return False
    return not body[-2].isdigit() or _is_english_prose(body[-_LOOKED_BACK:])


def _is_english_prose(text: str) -> bool:
    """Whether a text that ends in a figure and a full stop is no number of a section, and no decimal cut in two."""
    return mostly_latin(text) and len(text.split()) >= _FEWEST_WORDS


def _before(text: str, end: int, marks: str = "") -> int:
    """Return where the white space and ``marks`` before ``end`` begin."""
    while end and (text[end - 1].isspace() or text[end - 1] in marks):
        end -= 1
    return end


def label_of(text: str) -> str | None:
    """Return the label that a line begins with (``label: value`` or ``label:``), or None."""
    match = _LABEL.match(text) or _LATIN_LABEL.match(text)
    return match["label"] if match else None


def label_end(text: str) -> int:
    """Return where the value behind a line's label begins; 0 without a label."""
    match = _LABEL.match(text) or _LATIN_LABEL.match(text)
    return match.end() if match else 0
