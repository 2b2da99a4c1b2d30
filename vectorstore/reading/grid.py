"""Tables as grids of cells: which rows name the columns, which are captions, and what is no table at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from vectorstore.reading.placed import Text, as_text

_NUMBER = re.compile(r"[(（]?[-+−–±<>≤≥~]?\s?[$¥€£]?\s?\d[\d,.\s]*\s?(?:%|‰|pp|[kKmMbn]{1,2})?[)）]?")
_RAISED = re.compile("\u202f?[⁰¹²³⁴-⁹⁽⁾][⁰¹²³⁴-⁹⁽⁾,，]*$")
"""The mark of a note behind a figure."""
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_LABELLED = re.compile(r"[^:：]+[:：]\s*\S")
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
    has_header: bool = True
    """False for a part of a table whose header stands nowhere: all its rows have figures."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table, which may go on overleaf without its header."""

    names: tuple[str, ...]
    """Of all columns of the grid; empty for those that were left out."""
    labels: tuple[str, ...] = field(default=(), compare=False)
    """What the last row says in each column, if that is a label that stands for several rows; else empty."""


def parts(
    rows: Sequence[Row], header: int | None = None, before: Columns | None = None, is_ruled: bool = False
) -> tuple[list[Lines | Table], Columns | None]:
    """Return what a grid consists of: captions above, the table, notes below; and the columns of its last table.

    Args:
        rows: as many cells in each.
        header: how many rows name the columns; found out when None.
        before: the columns of the table before, which this one may go on with: it does where it has as many columns and
            begins with figures.
        is_ruled: lines part its rows, so that one with a single text below others is no note.
    """
    even = _even(rows)
    goes_on = before is not None and _goes_on(even, before, is_ruled)
    if before is not None and goes_on:
        even = [_named(before.names), *_with_labels(even, before.labels)]
        header = 1
    elif header is None:
        even = _with_spread_names(even)
    full = [column for column in range(len(even[0]) if even else 0) if _is_full(even, column)]
    grid: list[Row] = [[row[column] for column in full] for row in even]
    above = [] if goes_on else list(takewhile(_is_divider if is_ruled else is_caption, grid))
    if header is not None:
        above = above[: max(0, header - 1)] if len(above) < header else above[:0]
    body = grid[len(above) :]
    below: list[Row] = []
    while len(body) > 1 and (_is_divider(body[-1]) if is_ruled else is_line(body[-1]) and body[-1][0].text):
        below.insert(0, body[-1])
        body = body[:-1]
    found: list[Lines | Table] = [_lines(above)] if above else []
    found += _sections(body, None if header is None else max(1, header - len(above)))
    columns = _columns(found, full, even)
    return [*found, _lines(below)] if below else found, columns


def _named(texts: Sequence[str]) -> Row:
    """Return a row of texts that stand on another page, so that they have no boxes on this one."""
    return [Cell(Text(text)) for text in texts]


def _with_labels(rows: Sequence[Row], labels: Sequence[str]) -> list[Row]:
    """Return rows of which the first go on below labels of the page before: an empty cell is merged over them."""
    found = [list(row) for row in rows]
    for column, label in enumerate(labels):
        below = [row[column] for row in found]
        if label and len(below) > 1 and not below[0].text and below[1].spread == "down":
            end = next((at for at, cell in enumerate(below) if cell.text), len(below))
            for row in found[:end]:
                row[column] = Cell(Text(label))
    return list(found)


def _goes_on(rows: Sequence[Row], before: Columns, is_ruled: bool) -> bool:
    """Whether rows stand under the columns of the table before: as many cells, and figures before any other words."""
    labels = list(takewhile(lambda row: is_ruled and is_line(row) and not _is_divider(row), rows))
    rest = rows[len(labels) :]
    return bool(rest) and len(rest[0]) == len(before.names) and _has_figures(rest[0])


def _columns(found: Sequence[Lines | Table], full: Sequence[int], rows: Sequence[Row]) -> Columns | None:
    """Return the columns of the last table, if it has all of the grid's."""
    last = next((part for part in reversed(found) if isinstance(part, Table)), None)
    if last is None or not last.has_header or len(last.rows[0]) != len(full):
        return None
    names = dict(zip(full, (" ".join(text.text for text in cell) for cell in last.rows[0]), strict=True))
    labels = tuple(cell.text if cell.spread == "down" and not is_number(cell.text) else "" for cell in rows[-1])
    return Columns(tuple(names.get(column, "") for column in range(len(rows[0]))), labels)


def _sections(body: list[Row], header: int | None) -> list[Lines | Table]:
    """Return the tables that rows merged over all columns divide a table into; figures go on under the same header."""
    if any(len(cell.text) > _LONGEST_CELL for row in body for cell in row):
        return [_lines(body)]
    found: list[Lines | Table] = []
    while len(body) > 1 and len(body[0]) > 1:
        header = _header_rows(body) if header is None else header
        cut = next((index for index in range(header, len(body)) if _is_divider(body[index])), None)
        if cut is None:
            return [*found, *_tables(body, header)]
        end = next((index for index in range(cut, len(body)) if not _is_divider(body[index])), len(body))
        same = end < len(body) and _has_figures(body[end]) and not _has_figures(body[0])
        if cut > header:
            found += _tables(body[:cut], header)
        elif not same:
            found.append(_lines(body[:cut]))
        found.append(_lines(body[cut:end]))
        body, header = ([*body[:header], *body[end:]], header) if same else (body[end:], None)
    return [*found, _lines(body)] if body else found


