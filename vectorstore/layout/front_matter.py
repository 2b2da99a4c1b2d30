"""Front matter: lines of keys and values between two rules at the beginning of a Markdown file.

YAML's ``key: value``, TOML's ``key = value`` and Ziggy's ``.key = value``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BLOCK = re.compile(
    r"\ufeff?\s*^(?P<rule>---|\+\+\+)[ \t\r]*$(?P<lines>.{0,8000}?)^(?:(?P=rule)|\.\.\.)[ \t\r]*$", re.M | re.S
)
_LINE = re.compile(r"\s*$|\s*#|\.?[a-z][\w.-]*[ \t]*[:=](?:\s|$)|\s+\S|-\s|[\]}],?\s*$|\[[\w.]+\]\s*$")
_KEY = re.compile(r"\.?[a-z][\w.-]*[ \t]*[:=]")
_TITLE = re.compile(r"^\.?title[ \t]*[:=][ \t]*(?P<mark>[\"']?)(?P<title>\S.*?)(?P=mark),?[ \t\r]*$", re.M)
_DATE = re.compile(r"^\.?date[ \t]*[:=][ \t]*[\"']?(?P<date>\d{4}-\d{2}-\d{2})(?!\d)", re.M)


class FrontMatter(NamedTuple):
    """What a file says about itself before its text."""

    end: int = 0
    """Where the text begins; 0 when there is no front matter."""
    title: str | None = None
    date: str | None = None
    """In ISO form."""


def read_front_matter(raw: str) -> FrontMatter:
    """Return the front matter of ``raw``; of none, where what stands between the rules is not all keys and values."""
    block = _BLOCK.match(raw)
    if not block:
        return FrontMatter()
    lines = block["lines"].splitlines()
    if not any(map(_KEY.match, lines)) or not all(map(_LINE.match, lines)):
        return FrontMatter()
    title, date = _TITLE.search(block["lines"]), _DATE.search(block["lines"])
    return FrontMatter(block.end(), title["title"] if title else None, date["date"] if date else None)
