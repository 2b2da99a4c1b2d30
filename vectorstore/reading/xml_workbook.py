"""Workbooks as one XML file ("XML Spreadsheet 2003", .xml or .xls): their sheets, for the reader of spreadsheets."""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vectorstore.reading.archive import parse_xml
from vectorstore.reading.base import Source
from vectorstore.reading.hidden_cells import Hidden
from vectorstore.reading.number_formats import formatted, plain
from vectorstore.reading.placed import raised

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_S = f"{{{_NAMESPACE}}}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_HTML = "{http://www.w3.org/TR/REC-html40}"
_ROOT = re.compile(rb"<(?:\w{1,20}:)?Workbook[\s>]")
_LOOKED_AT = 4096
_NAMED = {"Percent": "0.00%", "Fixed": "0.00", "Standard": "#,##0.00"}
"""Number formats that have a name; of the others a name says no more than the number."""
_FILTERED = re.compile(r"R(\d{1,7})C\d+:R(\d{1,7})C\d+")
_DEEPEST = 10
"""Styles that are made of one another."""
_FARTHEST = 1 << 20
"""Rows of a sheet at most, and more than its columns."""


@dataclass
class Sheet:
    """A sheet: its cells as they are shown."""

    name: str
    rows: list[list[str]] = field(default_factory=list)
    """As many cells in each."""
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    """((first row, first column), (last row, last column)) of each merged range."""
    first: tuple[int, int] = (0, 0)
    """Row and column of ``rows[0][0]``."""
    hidden: Hidden = field(default_factory=Hidden)
    is_hidden: bool = False


def is_xml_workbook(data: bytes) -> bool:
    """Whether ``data`` is such a workbook, in UTF-8 or UTF-16."""
    head = data[:_LOOKED_AT].replace(b"\0", b"")
    return _NAMESPACE.encode() in head and _ROOT.search(head) is not None


def read_sheets(source: Source) -> Iterator[Sheet]:
    """Yield the sheets of a workbook.

    Raises:
        UnreadableSource: it is damaged, or has entities of its own.
    """
    root = parse_xml(source.data, source.where)
    styles = {style.get(f"{_S}ID", ""): style for style in root.iter(f"{_S}Style")}
    formats = {id: code for id, style in styles.items() if (code := _code(style, styles))}
    for element in root.iterchildren(f"{_S}Worksheet"):
        visible = element.findtext(f"{_X}WorksheetOptions/{_X}Visible", "")
        sheet = Sheet(
            element.get(f"{_S}Name", ""), is_hidden=visible.startswith("SheetHidden") or "VeryHidden" in visible
        )
        table = element.find(f"{_S}Table")
        if table is not None:
            _fill(sheet, table, formats, _filtered(element))
        yield sheet


def _code(style: _Element, styles: Mapping[str, _Element]) -> str:
    """Return the number format of a style, or of the one that it is made of ("Percent"); empty for none."""
    for _ in range(_DEEPEST):
        number, parent = style.find(f"{_S}NumberFormat"), styles.get(style.get(f"{_S}Parent", ""))
        if number is not None:
            code = number.get(f"{_S}Format", "")
            return _NAMED.get(code, code)
        if parent is None:
            break
        style = parent
    return ""


def _fill(sheet: Sheet, table: _Element, formats: Mapping[str, str], filtered: range) -> None:
    hidden_rows: list[range] = []
    columns = list(_columns(table))
    firsts = [column.start for column, _ in columns]
    y = -1
    for row in table.iterchildren(f"{_S}Row"):
        y = _number(row, "Index", y + 2) - 1
        span = _number(row, "Span", 0)
        if row.get(f"{_S}Hidden") == "1" and y not in filtered:
            hidden_rows.append(range(y, y + span + 1))
        x = -1
        cells: list[str] = []
        for cell in row.iterchildren(f"{_S}Cell"):
            x = _number(cell, "Index", x + 2) - 1
            style = cell.get(f"{_S}StyleID") or row.get(f"{_S}StyleID") or ""
            if not style and (at := bisect_right(firsts, x)) and x in columns[at - 1][0]:
                style = columns[at - 1][1].get(f"{_S}StyleID", "")
            cells += [""] * (x - len(cells)) + [_text(cell, formats.get(style, ""))]
            right, down = _number(cell, "MergeAcross", 0), _number(cell, "MergeDown", 0)
            if right or down:
                sheet.merged.append(((y, x), (y + down, x + right)))
            x += right
        if cells or sheet.rows:
            sheet.rows += [[]] * (y - len(sheet.rows)) + [cells]
        y += span
    _square(sheet)
    sheet.hidden = Hidden(hidden_rows, [one for one, column in columns if column.get(f"{_S}Hidden") == "1"])


def _square(sheet: Sheet) -> None:
    """Make all rows as long as the longest, and let them reach as far as merged cells do."""
    width = max([len(row) for row in sheet.rows] + [right + 1 for _, (_, right) in sheet.merged], default=0)
    sheet.rows = [row + [""] * (width - len(row)) for row in sheet.rows]


def _columns(table: _Element) -> Iterator[tuple[range, _Element]]:
    """Yield what is told of columns, from left to right, and of which."""
    x = -1
    for column in table.iterchildren(f"{_S}Column"):
        x = _number(column, "Index", x + 2) - 1
        span = _number(column, "Span", 0)
        yield range(x, x + span + 1), column
        x += span


def _filtered(sheet: _Element) -> range:
    """Return the rows of a filter that hides some: it is a way of looking at them."""
    for found in sheet.iterchildren(f"{_X}AutoFilter"):
        match = _FILTERED.fullmatch(found.get(f"{_X}Range", ""))
        if match and len(found):
            return range(int(match[1]) - 1, int(match[2]))
    return range(0)


def _number(element: _Element, name: str, default: int) -> int:
    text = element.get(f"{_S}{name}", "")
    return min(_FARTHEST, max(default, int(text))) if text.isascii() and text.isdigit() and len(text) < 8 else default


def _text(cell: _Element, code: str) -> str:
    """Return what a cell shows."""
    data = cell.find(f"{_S}Data")
    if data is None:
        return ""
    kind, text = data.get(f"{_S}Type"), _marked_up(data).strip()
    if kind == "Number":
        try:
            value = float(text)
        except ValueError:
            return text
        shown = formatted(value, code) if code else None
        return plain(value) if shown is None else shown
    if kind == "DateTime":
        try:
            return plain(datetime.datetime.fromisoformat(text))
        except ValueError:
            return text
    return plain(text == "1") if kind == "Boolean" else text


def _marked_up(element: _Element) -> str:
    """Return the text of an element that may have fonts and raised figures in it."""
    text = element.text or ""
    for child in element:
        inner = _marked_up(child) if isinstance(child.tag, str) else ""
        text += (raised(inner, text) if child.tag == f"{_HTML}Sup" else inner) + (child.tail or "")
    return text
