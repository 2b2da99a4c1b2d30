"""Tables as grids of cells: which rows name the columns, which are captions, and what is no table at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from vectorstore.reading.placed import Text, as_text

_NUMBER = re.compile(r"[(（]?[-+−–±<>≤≥~]?\s?[$¥€£]?\s?\d[\d,.\s]*\s?(?:%|‰|pp|[kKmMbn]{1,2})?[)）]?")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_MOST_HEADER_ROWS = 4
_LONGEST_REPEATED = 40
"""Characters of a row's label that is written again for each row that it is merged over."""
_LONGEST_CELL = 600
"""Characters of a cell: a table with a longer one is a page's layout, and is read as paragraphs."""
EMPTY = Text("")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a grid."""

    content: Text = EMPTY
    spread: Literal["", "across", "down"] = ""
    """Set where it repeats a cell that is merged over several columns (or rows), whose first place is another."""

    @classmethod
    def of(cls, content: str | Text) -> Cell:
        return cls(as_text(content).one_line())

    def again(self, spread: Literal["across", "down"]) -> Cell:
        """Return this cell for another place that it is merged over."""
        return Cell(self.content, spread)

    @property
    def text(self) -> str:
        return self.content.text


Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows that are no part of a table: a caption, a unit, a note below it."""

    lines: list[list[Text]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the first row names the columns."""

    rows: list[list[list[Text]]]
    """For each row, for each column: the texts of its cell, several where header rows were put together."""


def parts(rows: Sequence[Row], header: int | None = None, names: Sequence[str] | None = None) -> list[Lines | Table]:
    """Return what a grid consists of: captions above, the table, notes below.

    Args:
        rows: as many cells in each.
        header: how many rows name the columns; found out when None.
        names: of the columns of the table before, which this one may go on with: it does where it has as many columns
            and begins with figures.
    """
    grid = _without_empty(rows)
    above = list(takewhile(_is_line, grid))
    if header is not None:
        above = above[: max(0, header - 1)] if len(above) < header else above[:0]
    body = grid[len(above) :]
    below: list[Row] = []
    while body and _is_line(body[-1]) and len(body) > 1:
        below.insert(0, body[-1])
        body = body[:-1]
    found: list[Lines | Table] = [_lines(above)] if above else []
    if names is not None and body and len(body[0]) == len(names) and _has_figures(body[0]):
        body = [[Cell(Text(name)) for name in names], *body]  # they stand elsewhere, so they have no boxes here
        header = len(above) + 1
    found += _sections(body, None if header is None else max(1, header - len(above)))
    return [*found, _lines(below)] if below else found


def _sections(body: list[Row], header: int | None) -> list[Lines | Table]:
    """Return the tables that rows merged over all columns divide a table into; figures go on under the same header."""
    body = _without_empty(body)
    if len(body) < 2 or len(body[0]) < 2 or any(len(cell.text) > _LONGEST_CELL for row in body for cell in row):
        return [_lines(body)] if body else []
    header = _header_rows(body) if header is None else header
    cut = next((index for index in range(header, len(body)) if _is_divider(body[index])), None)
    if cut is None:
        return list(_tables(body, header))
    found: list[Lines | Table] = [*_tables(body[:cut], header)] if cut > header else [_lines(body[:cut])]
    rest = body[cut + 1 :]
    same = rest and _has_figures(rest[0]) and not _has_figures(body[0])
    more = _sections([*body[:header], *rest], header) if same else _sections(list(rest), None)
    return [*found, _lines(body[cut : cut + 1]), *more]


def _is_divider(row: Row) -> bool:
    """Whether a row is one cell, merged over all columns."""
    return bool(row[0].text) and all(cell.spread == "across" and cell.text == row[0].text for cell in row[1:])


def _without_empty(rows: Sequence[Row]) -> list[Row]:
    """Return rows without empty rows and columns."""
    width = max((len(row) for row in rows), default=0)
    even = [[*row, *[Cell()] * (width - len(row))] for row in rows]
    full = [column for column in range(width) if any(row[column].text and not row[column].spread for row in even)]
    shown = [[row[column] for column in full] for row in even]
    return [row for row in shown if any(cell.text for cell in row)]


def _is_line(row: Row) -> bool:
    """Whether a row says one thing only."""
    return len({cell.text for cell in row if cell.text and cell.spread != "down"}) <= 1


def _header_rows(rows: Sequence[Row]) -> int:
    """Return how many rows name the columns: those that merged cells hold together, or that fill each other's gaps."""
    count = 1
    while count < min(_MOST_HEADER_ROWS, len(rows) - 1):
        last, following = rows[count - 1], rows[count]
        merged = any(cell.spread == "down" for cell in following) or any(cell.spread == "across" for cell in last[1:])
        gaps = count == 1 and any(not cell.text for cell in last[1:]) and not following[0].text
        if not (merged or gaps) or _has_figures(last) or _has_figures(following) or _is_divider(following):
            break
        count += 1
    return count


def _has_figures(row: Row) -> bool:
    """Whether a row has a figure beside its label."""
    return any(is_number(cell.text) for cell in row[1:] if not cell.spread)


def is_number(text: str) -> bool:
    """Whether a cell holds a figure; a year may name a column."""
    return _NUMBER.fullmatch(text) is not None and _YEAR.fullmatch(text) is None


def _tables(rows: Sequence[Row], header: int) -> list[Table]:
    """Return the table; the two tables where it is printed in two halves, side by side under the same names."""
    half, odd = divmod(len(rows[0]), 2)
    names = [cell.text for cell in rows[min(header, len(rows) - 1) - 1]]
    if odd or half < 2 or names[:half] != names[half:] or not all(names):
        return [_table(rows, header)]
    parts = [[row[:half] for row in rows], [row[half:] for row in rows]]
    return [_table([row for row in part if any(cell.text for cell in row)], header) for part in parts]


def _table(rows: Sequence[Row], header: int) -> Table:
    header = min(header, len(rows) - 1)
    columns = zip(*rows[:header], strict=True)
    names = [_distinct([cell.content for cell in column]) for column in columns]
    return Table([names, *(_shown(row) for row in rows[header:])])


def _shown(row: Row) -> list[list[Text]]:
    """Return what the cells of a row show: a label that is merged over rows again, anything else once."""
    shown: list[list[Text]] = []
    for index, cell in enumerate(row):
        left = row[index - 1].text if index else ""
        again = cell.spread == "down" and len(cell.text) <= _LONGEST_REPEATED and cell.text != left
        is_shown = cell.text and (not cell.spread or (again and not is_number(cell.text)))
        shown.append([cell.content] if is_shown else [])
    return shown


def _lines(rows: Sequence[Row]) -> Lines:
    return Lines([_distinct([cell.content for cell in row if cell.spread != "down"]) for row in rows])


def _distinct(texts: Sequence[Text]) -> list[Text]:
    return list({text.text: text for text in reversed(texts) if text.text}.values())[::-1]
