"""Columns of text: where a page is divided, and in which order its parts are read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from vectorstore.reading.pdf.geometry import Segment, overlap
from vectorstore.text.language import has_han

_DEEPEST = 4
_FEWEST = 4
"""Pairs of lines side by side from which a gap is a gutter."""
_NARROWEST = 0.5
"""Width of a gutter, in sizes of the text."""
_CROSS = 2.0
"""Points by which a line reaches over a gutter that it crosses."""
_LINE = 0.6
"""White space between two lines of a paragraph at most, in sizes."""
_FILLED = 0.55
"""Share of a column's width that most of its lines fill: cells of a table fill less."""
_CHARS, _CHARS_HAN = 18, 8
"""Characters of most lines of a column at least."""


def in_reading_order(segments: Sequence[Segment], depth: int = 0) -> list[list[Segment]]:
    """Return the segments of an area as parts without columns, in reading order.

    What reaches over a gutter is read between what stands above it and what stands below.
    """
    gutter = _gutter(segments) if depth < _DEEPEST else None
    if gutter is None:
        return [list(segments)] if segments else []
    over = [one for one in segments if _crosses(one, gutter)]
    rest = [one for one in segments if not _crosses(one, gutter)]
    captions = [caption for one in over if not one.chars and (caption := _caption(one, segments)) is not None]
    crossing = sorted([*over, *captions], key=lambda one: one.middle)
    ids = {id(one) for one in captions}
    rest = [one for one in rest if id(one) not in ids]
    found: list[list[Segment]] = []
    tails: list[Segment] = []
    for index in range(len(crossing) + 1):
        top = crossing[index - 1].middle if index else float("-inf")
        bottom = crossing[index].middle if index < len(crossing) else float("inf")
        here = [one for one in rest if top <= one.middle < bottom]
        if index and (tail := _tail(crossing[index - 1], here)) is not None:
            tails.append(tail)
            found.append([tail])
            here = [one for one in here if one is not tail]
        for side in (
            [one for one in here if one.x1 <= gutter + _CROSS],
            [one for one in here if one.x1 > gutter + _CROSS],
        ):
            found += in_reading_order(side, depth + 1)
        if index < len(crossing):
            found.append([crossing[index]])
    return _with_neighbours(found, [*crossing, *tails])


def _tail(line: Segment, below: Sequence[Segment]) -> Segment | None:
    """Return the short last line of a paragraph whose line before it reaches over the gutter; it stands alone."""
    nearest = sorted(below, key=lambda one: one.y0)[:2]
    if not nearest or not line.chars or nearest[0].y0 - line.y1 >= _LINE * nearest[0].size:
        return None
    first, *others = nearest
    return first if not others or others[0].y0 - first.y1 >= _LINE * first.size else None


def _caption(table: Segment, segments: Sequence[Segment]) -> Segment | None:
    """Return the line above a table over several columns that is nearer to it than to any text: it is no column's."""
    above = sorted((one for one in segments if one.middle < table.y0), key=lambda one: one.middle)
    if len(above) < 2 or above[-1].y1 - above[-2].middle < above[-1].size:
        return None  # beside another line
    line = above[-1]
    below = table.y0 - line.y1
    return line if below < 1.5 * line.size and max(0.0, below) < line.y0 - max(one.y1 for one in above[:-1]) else None


def _with_neighbours(parts: list[list[Segment]], crossing: Sequence[Segment]) -> list[list[Segment]]:
    """Put lines together again that reach over a gutter one below the other."""
    ids = {id(one) for one in crossing}
    found: list[list[Segment]] = []
    for part in parts:
        alone = len(part) == 1 and id(part[0]) in ids
        if alone and found and all(id(one) in ids for one in found[-1]):
            found[-1] += part
        else:
            found.append(part)
    return found


def _crosses(segment: Segment, gutter: float) -> bool:
    return segment.x0 < gutter - _CROSS and segment.x1 > gutter + _CROSS


def _gutter(segments: Sequence[Segment]) -> float | None:
    """Return where a gap between two columns of text is; None where there is none."""
    gaps = _side_by_side(segments)
    if len(gaps) < _FEWEST:
        return None
    size = median(one.size for one in segments)
    edges = sorted({left.x1 for left, _ in gaps} | {right.x0 for _, right in gaps})
    best: tuple[int, float, float] | None = None
    for a, b in pairwise(edges):
        if b - a < _NARROWEST * size:
            continue
        middle = (a + b) / 2
        votes = sum(left.x1 <= middle <= right.x0 for left, right in gaps)
        crossing = sum(_crosses(one, middle) for one in segments)
        if votes >= _FEWEST and votes > crossing and (best is None or (votes, b - a) > best[:2]):
            best = (votes, b - a, middle)
    if best is None:
        return None
    gutter = best[2]
    sides = [pair for pair in gaps if pair[0].x1 <= gutter <= pair[1].x0]
    is_text = _reads_as_text([left for left, _ in sides]) and _reads_as_text([right for _, right in sides])
    return gutter if is_text else None


def _side_by_side(segments: Sequence[Segment]) -> list[tuple[Segment, Segment]]:
    """Return each segment that has another to its right, with the nearest of them."""
    ordered = sorted(segments, key=lambda one: one.y0)
    found = []
    for one in ordered:
        nearest: Segment | None = None
        for other in ordered:
            if other.y0 > one.y1:
                break
            if other is one or other.x0 < one.x1 - _CROSS or overlap(one.y0, one.y1, other.y0, other.y1) <= 0:
                continue
            if nearest is None or other.x0 < nearest.x0:
                nearest = other
        if nearest is not None:
            found.append((one, nearest))
    return found


def _reads_as_text(lines: Sequence[Segment]) -> bool:
    """Whether most lines fill their column, as text does and the cells of a table don't."""
    widths = sorted(one.x1 - one.x0 for one in lines)
    width = widths[min(len(widths) - 1, int(0.9 * len(widths)))]
    least = _CHARS_HAN if sum(has_han(one.text) for one in lines) * 2 > len(lines) else _CHARS
    return median(widths) >= _FILLED * width and median(one.chars for one in lines) >= least
