"""HTML inside Markdown: its tags, comments and scripts are masked before lines are read, character by character.

Nothing is rewritten: what a mask hides is left out of every span. Block elements end a line, inline ones leave no
trace, and the cells of a table's row stay on one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from vectorstore.text.lines import visible

_INLINE = (
    "a|abbr|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|input|ins|kbd|label|mark|picture|q|s|samp|small|source"
    "|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
_BLOCKS = (
    "address|article|aside|blockquote|body|button|caption|center|col|colgroup|dd|details|dialog|div|dl|dt|fieldset"
    "|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|meta|nav|noscript|object|ol"
    "|optgroup|option|p|pre|section|select|summary|svg|table|tbody|td|template|textarea|tfoot|th|thead|title|tr|ul"
    "|video"
)
_ATTRIBUTES = r"(?:\s[^<>]{0,600})?/?"
_HIDDEN = "\u200b"
"""A character without width, which the markup step leaves out."""
_MARKUP = re.compile(
    r"(?P<code>^[ \t]*(?P<fence>`{3,}|~{3,})[^`\n]*$.*?(?:^[ \t]*(?P=fence)[ \t\r]*$|\Z)|(?<!`)`[^`\n]+`(?!`))"
    rf"|(?P<unshown><!--.{{0,1000}}?-->|<(?P<kind>script|style)\b{_ATTRIBUTES}>.{{0,4000}}?</(?P=kind)\s*>)"
    rf"|(?P<cells></t[dh]\s*>\s*<t[dh]{_ATTRIBUTES}>)"
    rf"|(?P<end><br{_ATTRIBUTES}>)"
    rf"|(?P<heading><h(?P<level>[1-6]){_ATTRIBUTES}>)"
    rf"|(?P<block>(?:(?!<h[1-6])</?(?:{_BLOCKS}){_ATTRIBUTES}>\s*"
    rf"|^[ \t]*(?!<(?:script|style)\b)</?[A-Za-z][\w.-]*{_ATTRIBUTES}>[ \t\r]*$)+)"
    rf"|(?P<inline></?(?:{_INLINE}){_ATTRIBUTES}>|(?<=[\s>])&nbsp;|&nbsp;(?=[\s<]))",
    re.I | re.M | re.S,
)
"""Code comes first: what stands in it is no markup."""


_RAW = re.compile(
    r"^(?P<open>[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?:=html|\{=html\})[ \t\r]*)$(?P<html>.*?)"
    r"(?P<close>^[ \t]*(?P=fence)[ \t\r]*$|\Z)",
    re.I | re.M | re.S,
)
"""A block that Pandoc and Djot pass through as HTML: no code, though it stands between fences."""


class Masked(NamedTuple):
    """A raw text whose HTML is hidden."""

    text: str
    """As long as the raw text, and the same but for what is hidden."""
    headings: dict[int, int]
    """Where the text of an ``<h1>`` to ``<h6>`` begins -> its level."""


def masked(raw: str) -> Masked:
    """Return ``raw`` with blanks, line ends and characters without width in place of HTML."""
    if "<" not in raw:
        return Masked(raw, {})
    unfenced = _RAW.sub(lambda m: " " * len(m["open"]) + m["html"] + " " * len(m["close"]), raw)
    text = _MARKUP.sub(_mask, unfenced)
    headings = {}
    for match in _MARKUP.finditer(unfenced):
        if match["heading"]:
            start, _ = visible(text, match.end(), len(text))
            headings[start] = int(match["level"])
    return Masked(text, headings)


def _mask(match: re.Match[str]) -> str:
    size = match.end() - match.start()
    begins_line = match.start() == 0 or match.string[match.start() - 1] in "\r\n"
    masks: dict[str, Callable[[], str]] = {
        "code": lambda: match[0],
        "cells": lambda: _between_cells(match[0]),
        "end": lambda: " " * (size - 1) + "\n",
        "inline": lambda: _HIDDEN * size,
    }
    kind = next((name for name in masks if match[name] is not None), "")
    if kind:
        return masks[kind]()
    return " " * (size - 1) + "\n" if begins_line else "\n" + " " * (size - 2) + "\n"


def _between_cells(markup: str) -> str:
    """Return a mask that keeps one blank, or the line end as one, between two cells; a line end where there is none."""
    at = markup.find(" " if " " in markup else "\n")
    if at < 0:
        return " " * (len(markup) - 1) + "\n"
    return _HIDDEN * at + " " + _HIDDEN * (len(markup) - at - 1)
