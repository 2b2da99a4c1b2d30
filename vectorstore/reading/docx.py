"""Word documents (.docx): headings by style, numbering, tables, footnotes, text boxes; tracked changes as accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vectorstore.errors import EmptySource
from vectorstore.reading import grid
from vectorstore.reading.archive import Archive, names
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.docx_styles import Numbering, Styles, W, value
from vectorstore.reading.markdown import MarkdownWriter
from vectorstore.reading.placed import raised

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAIN = "word/document.xml"
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_GONE = frozenset(f"{W}{tag}" for tag in ("del", "moveFrom", "delText", "instrText", "rPr", "pPr"))
"""What the page doesn't show: deleted text, where moved text was, the code of fields."""
_SIGNS = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": " "}
_NOTES = {f"{W}footnoteReference": "footnotes", f"{W}endnoteReference": "endnotes"}
_BOXES = f"{W}txbxContent"
_DEEPEST = 8  # tables inside tables


class DocxReader(Reader):
    name = "Word"
    suffixes = (".docx", ".docm")

    def identifies(self, data: bytes) -> bool:
        return _MAIN in names(data)

    def recognises(self, data: bytes) -> bool:
        return self.identifies(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document. Where a footnote is referred to, it follows the paragraph.

        Raises:
            UnreadableSource: it is damaged, or larger than the limits.
            EmptySource: it holds no text.
        """
        body = _Body(Archive(source))
        body.write()
        if body.out.is_empty:
            raise EmptySource(f"{source.where} holds no text; there is nothing to index")
        return [RawDocument.of(source.name, body.out.text())]


class _Body:
    def __init__(self, archive: Archive) -> None:
        self.out = MarkdownWriter()
        self._root = archive.xml(_MAIN)
        self._styles = Styles(archive.xml("word/styles.xml"))
        self._numbering = Numbering(archive.xml("word/numbering.xml"))
        self._notes = {kind: _notes(archive.xml(f"word/{kind}.xml")) for kind in ("footnotes", "endnotes")}

    def write(self) -> None:
        body = None if self._root is None else self._root.find(f"{W}body")
        for element in () if body is None else _blocks(body):
            self._write(element)

    def _write(self, element: _Element) -> None:
        if element.tag == f"{W}tbl":
            self._write_table(element)
        else:
            self._write_paragraph(element)
        for box in _boxes(element):
            for block in _blocks(box):
                self._write(block)
        for note in self._notes_of(element):
            self.out.paragraph(note)

    def _write_paragraph(self, paragraph: _Element) -> None:
        text = _text(paragraph).strip()
        if not text:
            return
        style = self._styles.of(paragraph)
        label, depth = self._numbering.next(paragraph, style)
        if style.level:
            self.out.heading(style.level, f"{label}{text}")
        elif label:
            mark = label if label[0] in "-" or label[0].isdigit() else ""
            self.out.item(text if mark else f"{label}{text}", mark, depth)
        else:
            self.out.paragraph(text)

    def _write_table(self, table: _Element) -> None:
        rows = _rows(table)
        widest = max((len(row) for row in rows), default=0)
        if widest < 2 or len(rows) < 2:
            for cell in table.iter(f"{W}tc"):
                if _owner(cell, f"{W}tbl") is table:
                    for block in _blocks(cell):
                        self._write(block)
            return
        self.out.table(rows, is_ruled=True)

    def _notes_of(self, element: _Element) -> Iterator[str]:
        for tag, kind in _NOTES.items():
            for reference in element.iter(tag):
                note = self._notes[kind].get(value(reference, "id") or "")
                if note:
                    yield note


def _blocks(parent: _Element) -> Iterator[_Element]:
    """Yield the paragraphs and tables right below an element, also inside content controls and insertions."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag == f"{W}sdt":
            content = child.find(f"{W}sdtContent")
            if content is not None:
                yield from _blocks(content)
        elif child.tag in (f"{W}ins", f"{W}moveTo", f"{W}customXml", f"{W}smartTag"):
            yield from _blocks(child)


def _text(element: _Element) -> str:
    """Return what an element shows, without its text boxes."""
    if element.tag == f"{W}t":
        return element.text or ""
    if element.tag in _SIGNS:
        return _SIGNS[element.tag]
    if element.tag in _GONE or element.tag in (_BOXES, f"{_ALTERNATIVE}Fallback"):
        return ""
    text = "".join(_text(child) for child in element if isinstance(child.tag, str))
    return raised(text, _text_before(element)) if _is_raised(element) else text


def _is_raised(run: _Element) -> bool:
    align = run.find(f"{W}rPr/{W}vertAlign") if run.tag == f"{W}r" else None
    return align is not None and value(align) == "superscript"


def _text_before(run: _Element) -> str:
    texts = (_text(one) for one in run.itersiblings(preceding=True) if isinstance(one.tag, str))
    return next(filter(None, texts), "")


def _boxes(element: _Element) -> Iterator[_Element]:
    """Yield the text boxes of a paragraph, without the copies that older programs would show."""
    for box in element.iter(_BOXES):
        if _owner(box, f"{_ALTERNATIVE}Fallback") is None and _owner(box, _BOXES) is None:
            yield box


def _owner(element: _Element, tag: str) -> _Element | None:
    return next(element.iterancestors(tag), None)


def _rows(table: _Element) -> list[list[grid.Cell]]:
    """Return a table's cells as a grid; merged ones are spread over it."""
    rows: list[list[grid.Cell]] = []
    for row in table.iterchildren(f"{W}tr"):
        cells: list[grid.Cell] = []
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        for element in _cells(row):
            merged = element.find(f"{W}tcPr/{W}vMerge")
            above = rows[-1][len(cells)] if rows and len(rows[-1]) > len(cells) else grid.Cell()
            down = merged is not None and value(merged) != "restart"
            cell = above.again("down") if down else grid.Cell.of(_cell_text(element))
            span = element.find(f"{W}tcPr/{W}gridSpan")
            width = min(200, int(value(span) or 1)) if span is not None else 1
            cells += [cell, *[cell.again("down" if down else "across")] * (width - 1)]
        rows.append(cells)
    return rows


def _cells(row: _Element) -> Iterator[_Element]:
    for child in row:
        if child.tag == f"{W}tc":
            yield child
        elif child.tag in (f"{W}sdt", f"{W}customXml"):
            yield from _cells(child.find(f"{W}sdtContent") if child.tag == f"{W}sdt" else child)  # type: ignore[arg-type]


def _cell_text(cell: _Element, depth: int = 0) -> str:
    """Return a cell's paragraphs, and the rows of tables inside it, as lines."""
    lines = []
    for block in _blocks(cell):
        if block.tag == f"{W}p":
            lines.append(_text(block))
        elif depth < _DEEPEST:
            for row in block.iterchildren(f"{W}tr"):
                lines.append(" ".join(_cell_text(inner, depth + 1) for inner in _cells(row)))
    return "\n".join(line for line in lines if line.strip())


def _notes(root: _Element | None) -> dict[str, str]:
    """Return the texts of footnotes by id; those for separators have a type."""
    found = {}
    for note in () if root is None else root:
        if isinstance(note.tag, str) and value(note, "type") in (None, "normal"):
            lines = (_text(paragraph).strip() for paragraph in note.iter(f"{W}p"))
            found[value(note, "id") or ""] = "\n".join(filter(None, lines))
    return found
