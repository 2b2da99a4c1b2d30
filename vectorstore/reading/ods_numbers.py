"""Numbers of an OpenDocument sheet (.ods) as it shows them: beside each number it keeps the text of its cell.

Its hidden rows and columns and its merged cells are read along, for the sheet is parsed once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vectorstore.reading.archive import Archive
from vectorstore.reading.hidden_cells import Hidden, hidden_in_table, repeated, spanned

if TYPE_CHECKING:
    from lxml.etree import _Element

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_NUMBERS = ("float", "percentage", "currency")
_MOST_REPEATED = 1000
"""Times that a row or cell with a number is repeated at most: a sheet is filled up with empty ones."""

Place = tuple[int, int]
"""Row and column of a cell, from 0."""


class OdsNumbers:
    """The texts of a workbook's cells that hold numbers, by sheet."""

    def __init__(self, archive: Archive) -> None:
        """Read them.

        Raises:
            UnreadableSource: the sheets' part is damaged, or too large.
        """
        root = archive.xml("content.xml")
        tables = () if root is None else root.iter(f"{_TABLE}table")
        self._texts: dict[str, dict[Place, str]] = {}
        self.hidden: dict[str, Hidden] = {}
        self.merged: dict[str, list[tuple[Place, Place]]] = {}
        """The first and the last cell of each merged range."""
        for table in tables:
            name = table.get(f"{_TABLE}name", "")
            self.hidden[name], self.merged[name] = hidden_in_table(table), []
            self._texts[name] = dict(_texts(table, self.merged[name]))

    def shown(self, sheet: str, place: Place, value: float) -> str | None:
        """Return a number as its cell shows it; None where that isn't told."""
        return self._texts.get(sheet, {}).get(place)


def _texts(table: _Element, merged: list[tuple[Place, Place]]) -> Iterator[tuple[Place, str]]:
    """Yield the texts of cells with numbers, and add the ranges of merged cells to ``merged``."""
    y = 0
    for row in table.iter(f"{_TABLE}table-row"):
        times, x = repeated(row, "rows"), 0
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            width = repeated(cell, "columns")
            right, down = (spanned(cell, what) - 1 for what in ("columns", "rows"))
            if right or down:
                merged.append(((y, x), (y + down, x + right)))
            if cell.get(f"{_OFFICE}value-type") in _NUMBERS:
                text = " ".join("".join(map(str, line.itertext())) for line in cell.iterchildren(f"{_TEXT}p")).strip()
                for below in range(min(times, _MOST_REPEATED) if text else 0):
                    for beside in range(min(width, _MOST_REPEATED)):
                        yield (y + below, x + beside), text
            x += width
        y += times
