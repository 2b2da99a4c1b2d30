"""Number formats of a workbook (.xlsx): a cell that holds 0.874 is shown as 87.4%, and people ask for that.

Percentages, decimals, thousands and the words around them are read. Dates are the spreadsheet reader's; fractions,
exponents and colours are left as the number itself.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from vectorstore.reading.archive import Archive
from vectorstore.reading.hidden_cells import Hidden, hidden_in_sheet

_BOOK = "xl/workbook.xml"
_BUILT_IN = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 37: "#,##0", 38: "#,##0"}
_BUILT_IN |= {39: "#,##0.00", 40: "#,##0.00"}
"""The formats that every workbook has, and that change how a number reads (ECMA-376, part 1, 18.8.30)."""
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
_AT = re.compile(rb'(?:^|\s)r="([A-Z]{1,3})(\d{1,7})"')
_STYLE = re.compile(rb'(?:^|\s)s="(\d{1,6})"')
_UNCOMPUTED = re.compile(
    rb'<c\s(?![^<>]*\st="str")[^<>]*>\s*<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
"""A formula without its result; that of a text may be empty."""
_LITERAL = re.compile(r'"([^"]{0,64}+)"|\\(.)|\[\$([^\]\-]{0,64}+)[^\]]{0,64}+\]|\[[^\]]{0,64}+\]|[_*].')
_FORMAT = re.compile(
    r"(?P<before>[^#0?,.%]*)(?P<whole>[#0?,]*[#0?])(?:\.(?P<decimals>[0#?]+))?(?P<thousands>,*)(?P<after>[^#0?,.]*)"
)
_REFUSED = re.compile(r"[A-Za-z@/]")
"""Letters outside quotation marks belong to dates, exponents and "General"."""
_MOST_DECIMALS, _LARGEST = 10, 1e15

Place = tuple[int, int]
"""Row and column of a cell, from 0."""
Value = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | None
"""Of a cell."""


class NumberFormats:
    """The formats of a workbook's cells, by sheet."""

    def __init__(self, archive: Archive) -> None:
        """Read which cells have a format that changes how a number reads.

        Raises:
            UnreadableSource: a part is damaged, or too large.
        """
        styles = _styles(archive)
        self._codes: dict[str, dict[Place, str]] = {}
        self.uncomputed: dict[str, int] = {}
        """How many cells of each sheet hold a formula without its result, as of a program that computes nothing."""
        self.hidden: dict[str, Hidden] = {}
        for name, part in _sheets(archive).items():
            data = archive.read(part)
            self._codes[name] = _codes(data, styles) if styles else {}
            self.hidden[name] = hidden_in_sheet(data, archive, part)
            self.uncomputed[name] = sum(1 for _ in _UNCOMPUTED.finditer(data))

    def shown(self, sheet: str, place: Place, value: float) -> str | None:
        """Return a number as its cell shows it; None where no format says more than the number itself."""
        code = self._codes.get(sheet, {}).get(place)
        return None if code is None else formatted(value, code)


def plain(value: Value) -> str:
    """Return a cell's value as people write it, where no format says how."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.10g}" if abs(value) < 1e9 else f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return "" if value is None else str(value).strip()


def formatted(value: float, code: str) -> str | None:
    """Return a number in a number format ("#,##0.00", '0.0%', '0" km"'); None for a format that isn't read.

    A negative number has a minus, whatever its format says of brackets and colours.
    """
    literals: list[str] = []

    def kept(match: re.Match[str]) -> str:
        literals.append(next((group for group in match.groups() if group), ""))
        return "\0"

    plain = _LITERAL.sub(kept, code).split(";")[0]
    found = None if _REFUSED.search(plain) else _FORMAT.fullmatch(plain)
    if found is None:
        return None
    percent = "%" in found["after"]
    decimals = found["decimals"] or ""
    if len(decimals) > _MOST_DECIMALS or not abs(value) < _LARGEST:
        return None
    number = (abs(Decimal(repr(value))) * (100 if percent else 1)).scaleb(-3 * len(found["thousands"]))
    rounded = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    digits = f"{rounded:,f}" if "," in found["whole"] else f"{rounded:f}".zfill(_width(found["whole"], decimals))
    if optional := len(decimals) - len(decimals.rstrip("#?")):
        kept_digits, cut = digits[:-optional], digits[-optional:].rstrip("0")
        digits = (kept_digits + cut).rstrip(".")
    words = iter(literals)
    before, after = (re.sub("\0", lambda _: next(words, ""), part) for part in (found["before"], found["after"]))
    sign = "-" if value < 0 and any(digit in "123456789" for digit in digits) else ""
    return f"{sign}{before}{digits}{after}".strip()


def _width(whole: str, decimals: str) -> int:
    """Return how many characters a number has at least: "000000" is the format of a code."""
    return whole.count("0") + (1 + len(decimals) if decimals else 0)


def _styles(archive: Archive) -> dict[int, str]:
    """Return the formats that change how a number reads, by the number of a cell's style."""
    root = archive.xml("xl/styles.xml")
    if root is None:
        return {}
    codes = dict(_BUILT_IN)
    for one in root.iter("{*}numFmt"):
        if one.get("numFmtId", "").isdigit() and formatted(0.0, one.get("formatCode", "")) is not None:
            codes[int(one.get("numFmtId", ""))] = one.get("formatCode", "")
    cells = root.find("{*}cellXfs")
    numbers = [one.get("numFmtId", "") for one in (() if cells is None else cells.iter("{*}xf"))]
    return {at: codes[int(n)] for at, n in enumerate(numbers) if n.isdigit() and int(n) in codes}


def _sheets(archive: Archive) -> dict[str, str]:
    """Return the parts of the sheets, by the sheets' names."""
    book, relations = archive.xml(_BOOK), archive.relations(_BOOK)
    found = {}
    for sheet in () if book is None else book.iter("{*}sheet"):
        ids = [value for key, value in sheet.attrib.items() if str(key).endswith("}id")]
        if ids and str(ids[0]) in relations:
            found[sheet.get("name", "")] = relations[str(ids[0])][1]
    return found


def _codes(sheet: bytes, styles: Mapping[int, str]) -> dict[Place, str]:
    found = {}
    for cell in _CELL.finditer(sheet):
        style, at = _STYLE.search(cell[1]), _AT.search(cell[1])
        if style and at and (code := styles.get(int(style[1]))):
            found[int(at[2]) - 1, _column(at[1])] = code
    return found


def _column(letters: bytes) -> int:
    """Return the number of a column, from 0: "A" is 0, "AA" 26."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number - 1
