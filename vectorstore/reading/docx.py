"""Word documents (.docx): headings by style, numbering, tables, charts, notes, text boxes; tracked changes accepted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING

from vectorstore.errors import EmptySource
from vectorstore.reading import grid
from vectorstore.reading.archive import Archive, names
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.charts import C, read_chart
from vectorstore.reading.docx_signs import sign
from vectorstore.reading.docx_styles import Numbering, Styles, W, is_set, value
from vectorstore.reading.markdown import MarkdownWriter
from vectorstore.reading.placed import raised
from vectorstore.text.endings import is_closed, label_end
from vectorstore.text.language import mostly_latin

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAIN = "word/document.xml"
_PARTS = ("styles", "numbering", "footnotes", "endnotes")
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_GONE = frozenset(f"{W}{tag}" for tag in ("del", "moveFrom", "delText", "instrText", "rPr", "pPr", "rt"))
"""What the page doesn't show: deleted text, where moved text was, the code of fields; or as a reading above others."""
_SIGNS = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": " "}
_NOTES = {f"{W}footnoteReference": "footnotes", f"{W}endnoteReference": "endnotes"}
_WRAPPERS = frozenset(f"{W}{tag}" for tag in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_BOXES = f"{W}txbxContent"
_DEEPEST = 8  # tables inside tables
_TITLE_LINES = 3
_LONGEST_TITLE = 120
"""Characters of a title's line; of Chinese half as many."""


class DocxReader(Reader):
    name = "Word"
    suffixes = (".docx", ".docm")

    def identifies(self, data: bytes) -> bool:
        return any(name.startswith("word/document") for name in names(data))  # Word online counts: "document2.xml"

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
        main = next((part for kind, part in archive.relations("").values() if kind == "officeDocument"), _MAIN)
        self._archive, self._relations = archive, archive.relations(main)
        parts = dict(self._relations.values())
        styles, numbering, *notes = (archive.xml(parts.get(kind, f"word/{kind}.xml")) for kind in _PARTS)
        self._root = archive.xml(main)
        self._styles, self._numbering = Styles(styles), Numbering(numbering)
        self._notes = {kind: _notes(root) for kind, root in zip(_PARTS[2:], notes, strict=True)}

    def write(self) -> None:
        body = None if self._root is None else self._root.find(f"{W}body")
        blocks = [] if body is None else list(_blocks(body))
        title = self._title(blocks)
        if title:
            self.out.heading(1, " ".join(_text(element).strip() for element in title))
        for element in blocks[len(title) :]:
            self._write(element)

    def _title(self, blocks: list[_Element]) -> list[_Element]:
        """Return the paragraphs at the beginning that look like a title: in the middle, none smaller than the first.

        Empty where styles say which paragraph is the title, or where more is in the middle than a title.
        """
        shown = [element for element in blocks[: 2 * _TITLE_LINES] if _text(element).strip()]
        middle = list(takewhile(self._may_be_title, shown))
        has_more = len(shown) > len(middle)
        if not middle or len(middle) > _TITLE_LINES or not has_more or any(map(self._is_title, blocks)):
            return []
        size = _size(middle[0])
        found = list(takewhile(lambda element: _size(element) >= size, middle))
        return blocks[: blocks.index(found[-1]) + 1]

    def _may_be_title(self, paragraph: _Element) -> bool:
        text = _text(paragraph).strip()
        longest = _LONGEST_TITLE // (1 if mostly_latin(text) else 2)
        styled = self._styles.of(paragraph)
        if styled.level or styled.numbering:
            return False
        is_line = paragraph.tag == f"{W}p" and len(text) <= longest and text[0] not in "(（" and not is_closed(text)
        return is_line and label_end(text) == 0 and self._styles.is_centred(paragraph) and not self._has_more(paragraph)

    def _has_more(self, paragraph: _Element) -> bool:
        return next(_boxes(paragraph), None) is not None or next(self._notes_of(paragraph), None) is not None

    def _is_title(self, element: _Element) -> bool:
        return element.tag == f"{W}p" and self._styles.of(element).level == 1

    def _write(self, element: _Element) -> None:
        if element.tag == f"{W}tbl" and _is_grid(element):
            self.out.table(self._rows(element), is_ruled=True)
        elif element.tag == f"{W}tbl":
            for block in (block for row in _table_rows(element) for cell in _cells(row) for block in _blocks(cell)):
                self._write(block)
            return  # each of them with its text boxes and footnotes
        else:
            self._write_paragraph(element)
        box = _owner(element, _BOXES)
        for chart in element.iter(f"{C}chart"):
            target = self._relations.get(chart.get(f"{_R}id", ""), ("", ""))[1]
            data = self._archive.xml(target) if target and _owner(chart, _BOXES) is box else None
            if data is not None:
                caption, rows = read_chart(data)
                self.out.paragraph(caption)
                self.out.table(rows, header=1)
        for inner in _boxes(element):
            for block in _blocks(inner):
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

    def _rows(self, table: _Element) -> list[list[grid.Cell]]:
        """Return a table's cells as a grid; merged ones are spread over it."""
        rows: list[list[grid.Cell]] = []
        for row in _table_rows(table):
            skipped = row.find(f"{W}trPr/{W}gridBefore")
            cells = [grid.Cell()] * (_span(skipped) if skipped is not None else 0)
            for element in _cells(row):
                merged = element.find(f"{W}tcPr/{W}vMerge")
                above = rows[-1][len(cells)] if rows and len(rows[-1]) > len(cells) else grid.Cell()
                down = merged is not None and value(merged) != "restart"
                cell = above.again("down") if down else grid.Cell.of(self._cell_text(element))
                span = element.find(f"{W}tcPr/{W}gridSpan")
                width = _span(span) if span is not None else 1
                cells += [cell, *[cell.again("down" if down else "across")] * (width - 1)]
            rows.append(cells)
        return rows

    def _cell_text(self, cell: _Element, depth: int = 0) -> str:
        """Return a cell's paragraphs, and the rows of tables inside it, as lines; a number may stand without a text."""
        lines = []
        for block in _blocks(cell):
            if block.tag == f"{W}p":
                label, _ = self._numbering.next(block, self._styles.of(block))
                lines.append(_text(block) if label == "- " else label + _text(block))
            elif depth < _DEEPEST:
                for row in _table_rows(block):
                    lines.append(" ".join(self._cell_text(inner, depth + 1) for inner in _cells(row)))
        return "\n".join(line for line in lines if line.strip())

    def _notes_of(self, element: _Element) -> Iterator[str]:
        for tag, kind in _NOTES.items():
            for reference in element.iter(tag):
                note = self._notes[kind].get(value(reference, "id") or "")
                if note and _owner(reference, f"{W}del") is None:
                    yield note


def _blocks(parent: _Element) -> Iterator[_Element]:
    """Yield the paragraphs and tables of a part of the document."""
    return _inside(parent, f"{W}p", f"{W}tbl")


def _size(paragraph: _Element) -> int:
    """Return the size of a paragraph's letters in half points, where it is set at the largest of them; else 0."""
    found = (value(size) or "" for size in paragraph.iter(f"{W}sz"))
    return max((int(size) for size in found if size.isdecimal()), default=0)


def _text(element: _Element) -> str:
    """Return what an element shows, without its text boxes."""
    if element.tag in (f"{W}t", f"{_MATH}t"):
        return element.text or ""
    if element.tag == f"{_MATH}f":
        return "/".join(_operand(_text(part)) for part in element.iterchildren(f"{_MATH}num", f"{_MATH}den"))
    if element.tag == f"{_MATH}sup":
        return "^" + _operand("".join(map(_text, element)))
    if element.tag in _SIGNS:
        return _SIGNS[element.tag]
    if element.tag == f"{W}sym":
        return sign(value(element, "font") or "", value(element, "char") or "")
    if element.tag in _GONE or element.tag in (_BOXES, f"{_ALTERNATIVE}Fallback"):
        return ""
    if element.tag == f"{W}r" and is_set(element.find(f"{W}rPr/{W}vanish")):
        return ""
    text = "".join(_text(child) for child in element if isinstance(child.tag, str))
    return raised(text, _text_before(element)) if _is_raised(element) else text


def _operand(formula: str) -> str:
    return formula if formula.isalnum() else f"({formula})"


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


def _is_grid(table: _Element) -> bool:
    """Whether a table has rows and columns, and is no frame."""
    rows = [list(_cells(row)) for row in _table_rows(table)]
    return len(rows) > 1 and max(map(len, rows)) > 1


def _span(element: _Element) -> int:
    return min(200, int(value(element) or 1))


def _table_rows(table: _Element) -> Iterator[_Element]:
    return (row for row in _inside(table, f"{W}tr") if row.find(f"{W}trPr/{W}del") is None)


def _cells(row: _Element) -> Iterator[_Element]:
    return _inside(row, f"{W}tc")


def _inside(parent: _Element, *tags: str) -> Iterator[_Element]:
    """Yield the elements of these tags right below one, also inside content controls and insertions."""
    for child in parent:
        if child.tag in tags:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, *tags)


def _notes(root: _Element | None) -> dict[str, str]:
    """Return the texts of footnotes by id; those for separators have a type."""
    found = {}
    for note in () if root is None else root:
        if isinstance(note.tag, str) and value(note, "type") in (None, "normal"):
            lines = (_text(paragraph).strip() for paragraph in note.iter(f"{W}p"))
            found[value(note, "id") or ""] = "\n".join(filter(None, lines))
    return found
