"""Thoughts in a model's text: takes what stands between <think> and </think> out of a stream as it comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from qa.types import Thinking

OPENING = ("<think>", "<thinking>", "<thought>", "<reasoning>", "<seed:think>", "[think]", "◁think▷")
CLOSING = ("</think>", "</thinking>", "</thought>", "</reasoning>", "</seed:think>", "[/think]", "◁/think▷")
_OPEN = re.compile("|".join(map(re.escape, OPENING)), re.I)
_CLOSE = re.compile("|".join(map(re.escape, CLOSING)), re.I)

Style = Literal["unknown", "marked", "unopened"]
"""How an endpoint writes thoughts into its text: "marked" between two tags, or not at all; "unopened" without the
opening tag, which the chat template has put into the prompt; "unknown" until a first call has shown it."""


class ThoughtSplitter:
    """Splits one call's text into answer and thoughts.

    While the style is unknown, text is held back until a closing tag or the end shows whether it was a thought.

    Attributes:
        style: as it was given, and as this call has shown it once ``finish`` has returned.
    """

    def __init__(self, style: Style) -> None:
        self.style: Style = style
        self._thinking = self._assumed = style == "unopened"
        self._buffer = ""
        self._held: list[str] = []
        """Text that may turn out to be a thought, or, with ``_assumed``, thoughts that may turn out to be text."""

    def thoughts_come_apart(self) -> None:
        """Note that this endpoint sends thoughts in a field of their own."""
        if self.style == "unknown":
            self.style = "marked"

    def feed(self, text: str) -> Iterator[str | Thinking]:
        """Yield what is certain once ``text`` has been added."""
        self._buffer += text
        while found := self._next_tag():
            before, self._buffer = self._buffer[: found.start()], self._buffer[found.end() :]
            yield from self._tagged(before, closes=_CLOSE.fullmatch(found[0]) is not None)
        kept = _partial_tag(self._buffer)
        before, self._buffer = self._buffer[: len(self._buffer) - kept], self._buffer[len(self._buffer) - kept :]
        yield from self._passed(before)

    def finish(self, whole: bool) -> Iterator[str | Thinking]:
        """Yield the rest.

        Args:
            whole: the model ended of its own accord, so that a thought without a closing tag was none.
        """
        rest, self._buffer = self._buffer, ""
        yield from self._passed(rest)
        if self._assumed:
            if whole:
                self.style = "marked"
                yield from self._held
        else:
            yield from self._held
            if whole and self.style == "unknown":
                self.style = "marked"
        self._held = []

    def _next_tag(self) -> re.Match[str] | None:
        if self._thinking:
            return _CLOSE.search(self._buffer)
        found = [match for match in (_OPEN.search(self._buffer), _CLOSE.search(self._buffer)) if match]
        return min(found, key=lambda match: match.start(), default=None)

    def _tagged(self, before: str, closes: bool) -> Iterator[str | Thinking]:
        """Yield what a tag has made certain."""
        if not closes:
            yield from self._passed(before)
            if not "".join(self._held).strip():
                self.thoughts_come_apart()
            self._thinking = True
            return
        if not self._thinking:
            self.style = "unopened"
        if self._thinking and not self._assumed:
            yield from _thought(before)
        else:
            yield from _thought(before if self._assumed else "".join(self._held) + before)
            self._held = []
        self._thinking = self._assumed = False

    def _passed(self, text: str) -> Iterator[str | Thinking]:
        """Yield text in which there is no tag, or hold it back."""
        if not text:
            return
        if self._thinking:
            if self._assumed:
                self._held.append(text)
            yield Thinking(text)
        elif self.style == "unknown":
            self._held.append(text)
        else:
            yield from self._held
            self._held = []
            yield text


def _thought(text: str) -> Iterator[Thinking]:
    if text:
        yield Thinking(text)


def _partial_tag(text: str) -> int:
    """Return how many characters at the end of ``text`` may be the beginning of a tag."""
    longest = max(map(len, CLOSING)) - 1
    for length in range(min(longest, len(text)), 0, -1):
        tail = text[-length:].lower()
        if any(tag.startswith(tail) for tag in (*OPENING, *CLOSING)):
            return length
    return 0
