"""Text whose characters may each have a box on a page: what readers hand to the Markdown writer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vectorstore.places import Box
from vectorstore.text.language import is_han

_BLANKS = re.compile(r"(?:(?<![ \t\xa0\u3000])[ \t\xa0\u3000]+)?[\n\r\x0b\x0c\x85\u2028\u2029]\s*|[ \t\xa0]{2,}|\t")
_FIGURES = re.compile(r"[-+−(),， 0-9]*[0-9][-+−(),， 0-9]*")
_RAISED = str.maketrans("0123456789+-−()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾")
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Text:
    """Some text, and the box of each of its characters where it has one."""

    text: str
    boxes: tuple[Box | None, ...] = ()
    """As many as characters, or none at all."""

    def __add__(self, other: Text) -> Text:
        if not self.boxes and not other.boxes:
            return Text(self.text + other.text)
        return Text(self.text + other.text, self.padded + other.padded)

    def __getitem__(self, part: slice) -> Text:
        return Text(self.text[part], self.boxes[part])

    @property
    def padded(self) -> tuple[Box | None, ...]:
        return self.boxes or (None,) * len(self.text)

    def replaced(self, one: str, other: str) -> Text:
        """Return it with another character for each of one kind."""
        return Text(self.text.replace(one, other), self.boxes) if one in self.text else self

    def trimmed(self) -> Text:
        """Return it without white space around it."""
        start = len(self.text) - len(self.text.lstrip())
        return self[start : len(self.text.rstrip())] if start < len(self.text) else Text("")

    def one_line(self) -> Text:
        """Return it without line ends: a blank for each, none between two Chinese characters."""
        text = self.trimmed()
        found, last = Text(""), 0
        for match in _BLANKS.finditer(text.text):
            left, right = match.span()
            ends = match[0].strip(" \t\xa0\u3000") != ""
            glued = ends and is_han(text.text[left - 1]) and is_han(text.text[right])
            found += text[last:left] + Text("" if glued else " ")
            last = right
        return found + text[last:] if last else text


def as_text(text: str | Text) -> Text:
    """Return a text without characters that no document can hold."""
    text = Text(text) if isinstance(text, str) else text
    if not _NO_TEXT.search(text.text):
        return text
    kept = [index for index, character in enumerate(text.text) if not _NO_TEXT.match(character)]
    return Text("".join(text.text[i] for i in kept), tuple(text.boxes[i] for i in kept) if text.boxes else ())


def raised(text: str, before: str) -> str:
    """Return what stands raised behind ``before``: figures as superscripts, anything else as it is.

    A thin blank parts them from a number, of which they would become digits wherever superscripts are read as figures.
    """
    if not _FIGURES.fullmatch(text):
        return text
    return ("\u202f" if before[-1:].isdecimal() else "") + text.translate(_RAISED)


def joined(texts: Sequence[Text], between: str = " ") -> Text:
    """Return texts as one, with ``between`` in between."""
    words: list[str] = []
    boxes: list[Box | None] = []
    placed = any(text.boxes for text in texts)
    for text in texts:
        if words:
            words.append(between)
            boxes.extend([None] * len(between))
        words.append(text.text)
        if placed:
            boxes.extend(text.padded)
    return Text("".join(words), tuple(boxes) if placed else ())
