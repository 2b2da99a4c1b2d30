"""Superlatives over a table ("哪个乡镇漏损率最高"): the rows that the figures of the asked column put first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from qa.question.answer_types import LARGEST, SMALLEST
from qa.question.query import Order, Query
from qa.ranking.base import CandidateSentence, RankedSentences
from qa.text.quantities import Kind, quantities
from vectorstore.text.language import has_han
from vectorstore.text.tables import cells
from vectorstore.text.words import STOPWORDS, normalise, stem, terms, words

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

_LOOKED_AT = 8
"""Best sentences of a document among which a row of the table must be."""
_PLACE = re.compile(r"第[二三四五六七八九十\d]|\b(?:second|third|fourth|fifth|\d+(?:nd|rd|th))\b", re.I)
_TIME = re.compile(r"[最更][新早晚近]|\b(?:latest|earliest|later|earlier|newest|oldest|recent)\b", re.I)
"""Which of several in time: "the latest turnover" is not the largest one."""
_TOTAL = re.compile(r"合计|总计|小计|全[国省市县区]|\b(?:sub-?)?totals?\b|\boverall\b|^all\b", re.I)
"""Says in the first cell that a row sums up others."""
_OF_THE_TABLE = ("表", "表里", "表中", "表格", "table", "row", "list")
_SUM = Decimal("0.005")
"""How far a row of totals may be from the sum, as a share of it."""
_OF_ALL = re.compile(r"最|\b(?:most|(?:high|low|larg|small|few|bigg|great|long|short|cheap)est)\b", re.I)
"""Compares one with all others, and not two: "Did more people reply than before?" asks for no row."""
_HOW_MUCH = re.compile(r"多少|几|多[大高长久]|\bhow (?:many|much|long|high|large)\b", re.I)
"""Asks for a figure, of a row that is named: "学生版单个附件最大多大"."""
_FALLS = re.compile(r"[降减跌]|下滑|\b(?:f[ae]ll|drop|declin|decreas|reduc)", re.I)
"""Asks for the largest change downwards."""
_NEGATIVE = re.compile(r"[-–−]|[(（][^()（）]*[)）]$")
"""Begins a cell with a figure below nought; accounts put it in brackets."""
_MOST_FIRST = 3
"""Rows that may share the first place; more say little."""


@dataclass(frozen=True, slots=True)
class _Row:
    unit: CandidateSentence
    cells: list[str]

    def figure(self, column: int) -> Decimal | None:
        """Return the number in a column; None where there is none, or more than one."""
        cell = self.cells[column]
        found = [one.value for one in quantities(cell) if one.kind is Kind.NUMBER and one.value is not None]
        if len(found) != 1:
            return None
        return -abs(found[0]) if _NEGATIVE.match(cell) else found[0]


def first_rows(query: Query, parts: Sequence[RankedSentences], library: Corpus) -> list[CandidateSentence]:
    """Return the row that comes first in the column that ``query`` asks for, or those that share that place.

    None unless the question's words all stand in the table's head, title or section, or the best sentence, which is
    sure to answer, is a row of it; then the column whose name means most nearly what is asked decides. A row without a
    figure might come first, so one alone does only where every row has one. All rows are looked at, whichever were
    found.
    """
    if query.order is None or query.list_lengths or _PLACE.search(query.normal) or _TIME.search(query.normal):
        return []
    if any(p.part.names for p in parts[1:]):
        return []
    for unit in _heads(parts):
        header, rows = _table(unit, library)
        column = _column(query, header)
        if column is not None and rows and _says_all(query, unit) and (best := _best(query, rows, column)):
            return [row.unit for row in best]
    return _first_of_best(query, parts[0], library)


def _first_of_best(query: Query, found: RankedSentences, library: Corpus) -> list[CandidateSentence]:
    """Return the rows that come first in the table whose row is the best sentence; none where that one is asked for."""
    unit = found.sentences[0]
    if not _OF_ALL.search(query.normal) or _HOW_MUCH.search(query.normal):
        return []
    if not found.answers or len(_lines(unit)) < 2:
        return []
    header, rows = _table(unit, library)
    if any(_names(query.normal, normalise(row.cells[0])) for row in rows):
        return []
    figures = [at for at in range(1, len(header)) if 2 * sum(row.figure(at) is not None for row in rows) > len(rows)]
    if not figures:
        return []
    asked, *columns = library.question_vectors([query.normal, *(normalise(header[at]) for at in figures)])
    column = max(range(len(figures)), key=lambda at: float(asked @ columns[at]))
    return [row.unit for row in _best(query, rows, figures[column])]


def _names(question: str, label: str) -> bool:
    """Whether a question names a row by its label; a bare number may stand there for something else."""
    if not label or label.isdigit():
        return False
    return label in question if has_han(label) else re.search(rf"\b{re.escape(label)}\b", question) is not None


def _table(unit: CandidateSentence, library: Corpus) -> tuple[list[str], list[_Row]]:
    """Return the names of the columns and the rows of the table that ``unit`` is a row of; no rows if they differ."""
    header, rows = cells(_lines(unit)[-2]), _rows(unit, library)
    return header, rows if len(rows) > 1 and all(len(row.cells) == len(header) for row in rows) else []


def _heads(parts: Sequence[RankedSentences]) -> Iterator[CandidateSentence]:
    """Yield a row of each table among the best sentences."""
    seen = set()
    for part in parts:
        for unit in part.sentences[:_LOOKED_AT]:
            key = unit.stored.document_id, unit.stored.passage.section, *_lines(unit)[:-1]
            if len(_lines(unit)) > 1 and key not in seen:
                seen.add(key)
                yield unit


def _lines(unit: CandidateSentence) -> list[str]:
    return unit.sentence.text.splitlines()


def _rows(unit: CandidateSentence, library: Corpus) -> list[_Row]:
    """Return the rows of the table that ``unit`` is one of, in the document's order."""
    above, section = _lines(unit)[:-1], unit.stored.passage.section
    found = []
    for stored in library.passages_of(unit.stored.document_id):
        for index in range(len(stored.passage.sentences) if stored.passage.section == section else 0):
            other = CandidateSentence(stored, index)
            if len(_lines(other)) > 1 and _lines(other)[:-1] == above:
                found.append(_Row(other, cells(_lines(other)[-1])))
    return found


