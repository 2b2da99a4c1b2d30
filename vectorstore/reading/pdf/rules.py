"""Lines that are drawn on a PDF's page, and the tables that they enclose."""

from __future__ import annotations

import ctypes
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

from vectorstore.places import Box
from vectorstore.reading.pdf.geometry import Region, overlap

Point = tuple[float, float]
_THIN = 2.5
"""Points: what is no wider is a line."""
_TOUCH = 3.0
"""Points within which two lines touch, and two positions are one."""
_SHORTEST = 6.0
_MOST_OBJECTS, _MOST_POINTS = 20_000, 40_000
_DEEPEST = 3  # forms inside forms


Rule = tuple[float, float, float]
"""(y, left, right) of a horizontal line, (x, top, bottom) of a vertical one."""


@dataclass
class Rules:
    """The lines of a page."""

    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)


@dataclass(frozen=True)
class RuledTable:
    """An area between lines."""

    region: Region
    xs: tuple[float, ...] = ()
    """Where columns begin and end; empty where no lines part them."""
    ys: tuple[float, ...] = ()
    rules: Rules = field(default_factory=Rules)


def read_rules(page: PdfPage, place: Callable[[float, float, float, float], Box]) -> Rules:
    """Return the horizontal and vertical lines on a page."""
    found = Rules()
    for count, (box, is_stroke) in enumerate(_strokes(page, place)):
        left, top, right, bottom = box
        if count > _MOST_POINTS:
            break
        if bottom - top <= _THIN and right - left >= _SHORTEST:
            found.across.append(((top + bottom) / 2, left, right))
        elif right - left <= _THIN and bottom - top >= _SHORTEST:
            found.down.append(((left + right) / 2, top, bottom))
        elif is_stroke and right - left >= _SHORTEST and bottom - top >= _SHORTEST:
            found.across += [(top, left, right), (bottom, left, right)]
            found.down += [(left, top, bottom), (right, top, bottom)]
    return Rules(_welded(found.across), _welded(found.down))


def _welded(lines: Sequence[Rule]) -> list[Rule]:
    """Put lines together that are drawn piece by piece, one for each cell."""
    rows: list[list[Rule]] = []
    for line in sorted(lines):
        if rows and line[0] - rows[-1][0][0] <= _THIN / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    found: list[Rule] = []
    for row in rows:
        position, start, end = min(row, key=lambda line: line[1:])
        for at, begin, stop in sorted(row, key=lambda line: line[1:]):
            if begin - end > _TOUCH:
                found.append((position, start, end))
                position, start = at, begin
                end = stop
            end = max(end, stop)
        found.append((position, start, end))
    return found


def _strokes(page: PdfPage, place: Callable[..., Box]) -> Iterator[tuple[Box, bool]]:
    """Yield the boxes of straight lines and rectangles, and whether their outline is drawn."""
    todo: list[tuple[object, list[tuple[float, ...]], int]] = []
    for index in range(min(_MOST_OBJECTS, pdfium.FPDFPage_CountObjects(page.raw))):
        todo.append((pdfium.FPDFPage_GetObject(page.raw, index), [], 0))
    for item, matrices, depth in todo:
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            for points, is_stroke in _subpaths(item):
                for matrix in matrices:
                    points = [_moved(point, matrix) for point in points]
                xs, ys = [point[0] for point in points], [point[1] for point in points]
                yield place(min(xs), min(ys), max(xs), max(ys)), is_stroke
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST and len(todo) < _MOST_OBJECTS:
            inner = [_matrix(item), *matrices]
            for index in range(min(_MOST_OBJECTS, pdfium.FPDFFormObj_CountObjects(item))):
                todo.append((pdfium.FPDFFormObj_GetObject(item, index), inner, depth + 1))


def _subpaths(item: object) -> Iterator[tuple[list[Point], bool]]:
    """Yield the straight parts of a path: each line that is drawn, each rectangle that is drawn or filled."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
    matrix = _matrix(item)
    run: list[Point] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    runs: list[list[Point]] = []
    for index in range(min(2000, max(0, pdfium.FPDFPath_CountSegments(item)))):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            run = []
            runs.append(run)
        elif kind == pdfium.FPDF_SEGMENT_BEZIERTO:
            return
        run.append(_moved((x.value, y.value), matrix))
    for run in runs:
        if 4 <= len(run) <= 5 and _is_rectangle(run):
            yield run, bool(stroke.value)
        elif stroke.value:
            for one, other in pairwise(run):
                yield [one, other], False


def _is_rectangle(run: Sequence[Point]) -> bool:
    return len({round(x) for x, _ in run}) <= 2 and len({round(y) for _, y in run}) <= 2


def _matrix(item: object) -> tuple[float, ...]:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, matrix):
        return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _moved(point: Point, matrix: tuple[float, ...]) -> Point:
    a, b, c, d, e, f = matrix
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


def ruled_tables(rules: Rules) -> list[RuledTable]:
    """Return the tables that lines enclose: grids of lines, and else areas between lines of one width."""
    grids = list(_grids(rules))
    return [*grids, *_between_lines(_outside(rules.across, [table.region for table in grids]))]


def _outside(lines: Sequence[Rule], regions: Sequence[Region]) -> list[Rule]:
    """Return the lines that are in no region. Looks only at the regions at a line's height, from the top down."""
    todo = sorted(regions, key=lambda region: region[1], reverse=True)
    here: list[Region] = []
    found: list[Rule] = []
    for line in sorted(lines):
        while todo and todo[-1][1] - _TOUCH <= line[0]:
            here.append(todo.pop())
        here = [region for region in here if line[0] <= region[3] + _TOUCH]
        if not any(_is_in(line, region) for region in here):
            found.append(line)
    return found


