"""Slides (.pptx): each slide's title, text, tables, charts and diagrams from top to bottom, and its notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vectorstore.errors import EmptySource
from vectorstore.places import Page
from vectorstore.reading import grid
from vectorstore.reading.archive import Archive, names
from vectorstore.reading.base import OnError, RawDocument, Reader, Source
from vectorstore.reading.charts import C, read_chart
from vectorstore.reading.hidden_cells import hidden_notes
from vectorstore.reading.markdown import MarkdownWriter
from vectorstore.reading.placed import raised

if TYPE_CHECKING:
    from lxml.etree import _Element

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_D = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The copy of a shape for programs that don't know its kind."""
_MAIN = "ppt/presentation.xml"
_LONGEST_TITLE = 80
_POINT = 12700  # EMU
_FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")
"""Placeholders of what stands on every slide, and of the slide's picture above its notes."""


@dataclass
class _Shape:
    """Something on a slide that has text."""

    top: float
    left: float
    lines: list[tuple[int, str]] = field(default_factory=list)
    """(level, text) of its paragraphs."""
    rows: list[list[grid.Cell]] = field(default_factory=list)
    caption: str = ""
    """Of its rows; so is ``header``: how many name the columns, where that is known."""
    header: int | None = None
    is_title: bool = False


class PptxReader(Reader):
    name = "PowerPoint"
    suffixes = (".pptx", ".pptm")

    def identifies(self, data: bytes) -> bool:
        return _MAIN in names(data)

    def recognises(self, data: bytes) -> bool:
        return self.identifies(data)

    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the one document; its places are its slides. Hidden slides are left out.

        Raises:
            UnreadableSource: it is damaged, or larger than the limits.
            EmptySource: it holds no text.
        """
        archive, out = Archive(source), MarkdownWriter()
        main = archive.xml(_MAIN)
        relations = archive.relations(_MAIN)
        width, height = _slide_size(main)
        ids = [] if main is None else [slide.get(f"{_R}id", "") for slide in main.iter(f"{P}sldId")]
        hidden = 0
        for number, part in enumerate((relations[id][1] for id in ids if id in relations), start=1):
            slide = archive.xml(part)
            if slide is not None and slide.get("show") in ("0", "false"):
                hidden += 1
            else:
                out.add_page(Page(str(number), width, height, "slide"))
                _write_slide(out, archive, part, slide)
        if out.is_empty:
            raise EmptySource(f"{source.where} holds no text; there is nothing to index")
        return [RawDocument.of(source.name, out.text(), places=out.places(), notes=hidden_notes({"slide": hidden}))]


def _slide_size(main: _Element | None) -> tuple[float, float]:
    size = None if main is None else main.find(f"{P}sldSz")
    return (0.0, 0.0) if size is None else (int(size.get("cx", 0)) / _POINT, int(size.get("cy", 0)) / _POINT)


def _write_slide(out: MarkdownWriter, archive: Archive, part: str, slide: _Element | None) -> None:
    relations = archive.relations(part)
    tree = None if slide is None else slide.find(f"{P}cSld/{P}spTree")
    shapes = [] if tree is None else sorted(_shapes(tree, archive, relations), key=lambda s: (s.top, s.left))
    title = _title(shapes)
    if title is not None:
        out.heading(2, " ".join(line for _, line in title.lines))
    for shape in shapes:
        if shape is title:
            continue
        if shape.rows:
            out.paragraph(shape.caption)
            out.table(shape.rows, shape.header, is_ruled=True)
        elif len(shape.lines) == 1:
            out.paragraph(shape.lines[0][1])
        else:
            for level, line in shape.lines:
                out.item(line, depth=level)
    for kind, target in relations.values():
        if kind == "notesSlide":
            notes = archive.xml(target)
            for shape in [] if notes is None else _shapes(notes, archive, {}):
                for _, line in shape.lines:
                    out.paragraph(line)


def _title(shapes: list[_Shape]) -> _Shape | None:
    """Return the title's placeholder, or what stands alone and short at the top of the slide."""
    marked = [shape for shape in shapes if shape.is_title]
    if marked:
        return marked[0]
    first = shapes[0] if shapes else None
    is_title = first is not None and len(first.lines) == 1 and len(first.lines[0][1]) <= _LONGEST_TITLE
    return first if is_title and len(shapes) > 1 else None


