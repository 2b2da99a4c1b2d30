"""Whole characters of a text that comes in pieces."""

from __future__ import annotations


class CharacterJoiner:
    """Joins characters that come in two halves (surrogates), and leaves out a half that stays alone."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """Return the whole characters that there are with ``text``."""
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        whole = text.removesuffix(self._half) if self._half else text
        return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
