"""Spreadsheets (.xlsx, .xls, .xlsb, .ods, XML) and tables as text (.csv, .tsv): each row below its columns' names."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import PurePath

from vectorstore.errors import EmptySource, UnreadableSource
from vectorstore.places import Page
from vectorstore.reading import grid
from vectorstore.reading.archive import OLE, Archive, names
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.decoding import decode, looks_like_text, refuse_bad_text
from vectorstore.reading.hidden_cells import Hidden, hidden_notes
from vectorstore.reading.limits import MEGABYTE
from vectorstore.reading.markdown import MarkdownWriter
from vectorstore.reading.number_formats import NumberFormats, Value, plain
from vectorstore.reading.ods_numbers import OdsNumbers
from vectorstore.reading.ole import is_workbook
from vectorstore.reading.placed import as_text
from vectorstore.reading.xml_workbook import Sheet, is_xml_workbook, read_sheets

_BOOKS = ("xl/workbook.xml", "xl/workbook.bin")
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_DELIMITERS = ",;\t|"
_LOOKED_AT = 50
"""Lines from which the delimiter is found out."""
_NAMED_DELIMITER = re.compile(r"\ufeff?sep=([^\w\s\"]|\t)\r?\n", re.IGNORECASE)
"""A first line that tells Excel the delimiter."""
_LONG = 200
"""Characters of a cell that is a text of its own: its row is written as "column: value", one below the other."""


class SpreadsheetReader(Reader):
    name = "spreadsheet"
    suffixes = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

    def identifies(self, data: bytes) -> bool:
        if data.startswith(OLE):
            return is_workbook(data)
        if is_xml_workbook(data):
            return True
        parts = names(data)
        return not parts.isdisjoint(_BOOKS) or ("content.xml" in parts and _ODS in data[:200])

    def recognises(self, data: bytes) -> bool:
        return self.identifies(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document; its places are its sheets.

        Hidden sheets are left out, and in .xlsx and .ods hidden rows and columns: of others calamine tells of none.

        Raises:
            UnreadableSource: it is damaged, encrypted, or larger than the limits.
            EmptySource: its sheets are empty.
        """
        out = MarkdownWriter()
        left_out = Counter(sheet=0, row=0, column=0)
        notes = (
            _write_xml(source, out, left_out) if is_xml_workbook(source.data) else _write_book(source, out, left_out)
        )
        if out.is_empty:
            raise EmptySource(f"{source.where} has only empty or hidden sheets; there is nothing to index")
        notes = (*notes, *hidden_notes(left_out))
        return [RawDocument.of(source.name, out.text(), title=_title(source), places=out.places(), notes=notes)]


def _write_book(source: Source, out: MarkdownWriter, left_out: Counter[str]) -> tuple[str, ...]:
    """Write the sheets of a workbook, count what is hidden in it, and return notes."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    archive = _opened(source)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(source.data))
        formats = _formats(archive)
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        left_out["sheet"] = len(book.sheets_metadata) - len(shown)
        for name in shown:
            sheet = book.get_sheet_by_name(name)
            first = sheet.start or (0, 0)
            rows = [
                [_formatted(formats, name, (y, x), value) for x, value in enumerate(row, start=first[1])]
                for y, row in enumerate(sheet.to_python(skip_empty_area=True), start=first[0])
            ]
            hidden = formats.hidden.get(name, Hidden()) if formats is not None else Hidden()
            merged = formats.merged.get(name) if isinstance(formats, OdsNumbers) else sheet.merged_cell_ranges
            _write_sheet(out, Sheet(name, rows, merged or [], first, hidden), left_out)
    except PasswordError as error:
        raise UnreadableSource(f"{source.where} is encrypted; save it without a password") from error
    except (CalamineError, ValueError, KeyError) as error:
        raise UnreadableSource(f"{source.where} can't be read as a spreadsheet ({error}); save it again") from error
    return _notes(formats, shown)


def _write_xml(source: Source, out: MarkdownWriter, left_out: Counter[str]) -> tuple[str, ...]:
    """Do the same for a workbook as one XML file."""
    for sheet in read_sheets(source):
        if sheet.is_hidden:
            left_out["sheet"] += 1
        else:
            _write_sheet(out, sheet, left_out)
    return ()


def _write_sheet(out: MarkdownWriter, sheet: Sheet, left_out: Counter[str]) -> None:
    out.add_page(Page(sheet.name, kind="sheet"))
    rows, columns = sheet.hidden.counts(sheet.rows, sheet.first)
    left_out.update(row=rows, column=columns)
    cells = sheet.hidden.without(_with_merged(sheet.rows, sheet.merged, sheet.first), sheet.first)
    if any(cell.text for row in cells for cell in row):
        out.heading(2, sheet.name)
        _write_blocks(out, cells)


def _title(source: Source) -> str:
    """Return the file's name without its suffix: a table says seldom what it is about."""
    return PurePath(source.name).stem


def _notes(formats: NumberFormats | OdsNumbers | None, sheets: Sequence[str]) -> tuple[str, ...]:
    """Return what people are told of cells that show nothing."""
    count = sum(formats.uncomputed.get(name, 0) for name in sheets) if isinstance(formats, NumberFormats) else 0
    if not count:
        return ()
    cells = "1 cell holds a formula" if count == 1 else f"{count} cells hold formulas"
    return (f"{cells} without a result, and nothing else was read of them; save the file in a spreadsheet program",)