def _is_in(line: Rule, region: Region) -> bool:
    y, left, right = line
    return region[1] - _TOUCH <= y <= region[3] + _TOUCH and overlap(left, right, region[0], region[2]) > 0


def _grids(rules: Rules) -> Iterator[RuledTable]:
    """Yield groups of lines that touch each other and part an area into two columns and two rows at least."""
    lines = [(True, line) for line in rules.across] + [(False, line) for line in rules.down]
    owner = list(range(len(lines)))

    def root(index: int) -> int:
        while owner[index] != index:
            owner[index] = owner[owner[index]]
            index = owner[index]
        return index

    for index, other in _touching(rules):
        owner[root(index)] = root(len(rules.across) + other)
    groups: dict[int, Rules] = defaultdict(Rules)
    for index, (is_across, line) in enumerate(lines):
        group = groups[root(index)]
        (group.across if is_across else group.down).append(line)
    for group in groups.values():
        xs, ys = _positions(group.down), _positions(group.across)
        if len(xs) >= 2 and len(ys) >= 2:
            left, right = min(line[1] for line in group.across), max(line[2] for line in group.across)
            xs = tuple(sorted({*xs, *(side for side in (left, right) if min(abs(side - x) for x in xs) > 4 * _TOUCH)}))
            if len(xs) >= 3 and len(ys) >= 3:
                yield RuledTable((xs[0], ys[0], xs[-1], ys[-1]), xs, ys, group)


def _touching(rules: Rules) -> Iterator[tuple[int, int]]:
    """Yield the indices of each horizontal line and each vertical one that touch.

    Drawings have thousands of lines. From the top down, the vertical ones at hand are kept in order of their positions,
    so that each horizontal one meets only those that it touches.
    """
    begin, meet, end = range(3)  # at one height in this order: what touches at a tip touches
    events = [(top - _TOUCH, begin, at) for at, (_, top, _) in enumerate(rules.down)]
    events += [(bottom + _TOUCH, end, at) for at, (_, _, bottom) in enumerate(rules.down)]
    events += [(y, meet, at) for at, (y, _, _) in enumerate(rules.across)]
    here: list[tuple[float, int]] = []
    for _, kind, at in sorted(events):
        if kind == meet:
            _, left, right = rules.across[at]
            first, last = bisect_left(here, (left - _TOUCH, -1)), bisect_right(here, (right + _TOUCH, len(rules.down)))
            for _, other in here[first:last]:
                yield at, other
        elif kind == begin:
            insort(here, (rules.down[at][0], at))
        else:
            del here[bisect_left(here, (rules.down[at][0], at))]


def _positions(lines: Sequence[Rule]) -> tuple[float, ...]:
    """Return the positions of lines, those that nearly agree as one."""
    found: list[list[float]] = []
    for position in sorted(line[0] for line in lines):
        if found and position - found[-1][-1] <= _TOUCH:
            found[-1].append(position)
        else:
            found.append([position])
    return tuple(sum(group) / len(group) for group in found)


def _between_lines(lines: Sequence[Rule]) -> Iterator[RuledTable]:
    """Yield areas between two or more horizontal lines that begin and end at the same places."""
    groups: list[list[Rule]] = []
    nearby: dict[tuple[int, int], int] = {}  # the one group that begins and ends within a square of that side
    for line in sorted(lines):
        left, right = int(line[1] // _TOUCH), int(line[2] // _TOUCH)
        around = (nearby.get((x, y)) for x in range(left - 1, left + 2) for y in range(right - 1, right + 2))
        same = [at for at in around if at is not None and _is_as_wide(groups[at][0], line)]
        if same:
            groups[min(same)].append(line)
        else:
            nearby[left, right] = len(groups)
            groups.append([line])
    for group in groups:
        ys = _positions(group)
        if len(ys) >= 2 and group[0][2] - group[0][1] > 60:
            yield RuledTable((group[0][1], ys[0], group[0][2], ys[-1]), (), ys)


def _is_as_wide(one: Rule, other: Rule) -> bool:
    return abs(one[1] - other[1]) <= _TOUCH and abs(one[2] - other[2]) <= _TOUCH
