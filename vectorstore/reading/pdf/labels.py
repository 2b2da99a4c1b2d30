"""Labels beside their texts ("Present: | Cllr Marsh ..."): what only white space parts, and either may take lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from vectorstore.reading.pdf.geometry import Segment, written
from vectorstore.reading.pdf.paragraphs import Block, is_marked, joined_lines
from vectorstore.reading.placed import Text

_ALIGNED = 2.0
"""Points by which places that are the same may differ."""
_LONGEST = 30
"""Characters of a label's line."""
_FEWEST = 3
"""Lines of a block of labels and texts."""
_GAP = 1.2
"""White space between two lines at most, in sizes."""
_NEXT = 1.15
"""Distance between two lines, in that of a text's lines, from which the next label begins."""


def labelled_runs(lines: Sequence[Sequence[Segment]]) -> list[tuple[int, int]]:
    """Return the runs (start, end) of lines that are labels beside texts, one of which takes several lines."""
    found: list[tuple[int, int]] = []
    index = 0
    while index < len(lines):
        end = _end(lines, index)
        if end - index >= _FEWEST and any(len(line) == 1 for line in lines[index:end]):
            found.append((index, end))
            index = end
        else:
            index += 1
    return found


def _end(lines: Sequence[Sequence[Segment]], start: int) -> int:
    """Return where labels and texts end that stand below those of a line."""
    if len(lines[start]) != 2 or lines[start][0].chars > _LONGEST:
        return start
    label, text = lines[start]
    if is_marked(label.text + " x"):
        return start  # an item's mark
    end = start + 1
    while end < len(lines):
        line = lines[end]
        is_near = line[-1].y0 - lines[end - 1][-1].y1 < _GAP * text.size
        if not is_near or len(line) > 2 or abs(line[-1].x0 - text.x0) > _ALIGNED:
            break
        if len(line) == 2 and (abs(line[0].x0 - label.x0) > _ALIGNED or line[0].chars > _LONGEST):
            break
        end += 1
    return end


def labelled(lines: Sequence[Sequence[Segment]], page: int) -> list[Block]:
    """Return the labels of a run, each with the text beside it as one paragraph."""
    steps = [other[-1].y0 - one[-1].y0 for one, other in pairwise(lines)]
    within = median([step for step, line in zip(steps, lines[1:], strict=True) if len(line) == 1])
    rows: list[list[Sequence[Segment]]] = [[lines[0]]]
    for step, line in zip(steps, lines[1:], strict=True):
        # where rows stand no farther apart than lines, a label alone says where one begins
        begins = len(line) == 2 and (step > _NEXT * within or max(steps) <= _NEXT * within)
        (rows.append([line]) if begins else rows[-1].append(line))
    return [_block(row, page) for row in rows]


def _block(row: Sequence[Sequence[Segment]], page: int) -> Block:
    label = _joined([line[0] for line in row if len(line) == 2])
    text = _joined([line[-1] for line in row])
    return Block([(page, label + Text(" ") + text)], row[0][-1].size, lines=len(row))


def _joined(parts: Sequence[Segment]) -> Text:
    found = Text("")
    for part in parts:
        found = joined_lines(found, written(part.words))
    return found
