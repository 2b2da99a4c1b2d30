"""How the reader reads a table's row: below the names of those columns that the question may ask for.

A wide row is longer than the reader reads, and figures that nobody asked for make it unsure. So of the columns of
figures only those are read whose names have most of the question's words, where any has. What says what the row is
about stays, but for codes and numbers beside its name, which mean nothing to the reader. A unit that the question asks
for is read behind the figures, where the reader looks for it: "364万元" for 364 below "（单位：万元）".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from vectorstore.text.language import has_han
from vectorstore.text.tables import QuotedRow, cell_spans, cells, figure_columns, kept_columns, quoted_row
from vectorstore.text.words import STOPWORDS, normalise, stem, words

_CODE = re.compile(r"(?!(?:1[89]|20)\d\d$)\d{1,12}|")
"""A cell that only numbers its row, or is empty; a year says something."""
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"^(?:\W*(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s*[.、)):]\s*)+")
"""The number before a name or a title: "十一、", "3.", "(2)"."""
_UNIT = re.compile(r"(?:单位|\bunits?)\s*:\s*(?P<told>[^\s()|]{1,16})|\((?P<aside>[^()]{1,16})\)")
"""Says in what the figures below are given: "(tonnes)", "(单位:万元)"; in normal form."""
_UNIT_TOLD = re.compile(r"^(?:单位|units?)\s*:\s*")
_UNITS = re.compile(r"[、,;/和]|\band\b")
_UNIT_COLUMN = re.compile(r"(?:计量)?单位|units?")
_FIGURE = re.compile(r"[-−+]?\d[\d,.]*")
_HOW_MANY = re.compile(r"(?:多少|几|\bhow (?:many|much) )(?P<unit>.{1,16})")


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
    codes: frozenset[int] = frozenset()
    """The labels that only number the row."""
    is_empty: bool = False
    """Whether it has nothing but a name."""

    def named_by(self, question: str) -> frozenset[str]:
        """Return what of the row's names, without their numbers, stands in a question; both in normal form."""
        row = quoted_row(self.quoted)
        names = {_NUMBER.sub("", normalise(row.cells[at])) for at in self.labels} if row is not None else set()
        return frozenset(name for name in names if len(name) > 1 and re.search(_whole(name), question))

    def remarks(self, asked: frozenset[str]) -> frozenset[int]:
        """Return the labels behind the figures that state figures of their own, which may be another column's.

        "up 3.5 on last year" is said of one year; beside the value of another it would be false.

        Args:
            asked: the question's words; a column that they name is no remark.
        """
        row, first = quoted_row(self.quoted), min(self.columns, default=0)
        if row is None or not self.columns:
            return frozenset()
        behind = (at for at in self.labels if at > first and _DIGIT.search(row.cells[at]))
        return frozenset(at for at in behind if not asked & asked_words(row.header[at]))

    @property
    def text(self) -> str:
        """The row as it is read."""
        return self._part(self.columns) if self.columns else self.quoted

    @property
    def cells(self) -> list[str]:
        """The same for each of the columns alone."""
        return [self._part([column]) for column in self.columns]

    def _part(self, columns: Iterable[int]) -> str:
        kept = kept_columns(self.quoted, {*self.labels, *columns} - self.codes)
        return "".join(self.quoted[start:end] for start, end in kept) or self.quoted


def read_row(text: str, asked: frozenset[str]) -> ReadRow | None:
    """Return a quoted row as the reader reads it; None where ``text`` is none.

    Args:
        asked: the question's words, see ``asked_words``.
    """
    row = quoted_row(text)
    if row is None:
        return None
    codes = _codes(row, asked)
    figures = [at for at in figure_columns(row) if at not in codes]
    labels = tuple(at for at in range(len(row.cells)) if at == 0 or (row.cells[at] and at not in figures))
    shared = {at: sum(map(len, asked & asked_words(row.header[at]))) for at in figures}
    most = max(shared.values(), default=0)
    columns = tuple(at for at in figures if not most or shared[at] == most)
    if any(at + 1 in figures and not row.header[at + 1] for at in columns):
        return ReadRow(text, labels, (), False)
    return ReadRow(text, labels, columns, most > 0, codes, is_empty=not any(row.cells[1:]))


def _codes(row: QuotedRow, asked: frozenset[str]) -> frozenset[int]:
    """Return the columns before a row's name in words that only number it ("30107"), unless the question does too."""
    numbers = list(takewhile(lambda at: _CODE.fullmatch(row.cells[at]), range(len(row.cells))))
    after = row.cells[len(numbers)] if len(numbers) < len(row.cells) else ""
    is_name = any(map(str.isalpha, after))
    return frozenset(at for at in numbers if row.cells[at] not in asked) if is_name else frozenset()


