"""Running heads, running feet and page numbers: what stands at the same place of many pages.

A line that is the same on all of them is one. Where its number differs, it may as well be a heading ("Chapter 3",
"Table 12") at the top of each page: it is a running head where the number grows with the pages and stands apart from
the words, or where the line interrupts a sentence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vectorstore.reading.pdf.characters import PageText
from vectorstore.reading.pdf.geometry import Segment, bands, segments
from vectorstore.text.endings import is_closed
from vectorstore.text.language import is_han

_EDGE = 0.14
"""Share of a page's height at its top and bottom in which they stand."""
_LINES = 3
"""Lines at each edge that are looked at."""
_FEWEST, _SHARE = 2, 0.25
"""Pages with the same line at the same height, of all; two will do in a short document."""
_SAME_HEIGHT = 4.0  # points
_LARGE = 1.12
"""Size of a heading, in sizes of the text."""
_MOST = 0.6
"""Share of lines whose number is that of their page, give or take a constant: numbering may begin anew."""
_CUTS = 0.5
"""Share of its places in which a running head stands in mid-sentence."""
_LONG, _LONG_HAN = 30, 6
"""Characters of a line of text that ends in mid-sentence: a shorter one may be a heading, or a cell."""
_DIGITS = re.compile(r"\d+|(?<![a-z])[ivxlc]+(?![a-z])")
_NUMBER = re.compile(
    r"[-–—·|\s]*+(?:(?:第|page|p\.)\s*+)?#(?:\s*(?:页|頁))?(?:\s*(?:/|of|共)\s*#(?:\s*(?:页|頁))?)?[-–—·|\s]*+", re.I
)
_GAP = "\t"  # between two segments of a line
_BEFORE = re.compile(r"(?:^|[\t|·•–—/]|\s-|\bpage|\bp\.|第)$", re.I)
_BEHIND = re.compile(r"\s*(?:$|[\t|·•–—/]|-\s|页|頁|of\b)", re.I)
"""What stands beside a number that is set apart from words."""
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True)
class _Line:
    """A line at the edge of a page."""

    page: int
    """Its index."""
    segments: Sequence[Segment]

    @property
    def text(self) -> str:
        return _GAP.join(segment.text for segment in self.segments)

    @property
    def shape(self) -> str:
        return _DIGITS.sub("#", self.text).replace(_GAP, " ")

    @property
    def height(self) -> float:
        return self.segments[0].middle


def without_running(pages: Sequence[PageText]) -> list[str]:
    """Take running heads, feet and page numbers out of the words of ``pages``.

    Returns:
        What the running heads of most pages say beside numbers and what changes, from the top.
    """
    alike: dict[tuple[str, int], list[_Line]] = defaultdict(list)
    written: list[list[list[Segment]]] = []
    for number, page in enumerate(pages):
        written.append(bands(segments(page.words)) if page.turn is None else [])
        for edge in _edge_lines(written[-1], page.height):
            line = _Line(number, edge)
            alike[line.shape, round(edge[0].size)].append(line)
    repeated = {id(line.segments) for found in alike.values() if len(found) > 1 for line in found}
    last = [_end_of_text([line for line in lines if id(line) not in repeated]) for lines in written]
    body = _body_size(pages)
    gone: set[int] = set()
    for (shape, size), found in alike.items():
        is_number = _NUMBER.fullmatch(shape) is not None
        least = _FEWEST if is_number else max(_FEWEST, _SHARE * len(pages))
        if not (is_number or _has_words(shape)) or _most_at_one_height(found) < least:
            continue
        if is_number or _is_head(found, size >= _LARGE * body, last):
            gone.update(id(word) for line in found for segment in line.segments for word in segment.words)
    for page in pages:
        page.words = [word for word in page.words if id(word) not in gone]
    return _said(alike.values(), gone, pages)


