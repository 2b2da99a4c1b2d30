"""The English question that a follow-up leans on, read once, with what the library knows about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from qa.question.english_phrases import YEARS, Phrase, Word, names, read

YEAR_BEFORE = re.compile(
    r"\b(?:in |during )?(?:the )?(?:year before(?: that)?|(?:previous|prior|preceding) year|a year earlier)\b", re.I
)
YEAR_AFTER = re.compile(
    r"\b(?:in |during )?(?:the )?(?:year after(?: that)?|(?:following|next) year|a year later)\b", re.I
)
YEAR_SAME = re.compile(r"\b(?:in |during )?(?:that|the same) year\b|\b(?:then|at (?:that|the) time)\b(?=\W*$)", re.I)


@dataclass(frozen=True)
class Earlier:
    """The question that a follow-up leans on, read once."""

    text: str
    answer: str
    """To it, as said; may be empty."""
    mentioned: tuple[str, ...]
    """The names in it that single documents out, normalised."""
    nearest: Callable[[str, Sequence[str]], int | None]
    """Which of several phrases another one is most like, or None where that is a toss-up."""
    holds: Callable[[str], bool]
    """Whether the documents that ``text`` names speak of something by that name."""
    is_common: Callable[[str], bool]
    """Whether documents write a phrase with a small letter: "expenses", unlike "Hillside"."""

    @cached_property
    def words(self) -> list[Word]:
        return read(self.text, self.mentioned)

    @property
    def named(self) -> list[Phrase]:
        return names(self.words, self.text)

    @property
    def topic(self) -> str:
        """Return the names that single documents out, as written; empty where there are none."""
        return " and ".join(dict.fromkeys(phrase.text for phrase in self.own(self.named)))

    def own(self, phrases: Sequence[Phrase]) -> list[Phrase]:
        """Return those of ``phrases`` that single documents out."""
        known = {word for name in self.mentioned for word in name.split()}
        return [phrase for phrase in phrases if known & set(phrase.text.lower().split())]

    def with_piece(self, piece: Phrase, other: str) -> str:
        return f"{self.text[: piece.start]}{other}{self.text[piece.end :]}"

    def with_end(self, end: str) -> str:
        return f"{self.text.rstrip(' ?.!')} {end}"


def moved_year(rest: str, before: Earlier) -> str | None:
    """Return the year before, or after, the only one that ``before`` names, in its form; None without one."""
    year = only_year(before)
    return _moved(year, 1 if YEAR_AFTER.search(rest) else -1) if year else None


def only_year(before: Earlier) -> str:
    """Return the year that ``before`` names; nothing where it names none, or several."""
    found = YEARS.findall(before.text)
    return found[0] if len(found) == 1 else ""


def _moved(year: str, by: int) -> str:
    first, slash, second = year.partition("/")
    return f"{int(first) + by}{slash}{(int(second) + by) % 100:02d}" if slash else str(int(first) + by)
