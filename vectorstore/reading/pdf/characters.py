"""Characters of a PDF's page, through PDFium: words with the box of each character, and the lines that are drawn."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pypdfium2.raw as pdfium
from pypdfium2 import PdfPage

from vectorstore.places import Box
from vectorstore.reading.pdf.geometry import Word

_HYPHEN = 2  # what PDFium gives for a hyphen at the end of a line
_GAP, _BACK = 0.25, -0.4
"""Gaps inside a word, in heights."""
_SHIFT = 0.4
"""How far a word's characters may be from one line, in heights."""
_RAISED, _LIFTED = (0.35, 0.8), 0.15
"""Height of a raised figure, and how far its lower edge is above that of the character before, in heights of that."""
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_UNREADABLE = 0.3
"""Share of characters without a meaning from which a page's text is garbage."""
_VERTICAL = 0.6
"""Share of steps from one character to the next that go down (or up), from which a page is written vertically."""
_LINE_ASIDE = 5
"""Characters of a line that runs down or up: fewer are numbers of rows, or cells of a table."""
_SAMPLED = 8
"""Every so many characters are asked whether they mean something, and those that look odd."""
_FONT_NAME = 128
"""Bytes of a font's name that are read."""
_BOLD = re.compile(rb"bold|[-,+ ](?:black|heavy|demi)(?![a-z])", re.IGNORECASE)
Turn = Callable[[Box], Box]


@dataclass
class PageText:
    """What stands on a page."""

    width: float
    height: float
    words: list[Word] = field(default_factory=list)
    aside: list[Word] = field(default_factory=list)
    """Lines that run down or up beside the text: stamps, mostly. Each is one word."""
    turn: Turn | None = None
    """What was done to boxes so that lines run from left to right; None for nothing."""
    is_garbage: bool = False
    """It has characters, and most of them mean nothing: only their shapes can be read."""


@dataclass(slots=True)
class _Character:
    code: int
    box: Box
    index: int
    spaced: bool = False
    """A blank stands before it."""


def read_page(page: PdfPage) -> PageText:
    """Return the words of a page, in the order of the file."""
    width, height = page.get_size()
    found = PageText(width, height)
    text = page.get_textpage()
    try:
        shown, garbage = _characters(text.raw, placing(page))
        if garbage > _UNREADABLE * len(shown):
            found.is_garbage = bool(shown)
            return found
        stacked = _stacked(shown)
        found.turn = _turn(stacked, len(shown), width, height)
        if found.turn is None and sum(stacked) >= _LINE_ASIDE - 1:
            shown, aside = _without_aside(shown)
            found.aside = [_word(text.raw, run, None) for run in aside]
        found.words = list(_words(text.raw, shown, found.turn))
    finally:
        text.close()
    return found


def placing(page: PdfPage) -> Callable[[float, float, float, float], Box]:
    """Return what turns (left, bottom, right, top) of a page's own coordinates into a box of the page as shown."""
    width, height = page.get_size()
    fine = 100
    corners = []
    for x, y in ((0, 0), (1000, 0), (0, 1000)):
        to_x, to_y = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page.raw, 0, 0, round(width * fine), round(height * fine), 0, x, y, to_x, to_y)
        corners.append((to_x.value / fine, to_y.value / fine))
    (zero_x, zero_y), (right_x, right_y), (up_x, up_y) = corners
    a, b, c, d = (right_x - zero_x) / 1000, (right_y - zero_y) / 1000, (up_x - zero_x) / 1000, (up_y - zero_y) / 1000

    def place(left: float, bottom: float, right: float, top: float) -> Box:
        x0, y0 = a * left + c * bottom + zero_x, b * left + d * bottom + zero_y
        x1, y1 = a * right + c * top + zero_x, b * right + d * top + zero_y
        return (x0 if x0 < x1 else x1, y0 if y0 < y1 else y1, x1 if x0 < x1 else x0, y1 if y0 < y1 else y0)

    return place


def _characters(text: object, place: Callable[..., Box]) -> tuple[list[_Character], int]:
    """Return the characters that have a place, and how many of them mean nothing."""
    get_code, get_box = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    is_broken = pdfium.FPDFText_HasUnicodeMapError
    rect = pdfium.FS_RECTF()
    found: list[_Character] = []
    garbage, spaced = 0, False
    for index in range(pdfium.FPDFText_CountChars(text)):
        code = get_code(text, index)
        if code in (32, 13, 10, 9, 0xA0, 0x3000):
            spaced = True
            continue
        if not get_box(text, index, rect):
            continue
        box = place(rect.left, rect.bottom, rect.right, rect.top)
        if box[2] - box[0] <= 0 and box[3] - box[1] <= 0:
            continue
        means_nothing = code == 0 or code == 0xFFFD or (code < 32 and code != _HYPHEN) or 0xE000 <= code <= 0xF8FF
        if means_nothing or (index % _SAMPLED == 0 and is_broken(text, index) == 1):
            garbage += 1 if means_nothing else _SAMPLED
        if code == 0 or code == 0xFFFE or code == 0xFFFF:
            continue
        last = found[-1] if found else None
        if last is not None and 0xDC00 <= code <= 0xDFFF:
            if 0xD800 <= last.code <= 0xDBFF:
                last.code = 0x10000 + ((last.code - 0xD800) << 10) + (code - 0xDC00)
            continue
        if last is not None and last.code == code and _printed_twice(last.box, box):
            continue
        found.append(_Character(code, box, index, spaced))
        spaced = False
    return [one for one in found if not 0xD800 <= one.code <= 0xDFFF], garbage


