"""Scanned pages: which ones are, and what was recognised on them as words for the layout."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from statistics import median

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

from vectorstore.places import Box
from vectorstore.reading.pdf.characters import PageText, placing
from vectorstore.reading.pdf.geometry import Word
from vectorstore.reading.recognised import RecognisedLine, RecognisedPage
from vectorstore.text.language import is_han

_FEW_CHARS = 60
"""Characters of a page's own text: with fewer on a picture (a stamp, a page number) the page is that picture."""
_COVERED = 0.5
_WORD = re.compile(r"\S+")
_WIDE_ENOUGH = 3
"""Chinese characters of a line from which their width tells its size; boxes around lines are of uneven heights."""
_HEIGHT = 0.75
"""Size of a font, in heights of the box around a line."""
_SAME = 1.22
"""Sizes are the text's own up to this factor, and beyond it told apart in steps."""
_STEP = 1.25
_BLANK = 0.2
"""Width of a blank, in sizes: boxes around words may touch."""


def is_scan(page: PdfPage, text: PageText) -> bool:
    """Whether a page is a picture that may show text: it has next to no text of its own, and a picture fills it."""
    if text.is_garbage:
        return True
    if sum(len(word.text) for word in text.words) >= _FEW_CHARS:
        return False
    return not text.words or _pictured(page) >= _COVERED * text.width * text.height


def _pictured(page: PdfPage) -> float:
    """Return the area of a page that pictures cover, in square points."""
    place = placing(page)
    width, height = page.get_size()
    area = 0.0
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = item.get_bounds()
        x0, y0, x1, y1 = place(left, bottom, right, top)
        area += max(0.0, min(x1, width) - max(x0, 0)) * max(0.0, min(y1, height) - max(y0, 0))
    return area


def page_text(page: RecognisedPage) -> PageText:
    """Return the words of a page as the layout takes them."""
    lines = [line for line in page.lines if line.text.strip()]
    sizes = [_size(line) for line in lines]
    usual = median([size for line, size in zip(lines, sizes, strict=True) for _ in line.text]) if lines else 0.0
    found = PageText(page.width, page.height)
    for line, size in zip(lines, sizes, strict=True):
        found.words += _words(line, _rounded(size, usual))
    return found


def _size(line: RecognisedLine) -> float:
    """Return the size of a line's font, in points."""
    wide = [box for character, box in zip(line.text, line.boxes, strict=True) if is_han(character)]
    if len(wide) >= _WIDE_ENOUGH:
        steps = [other[0] - one[0] for one, other in pairwise(wide) if other[0] > one[0]]
        if steps:
            return median(steps)
    return _HEIGHT * (line.boxes[0][3] - line.boxes[0][1])


def _rounded(size: float, usual: float) -> float:
    """Return the usual size for one that is near it, else the nearest of some steps."""
    ratio = size / usual
    if 1 / _SAME <= ratio <= _SAME:
        return round(usual, 1)
    steps = round(math.log(ratio) / math.log(_STEP)) or (1 if ratio > 1 else -1)
    return round(usual * _STEP**steps, 1)


def _words(line: RecognisedLine, size: float) -> list[Word]:
    found: list[Word] = []
    for match in _WORD.finditer(line.text):
        boxes: list[Box] = list(line.boxes[match.start() : match.end()])
        x0, x1 = min(box[0] for box in boxes), max(box[2] for box in boxes)
        y0, y1 = min(box[1] for box in boxes), max(box[3] for box in boxes)
        if found:
            found[-1].x1 = min(found[-1].x1, x0 - _BLANK * size)
        spaced = match.end() < len(line.text)
        found.append(Word(match[0], boxes, x0, y0, x1, y1, size, spaced=spaced))
    return found
