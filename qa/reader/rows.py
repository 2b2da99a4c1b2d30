"""How the reader reads a table's row: below the names of those columns that the question may ask for.

A wide row is longer than the reader reads, and figures that nobody asked for make it unsure. So of the columns of
figures only those are read whose names have most of the question's words, where any has. What says what the row is
about stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vectorstore.text.language import has_han
from vectorstore.text.tables import figure_columns, kept_columns, quoted_row
from vectorstore.text.words import STOPWORDS, stem, words


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A table's row, quoted with its header, and the columns of figures in it that a question may ask for."""

    quoted: str
    labels: tuple[int, ...]
    """The columns that say what the row is about: the first, and those without a figure."""
    columns: tuple[int, ...]
    """Those whose names have most of the question's words; all columns of figures where none has any."""
    is_named: bool
    """Whether any has."""

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
    most = max(shared.values(), default=0) if all(row.header[at] for at in figures) else 0
    return ReadRow(text, labels, tuple(at for at in figures if not most or shared[at] == most), most > 0)


def asked_words(text: str) -> frozenset[str]:
    """Return the words by which a question may name a column: no stop words, and no single Chinese characters."""
    found = (word for word in words(text) if word not in STOPWORDS)
    return frozenset(stem(word) for word in found if len(word) > 1 or not has_han(word))


def as_read(sentences: Iterable[str], question: str) -> list[str]:
    """Return a passage's sentences as they are read for a question."""
    asked = asked_words(question)
    return [sentence if (row := read_row(sentence, asked)) is None else row.text for sentence in sentences]