def _opened(source: Source) -> Archive | None:
    """Return the archive that a workbook is, None for one of the older kind.

    Raises:
        UnreadableSource: it is larger unpacked than the limit: it is refused before another library unpacks it.
    """
    if source.data.startswith(OLE):
        return None
    archive = Archive(source)
    if sum(archive.sizes()) > source.options.limits.unpacked_mb * MEGABYTE:
        raise UnreadableSource(f"{source.where} unpacks to more than the limit (QA_READ_UNPACKED_MB)")
    return archive


def _formats(archive: Archive | None) -> NumberFormats | OdsNumbers | None:
    """Return what tells how cells show their numbers; None for a workbook of the older kind."""
    if archive is None:
        return None
    return OdsNumbers(archive) if "content.xml" in archive.names else NumberFormats(archive)


def _formatted(formats: NumberFormats | OdsNumbers | None, sheet: str, place: tuple[int, int], value: Value) -> str:
    """Return a cell's value as its sheet shows it."""
    if formats is None or not isinstance(value, int | float) or isinstance(value, bool):
        return plain(value)
    shown = formats.shown(sheet, place, value)
    return plain(value) if shown is None else shown


def _with_merged(
    rows: Sequence[Sequence[str]],
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    first: tuple[int, int],
) -> list[list[grid.Cell]]:
    """Return the cells of a sheet; merged ones are spread over their places.

    Args:
        merged: ((first row, first column), (last row, last column)) of each merged range.
        first: row and column of ``rows[0][0]``.
    """
    cells = [[_cell(text) for text in row] for row in rows]
    for (top, left), (bottom, right) in merged:
        top, left, bottom, right = top - first[0], left - first[1], bottom - first[0], right - first[1]
        if not (0 <= top < len(cells) and 0 <= left < len(cells[top])):
            continue
        for row in range(top, min(bottom, len(cells) - 1) + 1):
            for column in range(left, min(right, len(cells[row]) - 1) + 1):
                if (row, column) != (top, left):
                    cells[row][column] = cells[top][left].again("across" if row == top else "down")
    return cells


def _cell(text: str) -> grid.Cell:
    """Return a cell; a long text keeps its line ends."""
    return grid.Cell.of(text) if len(text) <= _LONG else grid.Cell(as_text(text))


def _write_blocks(out: MarkdownWriter, rows: Sequence[Sequence[grid.Cell]]) -> None:
    """Write what stands between empty rows, each as a table of its own; figures below one belong to the table above."""
    blocks: list[list[Sequence[grid.Cell]]] = []
    for full, run in groupby(rows, key=lambda row: any(cell.text for cell in row)):
        if not full:
            continue
        lines = list(run)
        if blocks and any(grid.is_number(cell.text) for cell in lines[0][1:]):
            blocks[-1] += lines
        else:
            blocks.append(lines)
    for block in blocks:
        _write(out, block)


def _write(out: MarkdownWriter, rows: Sequence[Sequence[grid.Cell]]) -> None:
    """Write a table; one with long texts as "column: value", between the captions above it and the notes below."""
    header = next((at for at, row in enumerate(rows[:-1]) if not grid.is_caption(row)), 0)
    end = len(rows)
    while end > header + 2 and len(rows[end - 1]) > 1 and grid.is_line(rows[end - 1]) and rows[end - 1][0].text:
        end -= 1
    if len(rows) < 2 or not any(len(cell.text) > _LONG for row in rows[header:end] for cell in row):
        out.table(rows)
        return
    if header:
        out.table(rows[:header])
    for row in rows[header + 1 : end]:
        for name, cell in zip(rows[header], row, strict=False):
            if cell.spread == "across":
                continue
            if len(cell.text) > _LONG:
                out.heading(3, name.text)
                out.paragraph(cell.content)
            elif cell.text:
                out.paragraph(f"{name.text}: {cell.text}" if name.text else cell.content)
    if end < len(rows):
        out.table(rows[end:])


class CsvReader(Reader):
    name = "table as text"
    suffixes = (".csv", ".tsv")

    def recognises(self, data: bytes) -> bool:
        return looks_like_text(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document; its first line names the columns.

        Raises:
            UnreadableSource: it is not text.
            EmptySource: nothing but white space.
        """
        decoded = decode(source.data, source.where)
        refuse_bad_text(decoded.text, source.where)
        csv.field_size_limit(source.options.limits.output_mb * MEGABYTE)
        named = _NAMED_DELIMITER.match(decoded.text)
        text = decoded.text[named.end() :] if named else decoded.text
        if not text.strip():
            raise EmptySource(f"{source.where} is empty; there is nothing to index")
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=named[1] if named else _delimiter(text)))
        except csv.Error as error:
            raise UnreadableSource(f"{source.where} can't be read as a table ({error}); export it as UTF-8") from error
        width = max(len(row) for row in rows)
        even = [[text.strip() for text in (*row, *[""] * (width - len(row)))] for row in rows]
        out = MarkdownWriter()
        _write_blocks(out, _with_merged(even, [], (0, 0)))
        if out.is_empty:
            raise EmptySource(f"{source.where} is empty; there is nothing to index")
        return [RawDocument.of(source.name, out.text(), decoded.encoding, _title(source), notes=decoded.notes)]


def _delimiter(text: str) -> str:
    """Return the delimiter that divides most lines into equally many cells, more than one."""
    lines = text.splitlines()[:_LOOKED_AT]

    def agreement(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        return (widths.count(usual), usual) if usual > 1 else (0, 0)

    try:
        return max(_DELIMITERS, key=agreement)
    except csv.Error:
        return ","
