"""How the reader reads a table's row: below the names of those columns that the question may ask for.

A wide row is longer than the reader reads, and figures that nobody asked for make it unsure. So of the columns of
figures only those are read whose names have most of the question's words, where any has. What says what the row is
about stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vectorstore.text.language import has_han
from vectorstore.text.tables import figure_columns, kept_columns, quoted_row
from vectorstore.text.words import STOPWORDS, normalise, stem, words


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A table's row, quoted with its header, and the columns of figures in it that a question may ask for."""

    quoted: str
    labels: tuple[int, ...]
    """The columns that say what the row is about: the first, and those without a figure."""
    columns: tuple[int, ...]
    """Those whose names have most of the question's words; all columns of figures where none has any; none where the
    name of one may be that of the nameless column beside it too."""
    is_named: bool
    """Whether any has."""

    def named_by(self, question: str) -> frozenset[str]:
        """Return what of the row's names stands in a question; both in normal form."""
        row = quoted_row(self.quoted)
        names = {normalise(row.cells[at]) for at in self.labels} if row is not None else set()
        return frozenset(name for name in names if len(name) > 1 and re.search(_whole(name), question))

    @property
    def text(self) -> str:
        """The row as it is read."""
        return self._part(self.columns) if self.is_named else self.quoted

    @property
    def cells(self) -> list[str]:
        """The same for each of the columns alone."""
        return [self._part([column]) for column in self.columns]

    def _part(self, columns: Iterable[int]) -> str:
        kept = kept_columns(self.quoted, {*self.labels, *columns})
        return "".join(self.quoted[start:end] for start, end in kept) or self.quoted


def read_row(text: str, asked: frozenset[str]) -> ReadRow | None:
    """Return a quoted row as the reader reads it; None where ``text`` is none.

    Args:
        asked: the question's words, see ``asked_words``.
    """
    row = quoted_row(text)
    if row is None:
        return None
    figures = figure_columns(row)
    labels = tuple(at for at in range(len(row.cells)) if at == 0 or (row.cells[at] and at not in figures))
    shared = {at: sum(map(len, asked & asked_words(row.header[at]))) for at in figures}
    most = max(shared.values(), default=0)
    columns = tuple(at for at in figures if not most or shared[at] == most)
    if any(at + 1 in figures and not row.header[at + 1] for at in columns):
        return ReadRow(text, labels, (), False)
    return ReadRow(text, labels, columns, most > 0)


def asked_words(text: str) -> frozenset[str]:
    """Return the words by which a question may name a column: no stop words, and no single Chinese characters."""
    found = (word for word in words(text) if word not in STOPWORDS)
    return frozenset(stem(word) for word in found if len(word) > 1 or not has_han(word))


def beside_named(sentences: Sequence[str], question: str) -> list[bool]:
    """Return for each sentence whether it is the row of a table of which a question names another row.

    The rows of a table differ in little but their names, and the reader takes "HF-105" for "HF-104".
    """
    asked, normal = asked_words(question), normalise(question)
    rows = [read_row(sentence, asked) for sentence in sentences]
    named = [frozenset[str]() if row is None else row.named_by(normal) for row in rows]
    tables: dict[str, set[frozenset[str]]] = {}
    for sentence, names in zip(sentences, named, strict=True):
        tables.setdefault(_above(sentence), set()).add(names)
    return [
        row is not None and any(other > names for other in tables[_above(sentence)])
        for sentence, row, names in zip(sentences, rows, named, strict=True)
    ]


def _above(row: str) -> str:
    """Return the lines that a row is quoted with: those of one table have the same."""
    return row.strip().rpartition("\n")[0]


def _whole(name: str) -> str:
    """Return a pattern of a name that is no part of another Latin word or number."""
    return rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])"


def as_read(sentences: Iterable[str], question: str) -> list[str]:
    """Return a passage's sentences as they are read for a question."""
    asked = asked_words(question)
    return [sentence if (row := read_row(sentence, asked)) is None else row.text for sentence in sentences]
