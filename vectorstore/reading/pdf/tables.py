"""Tables of a PDF's page as grids of cells: those between lines, and those that only white space divides."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from vectorstore.reading import grid
from vectorstore.reading.pdf.geometry import Segment, Word, bands, overlap, segments, written
from vectorstore.reading.pdf.rules import Rule, RuledTable
from vectorstore.reading.placed import Text, joined

_COVERED = 0.6
"""Share of a cell's side along which a line is drawn, where the line parts it from its neighbour."""
_ROWS, _COLUMNS = 3, 2
_APART = 1.0
"""Gap between two columns, in sizes."""
_MOST_HEADER_ROWS = 4
_REACH = 1.1
"""Half the way to the next name, and a little: how far the columns of a name may be from its middle."""
_FIGURE = re.compile(r"[(（]?[-+−–±<>≤≥~]?\s?[$¥€£]?\s?\d.{0,20}$")
"""A cell that begins with a figure; a unit may follow."""
_LEADER = re.compile(r"(?<![\s.．·…_])(?:\s*[.．·…_]){3,}\s*$")
Grid = list[list[grid.Cell]]


def ruled_grid(table: RuledTable, words: Sequence[Word]) -> Grid:
    """Return the cells of a table whose columns and rows lines part."""
    columns, rows = len(table.xs) - 1, len(table.ys) - 1
    inside: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        place = (_index(table.ys, word.middle), _index(table.xs, (word.x0 + word.x1) / 2))
        inside.setdefault(place, []).append(word)
    owners = _owners(table, rows, columns)
    texts: dict[tuple[int, int], list[Word]] = {}
    for place, found in inside.items():
        texts.setdefault(owners[place], []).extend(found)
    cells = {place: grid.Cell.of(_cell_text(found)) for place, found in texts.items()}
    result: Grid = []
    for row in range(rows):
        line = []
        for column in range(columns):
            owner = owners[row, column]
            cell = cells.get(owner, grid.Cell())
            spread = owner != (row, column)
            line.append(cell.again("across" if owner[0] == row else "down") if spread else cell)
        result += _divided(line, [texts.get((row, column), []) for column in range(columns)])
    return result


def has_unruled_columns(table: RuledTable, words: Sequence[Word]) -> bool:
    """Whether lines part groups of columns only: a cell between them has line after line of several texts."""
    inside: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        place = (_index(table.ys, word.middle), _index(table.xs, (word.x0 + word.x1) / 2))
        inside.setdefault(place, []).append(word)
    for found in inside.values():
        several = [line for line in bands(segments(found)) if len(line) > 1]
        if len(several) >= _ROWS and _has_figures(several):
            return True
    return False


def _index(edges: Sequence[float], position: float) -> int:
    return max(0, min(len(edges) - 2, bisect_right(edges, position) - 1))


