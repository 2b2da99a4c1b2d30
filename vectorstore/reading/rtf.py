"""Rich Text Format (.rtf): headings by style, lists, tables, footnotes and text boxes; tracked changes as accepted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from vectorstore.errors import EmptySource
from vectorstore.reading import grid
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.markdown import MarkdownWriter
from vectorstore.reading.rtf_text import Paragraph, Row, RtfText, blocks_in_order

_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,64}\{\s{0,64}\\rtf\d?")
_NEAR = 30
"""Twentieths of a point between two edges that are one."""
_BULLET = re.compile("[•·●○■□◆◇▪‣➢✓\ue000-\uf8ff-]$")


class RtfReader(Reader):
    name = "Rich Text Format"
    suffixes = (".rtf",)

    def identifies(self, data: bytes) -> bool:
        return _BEGINS.match(data) is not None

    def recognises(self, data: bytes) -> bool:
        return self.identifies(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document. Where a footnote is referred to, it follows the paragraph.

        Raises:
            EmptySource: it holds no text.
        """
        text, out = RtfText(source.data), MarkdownWriter()
        for is_row, run in groupby(blocks_in_order(text.blocks), key=lambda block: isinstance(block, Row)):
            blocks = list(run)
            if is_row:
                _write_table(out, [block for block in blocks if isinstance(block, Row)])
            for block in blocks:
                if isinstance(block, Paragraph):
                    _write_paragraph(out, block)
        if out.is_empty:
            raise EmptySource(f"{source.where} holds no text; there is nothing to index")
        notes = (f"{text.replaced} characters could not be decoded; each is shown as \ufffd",) if text.replaced else ()
        return [RawDocument.of(source.name, out.text(), notes=notes)]


def _write_paragraph(out: MarkdownWriter, paragraph: Paragraph) -> None:
    label = paragraph.label
    if paragraph.level:
        out.heading(paragraph.level, f"{label} {paragraph.text}".strip())
    elif _BULLET.match(label):
        out.item(paragraph.text)
    elif label:
        out.item(paragraph.text, f"{label} " if label.isascii() else label)
    else:
        out.paragraph(paragraph.text)


def _write_table(out: MarkdownWriter, rows: Sequence[Row]) -> None:
    cells = _grid(rows)
    if len(cells) > 1 and max(map(len, cells)) > 1:
        out.table(cells, is_ruled=True)
    else:
        for row in rows:
            for text in row.cells:
                out.paragraph(text)


def _grid(rows: Sequence[Row]) -> list[list[grid.Cell]]:
    """Return the cells of a table; merged ones are spread over the columns that other rows have there."""
    edges: list[int] = []
    for right in sorted({edge.right for row in rows for edge in row.edges}):
        if not edges or right - edges[-1] > _NEAR:
            edges.append(right)
    found: list[list[grid.Cell]] = []
    for row in rows:
        line: list[grid.Cell] = []
        for number, text in enumerate(row.cells):
            edge = row.edges[number] if number < len(row.edges) else None
            cell = grid.Cell.of(text)
            if edge is not None and edge.down and found and len(found[-1]) > len(line):
                cell = found[-1][len(line)].again("down")
            elif edge is not None and edge.across and line:
                cell = line[-1].again("across")
            line.append(cell)
            reach = sum(one <= edge.right + _NEAR for one in edges) if edge is not None else 0
            line += [cell.again("across")] * (reach - len(line))
        found.append(line)
    width = max(map(len, found), default=0)
    return [[*line, *[grid.Cell()] * (width - len(line))] for line in found]