def asked_words(text: str) -> frozenset[str]:
    """Return the words by which a question may name a column: no stop words, and no single Chinese characters."""
    found = (word for word in words(text) if word not in STOPWORDS)
    return frozenset(stem(word) for word in found if len(word) > 1 or not has_han(word))


def beside_named(sentences: Sequence[str], question: str, heads: Sequence[tuple[str, str]] = ()) -> list[bool]:
    """Return for each sentence whether it is a row beside the one that a question names.

    That is another row of the same table: rows differ in little but their names, and the reader takes "HF-105" for
    "HF-104". Or the row of the same name in another table of the document, of whose head the question has less: that of
    the year before, or of the parent company. Or a row that has nothing but a name, which heads those below it.

    Args:
        heads: of each sentence its document and the heading that it stands below; empty to compare no tables.
    """
    asked, normal = asked_words(question), normalise(question)
    rows = [read_row(sentence, asked) for sentence in sentences]
    named = [frozenset[str]() if row is None else row.named_by(normal) for row in rows]
    tables: dict[str, set[frozenset[str]]] = {}
    for sentence, names in zip(sentences, named, strict=True):
        tables.setdefault(_above(sentence), set()).add(names)
    found = [
        row is not None and (row.is_empty or any(other > names for other in tables[_above(sentence)]))
        for sentence, row, names in zip(sentences, rows, named, strict=True)
    ]
    alike: dict[tuple[str, frozenset[str]], list[tuple[int, frozenset[str]]]] = {}
    for at, (document, heading) in enumerate(heads):
        if rows[at] is not None and named[at]:
            head = _head_named(_above(sentences[at]), heading, normal, asked)
            alike.setdefault((document, named[at]), []).append((at, head))
    for same in alike.values():
        for at, head in same:
            found[at] = found[at] or any(other > head for _, other in same)
    return found


def _head_named(above: str, heading: str, question: str, asked: frozenset[str]) -> frozenset[str]:
    """Return what of a table's head a question has: words of all lines, and whole ones of those above the header."""
    lines = [_NUMBER.sub("", normalise(line)).strip() for line in (*above.splitlines()[:-1], heading)]
    titles = {line for line in lines if len(line) > 1 and re.search(_whole(line), question)}
    return frozenset(titles | (asked & asked_words(f"{above}\n{heading}")))


def _above(row: str) -> str:
    """Return the lines that a row is quoted with: those of one table have the same."""
    return row.strip().rpartition("\n")[0]


def _whole(name: str) -> str:
    """Return a pattern of a name that is no part of another Latin word or number."""
    return rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])"


def as_read(sentences: Iterable[str], question: str) -> list[str]:
    """Return a passage's sentences as they are read for a question."""
    asked, wanted = asked_words(question), _HOW_MANY.search(normalise(question))
    unit = "" if wanted is None else wanted["unit"]
    rows = ((sentence, read_row(sentence, asked)) for sentence in sentences)
    return [sentence if row is None else _with_unit(row.text, unit) for sentence, row in rows]


def _with_unit(text: str, wanted: str) -> str:
    """Return a row with its unit behind the figures that are in it, where that is the ``wanted`` one.

    Args:
        wanted: what stands behind "how many", in normal form.
    """
    row = quoted_row(text) if wanted else None
    if row is None:
        return text
    beside = next((cell for name, cell in zip(row.header, row.cells, strict=True) if _is_unit(name)), "")
    common = [normalise(beside), *_units(row.caption)]
    head, _, line = text.rpartition("\n")
    for start, end in reversed(cell_spans(line)[1:]):
        name = row.header[len(cells(line[:end])) - 1]
        unit = next((one for one in (*_units(name), *common) if one and re.match(_whole(one), wanted)), "")
        if unit and _FIGURE.fullmatch(line[start:end].strip()):
            at = start + len(line[start:end].rstrip())
            line = f"{line[:at]}{'' if has_han(unit) else ' '}{unit}{line[at:]}"
    return f"{head}\n{line}"


def _is_unit(name: str) -> bool:
    return _UNIT_COLUMN.fullmatch(normalise(name).strip()) is not None


def _units(text: str) -> list[str]:
    found = (match["told"] or match["aside"] for match in _UNIT.finditer(normalise(text)))
    return [unit.strip() for one in found for unit in _UNITS.split(_UNIT_TOLD.sub("", one))]
