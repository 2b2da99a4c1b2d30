"""Citation labels: what passages are called in a prompt, and how models write that: [P1][P2], 【P1】, [P1-P3]."""

from __future__ import annotations

import re
import unicodedata

PREFIX = "P"
LONGEST_RANGE = 10
"""A range of more labels than this names no passages in particular."""

_LABEL = r"(?:[A-Za-zＡ-Ｚａ-ｚ]{1,8}|来源|资料|段落|文献|引用|出处)?[\s:：#_-]?[0-9０-９]{1,3}"
_SEPARATOR = r"(?:\s*(?:[,，、;；/&和与~～至–—-]|and|to)\s*|\s+)"
_OURS = r"[PpＰｐ][0-9０-９]{1,3}"
GROUP = re.compile(
    rf"[\[【［〖]\s*\^?{_LABEL}(?:{_SEPARATOR}{_LABEL})*\s*[\]】］〗]|[(（]\s*{_OURS}(?:{_SEPARATOR}{_OURS})*\s*[)）]"
)
"""A bracket that holds nothing but labels. In round brackets only ours count: (3) is a list item's number."""
_BETWEEN_GROUPS = re.compile(rf"(?<=[\]】］〗)）])\s*[、,，;；]\s*(?={GROUP.pattern})")
OPENERS = "[【［〖(（"
_ONE = re.compile(_LABEL)
_RANGE = re.compile(r"\s*(?:[~～至–—-]|to)\s*")


def label(number: int) -> str:
    """Return the label of the passage with this number, from 1."""
    return f"{PREFIX}{number}"


def take_labels(text: str) -> tuple[str, tuple[str, ...]]:
    """Return ``text`` without its citation labels, and them in normal form ("P1"), in order and each once."""
    text = _BETWEEN_GROUPS.sub("", text)
    found: list[str] = []
    for group in GROUP.finditer(text):
        found += _labels_of(group[0])
    return GROUP.sub("", text), tuple(dict.fromkeys(found))


def _labels_of(group: str) -> list[str]:
    found: list[str] = []
    end = 0
    for match in _ONE.finditer(group):
        name = re.sub(r"[\s:#_-]", "", unicodedata.normalize("NFKC", match[0])).upper()
        if found and _RANGE.fullmatch(group[end : match.start()]):
            found += _between(found[-1], name)
        found.append(name)
        end = match.end()
    return found


def _between(first: str, last: str) -> list[str]:
    """Return the labels inside a range: P2 and P3 of P1-P4; none when it is no range, or too long a one."""
    low, high = first.removeprefix(PREFIX), last.removeprefix(PREFIX)
    if low.isdigit() and high.isdigit() and 0 < int(high) - int(low) <= LONGEST_RANGE:
        return [label(number) for number in range(int(low) + 1, int(high))]
    return []
