"""Running heads, running feet and page numbers: what stands at the same place of many pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from vectorstore.reading.pdf.characters import PageText
from vectorstore.reading.pdf.geometry import Segment, bands, segments

_EDGE = 0.14
"""Share of a page's height at its top and bottom in which they stand."""
_LINES = 3
"""Lines at each edge that are looked at."""
_FEWEST, _SHARE = 2, 0.25
"""Pages with the same line at the same height, of all; two will do in a short document."""
_SAME_HEIGHT = 4.0  # points
_DIGITS = re.compile(r"\d+|(?<![a-z])[ivxlc]+(?![a-z])")
_NUMBER = re.compile(
    r"[-–—·|\s]*+(?:(?:第|page|p\.)\s*+)?#(?:\s*(?:页|頁))?(?:\s*(?:/|of|共)\s*#(?:\s*(?:页|頁))?)?[-–—·|\s]*+", re.I
)


def without_running(pages: Sequence[PageText]) -> None:
    """Take running heads, feet and page numbers out of the words of ``pages``."""
    found: dict[tuple[str, int], list[tuple[int, float, list[Segment]]]] = defaultdict(list)
    for number, page in enumerate(pages):
        if page.turn is not None:
            continue
        for line in _edge_lines(page):
            shape = _DIGITS.sub("#", " ".join(segment.text for segment in line))
            found[shape, round(line[0].size)].append((number, line[0].middle, line))
    gone: set[int] = set()
    for (shape, _), lines in found.items():
        is_number = _NUMBER.fullmatch(shape) is not None
        least = _FEWEST if is_number else max(_FEWEST, _SHARE * len(pages))
        if (is_number or _has_words(shape)) and _most_at_one_height(lines) >= least:
            gone.update(id(word) for _, _, line in lines for segment in line for word in segment.words)
    for page in pages:
        page.words = [word for word in page.words if id(word) not in gone]


def _most_at_one_height(lines: Sequence[tuple[int, float, list[Segment]]]) -> int:
    """Return on how many pages a line stands at the same height, at most."""
    return max(len({page for page, y, _ in lines if abs(y - height) <= _SAME_HEIGHT}) for _, height, _ in lines)


def _edge_lines(page: PageText) -> list[list[Segment]]:
    lines = bands(segments(page.words))
    top = [line for line in lines[:_LINES] if line[0].y1 <= _EDGE * page.height]
    bottom = [line for line in lines[-_LINES:] if line[0].y0 >= (1 - _EDGE) * page.height]
    return top + [line for line in bottom if line not in top]


def _has_words(shape: str) -> bool:
    """Whether a line says something beside figures: rows of a table may look alike, too."""
    return sum(map(str.isalpha, shape)) >= max(2, 2 * shape.count("#"))