def _said(alike: Iterable[list[_Line]], gone: set[int], pages: Sequence[PageText]) -> list[str]:
    """Return what lines that were taken out from the top of most pages say, but for what differs between them."""
    heads = []
    for lines in alike:
        first = lines[0]
        top = pages[first.page].height * _EDGE
        if id(first.segments[0].words[0]) in gone and first.height <= top and 2 * len(lines) > max(2, len(pages)):
            texts = zip(*([segment.text.strip() for segment in line.segments] for line in lines), strict=True)
            heads += [(first.height, text[0]) for text in texts if len(set(text)) == 1 and _has_words(text[0])]
    return [text for _, text in sorted(heads)]


def _is_head(lines: Sequence[_Line], is_large: bool, last: Sequence[str]) -> bool:
    """Whether lines of words that are alike but for their numbers are running heads, and no headings.

    Args:
        last: the last line of text on each page.
    """
    times = Counter(line.text for line in lines)
    if 2 * sum(count for count in times.values() if count > 1) >= len(lines):
        return True
    counting = [at for at, values in enumerate(zip(*map(_numbers, lines), strict=True)) if _count(lines, values)]
    if is_large or not counting:
        return False
    if any(_is_apart(lines[0].text, at) for at in counting):
        return True
    before = [last[line.page - 1] for line in lines if line.page]
    return sum(map(_is_cut, before)) >= max(1.0, _CUTS * len(before))


def _numbers(line: _Line) -> list[int]:
    return [int(one[0]) if one[0].isdecimal() else _roman(one[0]) for one in _DIGITS.finditer(line.text)]


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    following = [*values[1:], 0]
    return sum(-one if one < other else one for one, other in zip(values, following, strict=True))


def _count(lines: Sequence[_Line], values: Sequence[int]) -> bool:
    """Whether numbers grow with the pages, by one for each, or by two where a page shows two."""
    for step in (1, 2):
        offsets = Counter(value - step * line.page for line, value in zip(lines, values, strict=True))
        if offsets.most_common(1)[0][1] >= _MOST * len(lines):
            return True
    return False


def _is_apart(text: str, number: int) -> bool:
    """Whether the number of this index in a line stands apart from its words."""
    left, right = list(_DIGITS.finditer(text))[number].span()
    return _BEFORE.search(text[:left].rstrip(" ")) is not None and _BEHIND.match(text[right:]) is not None


def _is_cut(text: str) -> bool:
    """Whether a line of text ends in mid-sentence."""
    return (
        text != ""
        and not is_closed(text)
        and text[-1] not in "：:"
        and len(text) > (_LONG_HAN if is_han(text[0]) else _LONG)
    )


def _most_at_one_height(lines: Sequence[_Line]) -> int:
    """Return on how many pages a line stands at the same height, at most."""
    ordered = sorted(lines, key=lambda line: line.height)
    near: Counter[int] = Counter()
    first = last = most = 0
    for one in ordered:
        while last < len(ordered) and ordered[last].height - one.height <= _SAME_HEIGHT:
            near[ordered[last].page] += 1
            last += 1
        while one.height - ordered[first].height > _SAME_HEIGHT:
            page = ordered[first].page
            near[page] -= 1
            if not near[page]:
                del near[page]
            first += 1
        most = max(most, len(near))
    return most


def _edge_lines(lines: list[list[Segment]], height: float) -> Iterator[list[Segment]]:
    top = [line for line in lines[:_LINES] if line[0].y1 <= _EDGE * height]
    yield from top
    yield from (line for line in lines[-_LINES:] if line[0].y0 >= (1 - _EDGE) * height and line not in top)


def _end_of_text(lines: Sequence[Sequence[Segment]]) -> str:
    """Return the last line of a page's text, in its last column; a page number below it is none."""
    ends = (line[-1].text for line in reversed(lines))
    return next((text for text in ends if _has_words(_DIGITS.sub("#", text))), "")


def _body_size(pages: Sequence[PageText]) -> int:
    sizes: Counter[int] = Counter()
    for page in pages:
        for word in page.words:
            sizes[round(word.size)] += len(word.text)
    return sizes.most_common(1)[0][0] if sizes else 0


def _has_words(shape: str) -> bool:
    """Whether a line says something beside figures: rows of a table may look alike, too."""
    return sum(map(str.isalpha, shape)) >= max(2, 2 * shape.count("#"))
