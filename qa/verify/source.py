"""A piece of evidence in the forms that verification compares: squashed text, words, quantities, clauses."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

from qa.text.quantities import Kind, Quantity, quantities
from qa.verify.cells import read_by_head
from qa.verify.lexicon import REPORTING
from vectorstore.injection import without_orders
from vectorstore.text.sentences import TERMINALS, split_text
from vectorstore.text.words import STOPWORDS, normalise, words

_MARKS = re.compile(r"[\[【［]\s*p?\d+(?:\s*[,，、;；-]\s*p?\d+)*\s*[\]】］]", re.I)
_LIST_NUMBER = re.compile(
    r"^(?:\(?\d{1,2}[)）.]\s+|\d{1,2}、|[(（]\d{1,2}[)）]\s*|[①-⑳]\s*|[-*•·]\s+|第[一二三四五六七八九十][，,、:：]\s*)"
)
_COUNTED_ON = re.compile(
    r"(?:(?:^|(?<=[。；;：:，,|\n])|(?<=[;:,.!?]\s)|(?<=\band\s))[(（](\d{1,2})[)）]"
    r"|(?:^|(?<=[。；;：:，\n])|(?<=[;:]\s))(?<!\d[:：，])(\d{1,2})(?:[.、](?!\d)|[)）])|([①-⑳]))\s*"
)
_RANK = re.compile(r"^\|?\s*\d{1,2}\s*(?=\|)")
"""The number of a table's row, in its first cell."""
_GROUP = re.compile(rf"[；;{TERMINALS}\n]|\.(?=\s|$)")
_CLAUSE = re.compile(r"[，：:—\n]|,(?!\d)|(?<!\d),")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_SKIP = STOPWORDS | REPORTING


def bare(text: str) -> str:
    """Return ``text`` without citation marks, a list item's number, and surrounding white space."""
    return _LIST_NUMBER.sub("", _MARKS.sub("", text).strip())


def unnumbered(text: str) -> str:
    """Return ``text`` without the numbers that it gives its own points, "(1) ...; (2) ..." or a table's row.

    They count on from 1; from 2 where ``bare`` has taken off the first one.
    """
    text = _RANK.sub("", text)
    kept, at, following = [], 0, 0
    for mark in _COUNTED_ON.finditer(text):
        number = int(unicodedata.numeric(mark[3])) if mark[3] else int(mark[1] or mark[2])
        if number == following or (not following and number in (1, 2)):
            kept.append(text[at : mark.start()])
            at, following = mark.end(), number + 1
    return "".join([*kept, text[at:]])


@lru_cache(maxsize=4096)
def squash(text: str) -> str:
    """Return ``text`` in normal form without white space, as strings are compared here."""
    return re.sub(r"\s+", "", normalise(text))


@lru_cache(maxsize=4096)
def quantities_of(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of ``text``, which is in normal form."""
    return tuple(quantities(text))


def dated(quantity: Quantity) -> Quantity | None:
    """Return a date, and a year by itself as one; None for anything else."""
    if quantity.kind is Kind.DATE:
        return quantity
    text = quantity.text.strip()
    if quantity.kind is Kind.NUMBER and not quantity.unit and _YEAR.fullmatch(text):
        return replace(quantity, kind=Kind.DATE, date=(int(text), None, None))
    return None


@lru_cache(maxsize=4096)
def content_words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` that carry content: no stop words, no quantities, no verbs of reporting."""
    text = normalise(text)
    for quantity in reversed(quantities_of(text)):
        if not quantity.article:
            text = f"{text[: quantity.start]} {text[quantity.end :]}"
    return tuple(word for word in words(text) if word not in _SKIP and not any(char.isdigit() for char in word))


@dataclass(frozen=True)
class Clause:
    """A stretch between commas, and which group (between semicolons or full stops) it belongs to."""

    text: str
    group: int

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(content_words(self.text))

    @cached_property
    def tokens(self) -> frozenset[str]:
        """All words, those without content too."""
        return frozenset(words(self.text))

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return quantities_of(self.text)


@lru_cache(maxsize=2048)
def clauses(text: str) -> tuple[Clause, ...]:
    """Return the clauses of ``text`` in normal form, empty ones left out."""
    found = []
    for number, group in enumerate(_GROUP.split(normalise(text))):
        found += [Clause(part, number) for part in _CLAUSE.split(group) if any(char.isalnum() for char in part)]
    return tuple(found)


class Edges(NamedTuple):
    """A squashed text, and the offsets in it where sentences begin, and where they or parts before semicolons end."""

    text: str
    starts: frozenset[int]
    ends: frozenset[int]


@dataclass(frozen=True)
class Source:
    """A piece of evidence: a quote, the title and section above it, and the id of its document."""

    quote: str
    context: str
    document: str
    passage: str = ""
    """The passage that the quote is cut from: what it says of other figures. No claim rests on it."""

    @cached_property
    def text(self) -> str:
        """The quote without instructions to a language model: those are no evidence."""
        return without_orders(self.quote)

    @cached_property
    def squashed(self) -> str:
        return squash(self.text)

    @cached_property
    def edges(self) -> Edges:
        text, starts, ends = "", set[int](), set[int]()
        for sentence in split_text(self.text):
            squashed, unmarked = squash(sentence), squash(bare(sentence))
            starts |= {len(text), len(text) + (len(squashed) - len(unmarked)) * squashed.endswith(unmarked)}
            ends |= {len(text) + at for at, char in enumerate(squashed) if char == ";"}
            text += squashed
            ends.add(len(text))
        return Edges(text, frozenset(starts), frozenset(ends))

    @cached_property
    def whole(self) -> str:
        """Quote and context, for words and names: squashed for Chinese, and as they are for English."""
        return "\n".join((self.squashed, squash(self.context), normalise(self.text), normalise(self.context)))

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        return clauses(self.text)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return quantities_of(normalise(self.text))

    @cached_property
    def cells(self) -> tuple[Quantity, ...]:
        """Bare figures as a table's head reads them: 48.36 under "亿元" is 4,836,000,000. No years."""
        figures = [quantity for quantity in self.quantities if not dated(quantity)]
        return tuple(read_by_head(normalise(self.text), figures, normalise(self.context)))

    @cached_property
    def dated(self) -> tuple[tuple[str, tuple[Quantity, ...]], ...]:
        """Each group of clauses that has dates, and them."""
        groups: dict[int, list[Clause]] = {}
        for clause in self.clauses:
            groups.setdefault(clause.group, []).append(clause)
        found = []
        for members in groups.values():
            dates = tuple(date for clause in members for q in clause.quantities if (date := dated(q)))
            if dates:
                found.append(("\n".join(clause.text for clause in members), dates))
        return tuple(found)

    @cached_property
    def years(self) -> tuple[Quantity, ...]:
        """Years that the title gives ("2019年度报告", "Annual Report 2023"); its other numbers are no evidence."""
        dates = (date for q in quantities_of(normalise(self.context)) if (date := dated(q)))
        return tuple(date for date in dates if date.date[0] is not None)
