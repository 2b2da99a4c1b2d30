"""The layout of one page: its paragraphs, headings and tables in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vectorstore.reading import grid
from vectorstore.reading.pdf.characters import PageText
from vectorstore.reading.pdf.columns import in_reading_order
from vectorstore.reading.pdf.geometry import Segment, Word, bands, overlap, segments
from vectorstore.reading.pdf.labels import labelled, labelled_runs
from vectorstore.reading.pdf.paragraphs import Block, Line, paragraphs
from vectorstore.reading.pdf.rules import RuledTable
from vectorstore.reading.pdf.tables import (
    Grid,
    column_edges,
    has_unruled_columns,
    header_rows,
    ruled_grid,
    spaced_grid,
    table_runs,
)
from vectorstore.reading.placed import Text


@dataclass
class TableBlock:
    """A table on a page."""

    page: int
    rows: Grid
    header: int | None = None
    """How many rows name the columns; None where that is to be found out."""
    is_ruled: bool = False
    """Lines part its rows."""


AnyBlock = Block | TableBlock
_NARROW = 0.6
"""Gap between two columns of a table that is known as one, in sizes."""
_FEWEST_ROWS = 2
_MOST_ROWS = 0.6
"""Share of the lines between two rules that have several cells, if that is a table."""


def lay_out(text: PageText, ruled: Sequence[RuledTable], page: int, body: float) -> list[AnyBlock]:
    """Return the blocks of a page in reading order.

    Args:
        ruled: areas between lines.
        page: index of the page.
        body: size of the document's text.
    """
    words = text.words
    tables: dict[int, TableBlock] = {}
    anchors: list[Segment] = []
    for area in ruled:
        area = _with_names_above(area, words)
        inside = [word for word in words if _is_inside(word, area)]
        table = _table(area, inside, page)
        if table is None:
            continue
        taken = {id(word) for word in inside}
        words = [word for word in words if id(word) not in taken]
        anchor = Segment([Word("", [], *area.region, body)])
        anchors.append(anchor)
        tables[id(anchor)] = table
    height = text.height if text.turn is None else text.width
    found: list[AnyBlock] = []
    for part in in_reading_order([*segments(words), *anchors]):
        found += _part(part, tables, page, body, height)
    found += [Block([(page, Text(word.text, tuple(word.boxes)))], word.size, is_note=True) for word in text.aside]
    return found


def _is_inside(word: Word, area: RuledTable) -> bool:
    left, top, right, bottom = area.region
    return left - 2 <= (word.x0 + word.x1) / 2 <= right + 2 and top - 1 <= word.middle <= bottom + 1


def _with_names_above(area: RuledTable, words: Sequence[Word]) -> RuledTable:
    """Return an area between lines together with the names of its columns, which stand above its first line."""
    left, top, right, bottom = area.region
    lines = bands(segments([word for word in words if _is_inside(word, area)], _NARROW))
    if area.xs or len(lines) < _FEWEST_ROWS or not any(grid.is_number(one.text) for one in lines[0][1:]):
        return area
    columns = column_edges(lines)
    size = lines[0][0].size
    near = [word for word in words if left - 2 <= word.x0 and word.x1 <= right + 2 and word.middle < top]
    for line in reversed(bands(segments(near, _NARROW))):
        names = [[index for index, edges in enumerate(columns) if overlap(*edges, one.x0, one.x1) > 0] for one in line]
        own = {name[0] for name in names if len(name) == 1}
        if len(own) < max(2, len(columns) - 1) or len(own) < len(line) or top - line[0].y1 > size:
            break
        top = min(one.y0 for one in line)
    return replace(area, region=(left, top, right, bottom))


def _table(area: RuledTable, words: Sequence[Word], page: int) -> TableBlock | None:
    """Return the table in an area between lines; None where there is none."""
    if area.xs and not has_unruled_columns(area, words):
        rows = ruled_grid(area, words)
        filled = sum(bool(cell.text) and not cell.spread for row in rows for cell in row)
        return TableBlock(page, rows, is_ruled=True) if filled >= 3 else None
    found = segments(words, _NARROW)
    lines = bands(found)
    several = sum(len(line) > 1 for line in lines)
    if len(lines) < 3 or several < _MOST_ROWS * len(lines) or len(in_reading_order(found)) > 1:
        return None
    spaced = spaced_grid(lines)
    return None if spaced is None else TableBlock(page, spaced, header_rows(spaced))


def _part(
    part: Sequence[Segment], tables: dict[int, TableBlock], page: int, body: float, height: float
) -> list[AnyBlock]:
    """Return the blocks of a part without columns; the tables between its lines stand where they are."""
    anchors = sorted((one for one in part if id(one) in tables), key=lambda one: one.middle)
    rest = [one for one in part if id(one) not in tables]
    found: list[AnyBlock] = []
    for index in range(len(anchors) + 1):
        top = anchors[index - 1].middle if index else float("-inf")
        bottom = anchors[index].middle if index < len(anchors) else float("inf")
        here = [one for one in rest if top <= one.middle < bottom]
        found += _lines(bands(here), page, body, height)
        if index < len(anchors):
            found.append(tables[id(anchors[index])])
    return found


def _lines(lines: Sequence[list[Segment]], page: int, body: float, height: float) -> list[AnyBlock]:
    found: list[AnyBlock] = []
    start = 0
    for first, end in table_runs(lines):
        first = _with_header(lines, start, first)
        rows = spaced_grid(lines[first:end])
        if rows is None:
            continue
        found += _text(lines[start:first], page, body, height)
        found.append(TableBlock(page, rows, header_rows(rows)))
        start = end
    return [*found, *_text(lines[start:], page, body, height)]


def _text(lines: Sequence[list[Segment]], page: int, body: float, height: float) -> list[AnyBlock]:
    """Return the paragraphs of lines, each label with the text beside it as one."""
    found: list[AnyBlock] = []
    start = 0
    for first, end in labelled_runs(lines):
        found += paragraphs([Line.of(line) for line in lines[start:first]], page, body, height)
        found += labelled(lines[first:end], page)
        start = end
    return [*found, *paragraphs([Line.of(line) for line in lines[start:]], page, body, height)]


def _with_header(lines: Sequence[list[Segment]], start: int, first: int) -> int:
    """Return where a table begins whose header's lines have several cells as well."""
    while first > start and len(lines[first - 1]) > 1 and not grid.is_number(lines[first - 1][-1].text):
        first -= 1
    return first
