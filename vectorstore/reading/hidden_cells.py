"""Rows and columns of a sheet (.xlsx, .ods) that are hidden for good: they are no part of what the sheet shows.

Rows that a filter hides, and rows and columns of a folded group, are a way of looking at the sheet: one click shows
them, and they are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from vectorstore.reading.archive import Archive

if TYPE_CHECKING:
    from lxml.etree import _Element

_TAG = re.compile(rb"<(?:\w+:)?(row|col)\s([^<>]*)>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_FILTER = re.compile(rb'<(?:\w+:)?autoFilter\s[^<>]*\bref="\$?[A-Z]+\$?(\d+):\$?[A-Z]+\$?(\d+)(?=")[^<>]*[^/<>]>')
"""A filter with something in it: one that hides nothing is an empty element."""
_TRUE = (b"1", b"true")
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Hidden:
    """The rows and columns of a sheet that are hidden, from 0."""

    rows: Sequence[range] = ()
    columns: Sequence[range] = ()

    def without(self, cells: Sequence[Sequence[_T]], first: tuple[int, int]) -> list[list[_T]]:
        """Return the cells that show; ``first`` is the row and column of ``cells[0][0]``."""
        rows = _marked(self.rows, first[0], len(cells))
        columns = _marked(self.columns, first[1], max(map(len, cells), default=0))
        return [
            [cell for cell, is_hidden in zip(row, columns, strict=False) if not is_hidden]
            for row, is_hidden in zip(cells, rows, strict=True)
            if not is_hidden
        ]

    def counts(self, rows: Sequence[Sequence[str]], first: tuple[int, int]) -> tuple[int, int]:
        """Return how many rows and columns that hold something are hidden."""
        full = {column for row in rows for column, text in enumerate(row) if text}
        hidden_rows = _marked(self.rows, first[0], len(rows))
        hidden_columns = _marked(self.columns, first[1], max(full, default=-1) + 1)
        return (
            sum(is_hidden and any(row) for row, is_hidden in zip(rows, hidden_rows, strict=True)),
            sum(hidden_columns[column] for column in full),
        )


def _marked(ranges: Sequence[range], first: int, count: int) -> bytearray:
    """Return a 1 for each of ``count`` places, from ``first`` on, that is in a range."""
    found = bytearray(count)
    for one in ranges:
        start, stop = max(0, one.start - first), min(count, one.stop - first)
        if start < stop:
            found[start:stop] = b"\1" * (stop - start)
    return found


def hidden_in_sheet(sheet: bytes, archive: Archive, part: str) -> Hidden:
    """Return what is hidden in a sheet of a workbook (.xlsx), whose part of the archive is ``part``."""
    rows: list[range] = []
    columns: list[range] = []
    for tag in _TAG.finditer(sheet) if b"hidden=" in sheet else ():
        found = dict(_ATTRIBUTE.findall(tag[2]))
        if found.get(b"hidden") not in _TRUE or found.get(b"outlineLevel", b"0") != b"0":
            continue
        if tag[1] == b"row":
            rows += _range(found.get(b"r"), found.get(b"r"))
        else:
            columns += _range(found.get(b"min"), found.get(b"max"))
    if not rows:
        return Hidden((), columns)
    tables = [archive.read(name) for kind, name in archive.relations(part).values() if kind == "table"]
    filtered = [span for data in (sheet, *tables) for one in _FILTER.finditer(data) for span in _range(one[1], one[2])]
    return Hidden([row for row in rows if not any(row.start in span for span in filtered)], columns)


def _range(first: bytes | None, last: bytes | None) -> Iterator[range]:
    """Yield the places from one to another, which count from 1."""
    if first and last and first.isdigit() and last.isdigit() and len(first) < 8 and len(last) < 8:
        yield range(int(first) - 1, int(last))


def hidden_in_table(table: _Element) -> Hidden:
    """Return what is hidden in a sheet of an OpenDocument workbook (.ods)."""
    return Hidden(list(_collapsed(table, "row", "rows")), list(_collapsed(table, "column", "columns")))


def _collapsed(table: _Element, what: str, unit: str) -> Iterator[range]:
    at = 0
    for element in table.iter(f"{_TABLE}table-{what}"):
        times = repeated(element, unit)
        folded = next(element.iterancestors(f"{_TABLE}table-{what}-group"), None)
        if element.get(f"{_TABLE}visibility") == "collapse" and folded is None:
            yield range(at, at + times)
        at += times


def repeated(element: _Element, what: str) -> int:
    """Return for how many rows or columns an element of an OpenDocument sheet stands."""
    return _count(element.get(f"{_TABLE}number-{what}-repeated", "1"))


def spanned(element: _Element, what: str) -> int:
    """Return over how many rows or columns a cell of such a sheet is merged."""
    return _count(element.get(f"{_TABLE}number-{what}-spanned", "1"))


def _count(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def hidden_notes(left_out: Mapping[str, int]) -> tuple[str, ...]:
    """Return what people are told of hidden things that were left out: what they are, and how many."""
    counts = [f"{count} hidden {what}{'s' if count > 1 else ''}" for what, count in left_out.items() if count]
    if not counts:
        return ()
    listed = " and ".join(filter(None, (", ".join(counts[:-1]), counts[-1])))
    return (f"{listed} {'was' if sum(left_out.values()) == 1 else 'were'} left out; show what is to be read",)