def _is_divider(row: Row) -> bool:
    """Whether a row is one cell, merged over all columns."""
    return bool(row[0].text) and all(cell.spread == "across" and cell.text == row[0].text for cell in row[1:])


def _even(rows: Sequence[Row]) -> list[Row]:
    """Return rows of one length, without empty ones."""
    width = max((len(row) for row in rows), default=0)
    return [[*row, *[Cell()] * (width - len(row))] for row in rows if any(cell.text for cell in row)]


def _is_full(rows: Sequence[Row], column: int) -> bool:
    """Whether a column has a cell of its own, whose first place it is."""
    return any(row[column].text and not row[column].spread for row in rows)


def _with_spread_names(rows: list[Row]) -> list[Row]:
    """Spread a name over the columns that it stands above, where nothing in the file says that it is merged over them.

    The row above the one that names each column is meant: its only name stands above all of them, or above those
    between two empty columns; else a name stands above those up to the next one, and above none to its left.
    """
    at = next((index for index, row in enumerate(rows) if _has_figures(row)), 0)
    if at < 2 or is_line(rows[at - 1]) or any(cell.spread for row in rows[at - 2 : at] for cell in row):
        return rows
    top, names, body = rows[at - 2], rows[at - 1], rows[at:]
    places = [column for column in range(1, len(top)) if top[column].text]
    named = [column for column in range(1, len(top)) if names[column].text]
    if not places or names[0].text or len(named) < 2 or len(places) >= len(named):
        return rows
    groups = _runs([column for column in range(1, len(top)) if _is_full([names, *body], column)])
    wide: list[Cell] = list(top)
    for group in [named] if len(places) == 1 else groups:
        inside = [column for column in places if len(places) == 1 or column in group]
        for column in group if inside else ():
            owner = inside[0] if len(inside) == 1 else max([p for p in inside if p <= column], default=None)
            if owner is not None:
                wide[column] = top[owner] if column == group[0] else top[owner].again("across")
    if len(places) == 1 and places[0] not in named:
        wide[places[0]] = Cell()
    return [*rows[: at - 2], wide, *rows[at - 1 :]]


def _runs(columns: Sequence[int]) -> list[list[int]]:
    """Return numbers as runs without a gap."""
    found: list[list[int]] = []
    for column in columns:
        if found and found[-1][-1] == column - 1:
            found[-1].append(column)
        else:
            found.append([column])
    return found


def is_line(row: Row) -> bool:
    """Whether a row says one thing only."""
    return len({cell.text for cell in row if cell.text and cell.spread != "down"}) <= 1


def is_caption(row: Row) -> bool:
    """Whether a row above a table says one thing only, or several, each behind its label ("Unit: mm")."""
    return is_line(row) or all(_LABELLED.match(cell.text) for cell in row if cell.text)


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
    text = _RAISED.sub("", text)
    return _NUMBER.fullmatch(text) is not None and _YEAR.fullmatch(text) is None


def _tables(rows: Sequence[Row], header: int) -> list[Table]:
    """Return the table; where it is printed in two halves, side by side under the same names, one below the other.

    Halves are two tables where other names stand above the same ones ("Income", "Spending").
    """
    half, odd = divmod(len(rows[0]), 2)
    names = [cell.text for cell in rows[min(header, len(rows) - 1) - 1]]
    if odd or half < 2 or names[:half] != names[half:] or not all(names):
        return [_table(rows, header)]
    parts = [[row[:half] for row in rows], [row[half:] for row in rows]]
    heads = [[[cell.text for cell in row] for row in part[:header]] for part in parts]
    if heads[0] == heads[1]:
        parts = [[*parts[0], *parts[1][header:]]]
    return [_table([row for row in part if any(cell.text for cell in row)], header) for part in parts]


def _table(rows: Sequence[Row], header: int) -> Table:
    header = min(header, len(rows) - 1)
    if header == 1 and _mostly_figures(rows[0]):
        return Table([_shown(row) for row in rows], has_header=False)
    columns = list(zip(*rows[:header], strict=True))
    names = [_distinct([cell.content for cell in column]) for column in columns]
    for index in range(len(columns) - 1, 0, -1):
        if all(
            cell.spread and cell.text == left.text
            for cell, left in zip(*columns[index - 1 : index + 1][::-1], strict=True)
        ):
            names[index] = []  # one name, merged over both
    return Table([names, *(_shown(row) for row in rows[header:])])


def _mostly_figures(row: Row) -> bool:
    """Whether a row that should name columns holds figures instead."""
    filled = [cell.text for cell in row[1:] if cell.text and not cell.spread]
    return 2 * sum(map(is_number, filled)) > len(filled)


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