def _owners(table: RuledTable, rows: int, columns: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each place of a grid the first place of the merged cell that it belongs to."""
    owners: dict[tuple[int, int], tuple[int, int]] = {}
    down = [_at(table.rules.down, x) for x in table.xs]
    across = [_at(table.rules.across, y) for y in table.ys]
    for row in range(rows):
        top, bottom = table.ys[row], table.ys[row + 1]
        for column in range(columns):
            left, right = table.xs[column], table.xs[column + 1]
            owner = (row, column)
            if column and not _is_drawn(down[column], top, bottom):
                owner = owners[row, column - 1]
            elif row and not _is_drawn(across[row], left, right):
                owner = owners[row - 1, column]
            owners[row, column] = owner
    return owners


def _at(lines: Sequence[Rule], position: float) -> list[Rule]:
    return [line for line in lines if abs(line[0] - position) <= 3.5]


def _is_drawn(lines: Sequence[Rule], start: float, end: float) -> bool:
    """Whether lines at one position are drawn along most of the way."""
    covered = sum(max(0.0, overlap(a, b, start, end)) for _, a, b in lines)
    return covered >= _COVERED * (end - start)


def _cell_text(words: Sequence[Word]) -> Text:
    """Return the lines of a cell as one text."""
    lines = [line for line in bands(segments(words)) if line]
    texts = [written([word for segment in line for word in segment.words]) for line in lines]
    found = texts[0] if texts else Text("")
    for text in texts[1:]:
        found = found + Text("\n") + text
    return found.one_line()


def _divided(line: list[grid.Cell], words: Sequence[Sequence[Word]]) -> Grid:
    """Divide a row without lines inside that holds several rows: most cells have as many lines, and figures."""
    stacks = [[_joined(band) for band in bands(segments(found))] for found in words]
    full = [stack for stack in stacks if stack]
    count = max((len(stack) for stack in full), default=0)
    same = [stack for stack in full if len(stack) == count]
    has_figures = any(all(grid.is_number(text.text) for text in stack) for stack in same)
    if count < 3 or len(same) < 2 or 2 * len(same) < len(full) or not has_figures:
        return [line]
    rows: Grid = []
    for index in range(count):
        row = [
            (grid.Cell.of(stack[index]) if len(stack) == count else cell if index == 0 else grid.Cell())
            for cell, stack in zip(line, stacks, strict=True)
        ]
        rows.append(row)
    return rows


def _joined(band: Sequence[Segment]) -> Text:
    return written([word for segment in band for word in segment.words])


def spaced_grid(lines: Sequence[Sequence[Segment]]) -> Grid | None:
    """Return the cells of lines whose columns white space parts; None where they are no table."""
    edges = column_edges(lines)
    if len(edges) < _COLUMNS or len(lines) < 2:
        return None
    rows: Grid = []
    for line in lines:
        row: list[list[Text]] = [[] for _ in edges]
        for segment in line:
            column = max(range(len(edges)), key=lambda index: overlap(*edges[index], segment.x0, segment.x1))
            row[column].append(written(segment.words))
        rows.append([grid.Cell.of(_without_leader(joined(texts))) for texts in row])
    return _with_wrapped(_with_spread_names(rows, lines, edges))


def header_rows(rows: Grid) -> int | None:
    """Return how many rows of a table that white space parts name its columns; None where that is to be found out."""
    first = next((index for index, row in enumerate(rows) if any(grid.is_number(cell.text) for cell in row[1:])), 0)
    labels = any(sum(bool(cell.text) for cell in row) < 2 for row in rows[:first])
    return first if 1 < first <= _MOST_HEADER_ROWS and not labels else None


def _with_spread_names(rows: Grid, lines: Sequence[Sequence[Segment]], edges: Sequence[tuple[float, float]]) -> Grid:
    """Spread the names that stand in the middle above several columns over all of them."""
    header = header_rows(rows)
    if header is None:
        return rows
    middles = [(left + right) / 2 for left, right in edges]
    below = {column for column in range(len(edges)) if any(row[column].text for row in rows[1:header])}
    own = {column for column in range(len(edges)) if column not in below and rows[0][column].text} | {0}
    names = [
        (segment.x0 + segment.x1, one)
        for segment in lines[0]
        if (one := max(range(len(edges)), key=lambda index: overlap(*edges[index], segment.x0, segment.x1))) not in own
    ]
    columns = [column for column in range(len(edges)) if column not in own]
    beside = any(other - one < 2 for (_, one), (_, other) in pairwise(names))
    if not names or beside or 2 * len(names) > len(columns):
        return rows  # each stands above one column
    centres = [both / 2 for both, _ in names]
    reach = min((b - a for a, b in pairwise(centres)), default=2 * (middles[-1] - middles[0])) / 2 * _REACH
    top = list(rows[0])
    for column in columns:
        nearest = min(range(len(centres)), key=lambda index: abs(centres[index] - middles[column]))
        if abs(centres[nearest] - middles[column]) <= reach:
            owner = rows[0][names[nearest][1]]
            first = not any(cell.content is owner.content for cell in top[:column])
            top[column] = grid.Cell(owner.content) if first else owner.again("across")
    return [top, *rows[1:]]


def _without_leader(text: Text) -> Text:
    """Return a cell's text without the dots that lead to the next cell."""
    leader = _LEADER.search(text.text)
    return text[: leader.start()] if leader else text


def column_edges(lines: Sequence[Sequence[Segment]]) -> list[tuple[float, float]]:
    """Return where columns begin and end: what the segments of lines with several cover together."""
    widest = max((len(line) for line in lines), default=0)
    spans = sorted((one.x0, one.x1) for line in lines if 2 * len(line) >= widest and len(line) > 1 for one in line)
    found: list[tuple[float, float]] = []
    for x0, x1 in spans:
        if found and x0 <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], x1))
        else:
            found.append((x0, x1))
    return found


def _with_wrapped(rows: Grid) -> Grid:
    """Put a line that only holds a part of the first column's cell with the other part, above or below it."""
    found: Grid = []
    for row in rows:
        filled = [index for index, cell in enumerate(row) if cell.text]
        begun = found and found[-1][0].text and not any(cell.text for cell in found[-1][1:])
        if begun and len(filled) > 1 and row[0].text[:1].islower():
            found[-1] = [grid.Cell.of(joined([found[-1][0].content, row[0].content])), *row[1:]]
            continue
        if found and filled == [0] and found[-1][0].text and not any(c.text for c in found[-1][1:]):
            found[-1] = [grid.Cell.of(joined([found[-1][0].content, row[0].content])), *found[-1][1:]]
        else:
            found.append(row)
    return found


def table_runs(lines: Sequence[Sequence[Segment]]) -> list[tuple[int, int]]:
    """Return the runs (start, end) of lines that are a table without drawn lines.

    A table has three rows or more with cells wide apart, most of them figures.
    """
    marks = [_is_row(line) for line in lines]
    runs: list[tuple[int, int]] = []
    start = None
    for index, mark in enumerate([*marks, False]):
        if mark and start is None:
            start = index
        elif not mark and start is not None:
            if index - start >= _ROWS and _has_figures(lines[start:index]):
                runs.append((start, index))
            start = None
    return _joined_runs(runs, lines)


def _joined_runs(runs: Sequence[tuple[int, int]], lines: Sequence[Sequence[Segment]]) -> list[tuple[int, int]]:
    """Join runs that one line (the label of a group of rows) interrupts."""
    found: list[tuple[int, int]] = []
    for run in runs:
        if found and run[0] - found[-1][1] <= 1 and len(lines[found[-1][1]]) == 1:
            found[-1] = (found[-1][0], run[1])
        else:
            found.append(run)
    return found


def _is_row(line: Sequence[Segment]) -> bool:
    gaps = (other.x0 - one.x1 for one, other in pairwise(line))
    return len(line) > 1 and any(gap >= _APART * line[0].size for gap in gaps)


def _has_figures(lines: Sequence[Sequence[Segment]]) -> bool:
    cells = [segment.text.strip() for line in lines for segment in line[1:]]
    return 2 * sum(_FIGURE.match(text) is not None or text in "—–-…" for text in cells) >= len(cells)