def _column(query: Query, header: Sequence[str]) -> int | None:
    """Return the column that shares most with the question, but for the first, which names the rows."""
    wanted = set(terms(query.normal)) - STOPWORDS
    scores = [sum(len(term) for term in wanted & set(terms(cell))) for cell in header]
    best = max(range(1, len(header)), key=scores.__getitem__, default=0)
    return best if best and scores[best] > 0 and scores.count(scores[best]) == 1 else None


def _says_all(query: Query, unit: CandidateSentence) -> bool:
    """Whether the question's words, but for those that compare, all stand above the table's figures."""
    head = normalise("\n".join([unit.stored.title, unit.stored.passage.section, *_lines(unit)[:-1]]))
    stems = set(terms(head))
    compares = (*_OF_THE_TABLE, *STOPWORDS)
    asked = [w for w in words(query.normal) if w not in compares and not LARGEST.match(w) and not SMALLEST.match(w)]
    return all(word in head if has_han(word) else word in stems or stem(word) in stems for word in asked)


def _best(query: Query, rows: list[_Row], column: int) -> list[_Row]:
    rows = [row for row in rows if any(row.cells[1:])]  # what has nothing but a name heads those below it
    single = [row for row in rows if not _TOTAL.search(row.cells[0])]
    told = len(single) < len(rows)  # which rows are totals
    figures = [(figure, row) for row in single if (figure := row.figure(column)) is not None]
    values = [value for value, _ in figures]
    kept = [(value, row) for value, row in figures if told or not _is_total(value, values)]
    if len(kept) < 2:
        return []
    least = min(value for value, _ in kept)
    falls = query.order is Order.LARGEST and least < 0 and _FALLS.search(query.normal)
    first = least if falls or query.order is Order.SMALLEST else max(value for value, _ in kept)
    best = [row for value, row in kept if value == first]
    if len(best) == len(kept) or len(best) > _MOST_FIRST:
        return []
    return best if len(best) > 1 or len(figures) == len(single) else []


def _is_total(value: Decimal, values: Sequence[Decimal]) -> bool:
    """Whether a figure is the sum of all the others."""
    others = sum(values) - value
    return len(values) > 2 and value != 0 and abs(others - value) <= _SUM * abs(value)