def _shapes(tree: _Element, archive: Archive, relations: dict[str, tuple[str, str]]) -> Iterator[_Shape]:
    """Yield what has text below an element, groups opened."""
    for element in tree.iter(f"{P}sp", f"{P}graphicFrame"):
        kind = element.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
        name = "" if kind is None else kind.get("type", "")
        if name in _FURNITURE or next(element.iterancestors(_FALLBACK), None) is not None:
            continue
        shape = _Shape(*_place(element), is_title=name in ("title", "ctrTitle"))
        table = next(element.iter(f"{A}tbl"), None)
        diagram = next(element.iter(f"{_D}relIds"), None)
        chart = next(element.iter(f"{C}chart"), None)
        if table is not None:
            shape.rows = _rows(table)
        elif diagram is not None:
            data = _part(archive, relations, diagram.get(f"{_R}dm", ""))
            shape.lines = [] if data is None else _lines(data)
        elif chart is not None:
            data = _part(archive, relations, chart.get(f"{_R}id", ""))
            if data is not None:
                shape.caption, shape.rows = read_chart(data)
                shape.header = 1
        else:
            shape.lines = _lines(element)
        if shape.lines or shape.rows:
            yield shape


def _place(element: _Element) -> tuple[float, float]:
    """Return how far from the slide's top and left something is; a group that was moved has old places inside."""
    offset = next(element.iter(f"{A}off"), None)
    if offset is None:
        return 0, 0
    place = {axis: float(offset.get(axis, 0)) for axis in "yx"}
    for group in element.iterancestors(f"{P}grpSp"):
        frame = {one.tag: one for one in group.iterfind(f"{P}grpSpPr/{A}xfrm/*")}
        if not frame.keys() >= {f"{A}{name}" for name in ("off", "ext", "chOff", "chExt")}:
            continue
        for axis in "yx":
            off, inner = (float(frame[f"{A}{name}"].get(axis, 0)) for name in ("off", "chOff"))
            size, whole = (float(frame[f"{A}{name}"].get(f"c{axis}", 0)) for name in ("ext", "chExt"))
            place[axis] = off + (place[axis] - inner) * (size / whole if whole else 1)
    return place["y"], place["x"]


def _part(archive: Archive, relations: dict[str, tuple[str, str]], id: str) -> _Element | None:
    target = relations.get(id, ("", ""))[1]
    return archive.xml(target) if target else None


def _lines(element: _Element) -> list[tuple[int, str]]:
    found = []
    for paragraph in element.iter(f"{A}p"):
        properties = paragraph.find(f"{A}pPr")
        level = int(properties.get("lvl", 0)) if properties is not None else 0
        text = ""
        for run in paragraph.iter(f"{A}t", f"{A}br", f"{A}tab"):
            shown = run.text or "" if run.tag == f"{A}t" else " "
            text += raised(shown, text) if _is_raised(run) else shown
        if text.strip():
            found.append((level, text.strip()))
    return found


def _is_raised(text: _Element) -> bool:
    properties = text.getprevious()  # "30000", or "30%" as other programs write it
    baseline = "" if properties is None else properties.get("baseline", "")
    return baseline.strip("0%") != "" and not baseline.startswith("-")


def _rows(table: _Element) -> list[list[grid.Cell]]:
    rows: list[list[grid.Cell]] = []
    for row in table.iterchildren(f"{A}tr"):
        cells: list[grid.Cell] = []
        for element in row.iterchildren(f"{A}tc"):
            above = rows[-1][len(cells)] if rows and len(rows[-1]) > len(cells) else grid.Cell()
            if element.get("hMerge") == "1" and cells:
                cells.append(cells[-1].again("across"))
            elif element.get("vMerge") == "1":
                cells.append(above.again("down"))
            else:
                cells.append(grid.Cell.of("\n".join(line for _, line in _lines(element))))
        rows.append(cells)
    return rows