def _printed_twice(one: Box, other: Box) -> bool:
    """Whether a character is printed again, a little aside: that is how some programs make bold letters."""
    width = one[2] - one[0]
    return abs(one[0] - other[0]) < 0.2 * width and abs(one[1] - other[1]) < 0.2 * (one[3] - one[1])


def _stacked(shown: list[_Character]) -> tuple[int, int]:
    """Return how many characters stand right below the one before them, and how many right above it."""
    down = up = 0
    for last, one in pairwise(shown):
        step, (x0, y0, x1, y1) = one.box[0] - last.box[0], last.box
        size = x1 - x0 if x1 - x0 > y1 - y0 else y1 - y0
        if -0.3 * size < step < 0.3 * size and abs(one.box[1] - y0) < 2 * size:
            down += one.box[1] > y0
            up += one.box[1] < y0
    return down, up


def _turn(stacked: tuple[int, int], count: int, width: float, height: float) -> Turn | None:
    """Return how to turn a page on which most lines run down, or up."""
    down, up = stacked
    if down > _VERTICAL * count:
        return lambda box: (box[1], width - box[2], box[3], width - box[0])
    if up > _VERTICAL * count:
        return lambda box: (height - box[3], box[0], height - box[1], box[2])
    return None


def _without_aside(shown: list[_Character]) -> tuple[list[_Character], list[list[_Character]]]:
    """Return the characters without those of lines that run down or up, and the latter line by line."""
    rest: list[_Character] = []
    lines: list[list[_Character]] = []
    run: list[_Character] = []
    for one in shown:
        if run and not _is_below(run[-1].box, one.box):
            (lines.append if len(run) >= _LINE_ASIDE else rest.extend)(run)
            run = []
        run.append(one)
    (lines.append if len(run) >= _LINE_ASIDE else rest.extend)(run)
    return rest, lines


def _is_below(one: Box, other: Box) -> bool:
    """Whether a character stands right below another (or above it), in the same narrow column."""
    width = max(one[2] - one[0], other[2] - other[0])
    gap = max(other[1] - one[3], one[1] - other[3])
    return abs(one[0] + one[2] - other[0] - other[2]) < 0.5 * width and -0.3 * width < gap < 0.8 * width


def _words(text: object, shown: list[_Character], turn: Turn | None) -> Iterator[Word]:
    run: list[_Character] = []
    x1 = y0 = y1 = 0.0
    base: Box | None = None
    for one in shown:
        left, top, right, bottom = box = turn(one.box) if turn else one.box
        if base is not None and 48 <= one.code <= 57 and not one.spaced and _is_raised(box, x1, base):
            one.code = ord(_SUPERSCRIPTS[one.code - 48])
        else:
            base = box
        if run:
            height = min(y1 - y0, bottom - top) or 1.0
            shifted = abs((top + bottom) - (y0 + y1)) / 2 > _SHIFT * height
            if one.spaced or shifted or not _BACK * height <= left - x1 <= _GAP * height:
                yield _word(text, run, turn, one.spaced and not shifted)
                run = []
        if not run:
            y0, y1 = top, bottom
        run.append(one)
        x1 = right
    if run:
        yield _word(text, run, turn)


def _is_raised(box: Box, x1: float, base: Box) -> bool:
    """Whether a figure is set small and high behind a character that stands on the line, as the mark of a note is."""
    height, gap = base[3] - base[1], box[0] - x1
    small = _RAISED[0] * height <= box[3] - box[1] <= _RAISED[1] * height
    return small and base[1] - height < box[1] and box[3] < base[3] - _LIFTED * height and abs(gap) <= _GAP * height


def _word(text: object, run: list[_Character], turn: Turn | None, spaced: bool = False) -> Word:
    boxes = [one.box for one in run]
    shown = [turn(box) for box in boxes] if turn else boxes
    y0, y1 = min(box[1] for box in shown), max(box[3] for box in shown)
    size, bold = _font(text, run[0].index)
    letters = "".join("-" if one.code == _HYPHEN else chr(one.code) for one in run)
    return Word(letters, boxes, shown[0][0], y0, max(b[2] for b in shown), y1, size or (y1 - y0), bold, spaced)


def _font(text: object, index: int) -> tuple[float, bool]:
    """Return the size of a character in points, and whether it is bold."""
    matrix = pdfium.FS_MATRIX()
    size = pdfium.FPDFText_GetFontSize(text, index)
    if pdfium.FPDFText_GetMatrix(text, index, matrix):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5
    return round(size, 1), pdfium.FPDFText_GetFontWeight(text, index) >= 600 or _is_named_bold(text, index)


def _is_named_bold(text: object, index: int) -> bool:
    """Whether a character's font is called bold: weights are guessed from strokes, which many programs don't give."""
    name, flags = ctypes.create_string_buffer(_FONT_NAME), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, index, name, _FONT_NAME, flags)
    return _BOLD.search(name.value) is not None
