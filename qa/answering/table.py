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
from qa.text.quantities import Kind, Quantity, quantities
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
_TOTAL = re.compile(r"合计|总计|小计|全[国省市县区]|\b(?:sub-?)?totals?\b|\boverall\b", re.I)
"""Says in the first cell that a row sums up others."""
_OF_THE_TABLE = ("表", "表里", "表中", "表格", "table", "row", "list")
_SUM = Decimal("0.005")
"""How far a row of totals may be from the sum, as a share of it."""


_MOST_FIRST = 3
"""Rows that may share the first place; more say little."""


@dataclass(frozen=True, slots=True)
class _Row:
    unit: CandidateSentence
    cells: list[str]

    def figure(self, column: int) -> Quantity | None:
        """Return the number in a column; None where there is none, or more than one."""
        found = [one for one in quantities(self.cells[column]) if one.kind is Kind.NUMBER and one.value is not None]
        return found[0] if len(found) == 1 else None


def first_rows(query: Query, parts: Sequence[RankedSentences], library: Corpus) -> list[CandidateSentence]:
    """Return the row that comes first in the column that ``query`` asks for, or those that share that place.

    None unless the question's words all stand in the table's head, title or section. A row without a figure might come
    first, so one alone does only where every row has one. All rows are looked at, whichever were found.
    """
    if query.order is None or query.list_lengths or _PLACE.search(query.normal) or _TIME.search(query.normal):
        return []
    if any(p.part.names for p in parts[1:]):
        return []
    for unit in _heads(parts):
        rows = _rows(unit, library)
        header = cells(_lines(unit)[-2])
        column = _column(query, header)
        if column is None or len(rows) < 2 or any(len(row.cells) != len(header) for row in rows):
            continue
        if _says_all(query, unit) and (best := _best(query, rows, column)):
            return [row.unit for row in best]
    return []


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
    figures = [(figure.value, row) for row in single if (figure := row.figure(column)) and figure.value is not None]
    values = [value for value, _ in figures]
    kept = [(value, row) for value, row in figures if told or not _is_total(value, values)]
    if len(kept) < 2:
        return []
    first = (max if query.order is Order.LARGEST else min)(value for value, _ in kept)
    best = [row for value, row in kept if value == first]
    if len(best) == len(kept) or len(best) > _MOST_FIRST:
        return []
    return best if len(best) > 1 or len(figures) == len(single) else []


def _is_total(value: Decimal, values: Sequence[Decimal]) -> bool:
    """Whether a figure is the sum of all the others."""
    others = sum(values) - value
    return len(values) > 2 and value != 0 and abs(others - value) <= _SUM * abs(value)
