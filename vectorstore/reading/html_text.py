"""The text of a web page as Markdown: headings, paragraphs, lists, tables; navigation is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vectorstore.reading import grid
from vectorstore.reading.docx_styles import numbered
from vectorstore.reading.markdown import MarkdownWriter
from vectorstore.reading.placed import raised

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_UNSHOWN = frozenset(
    ("script", "style", "noscript", "template", "svg", "iframe", "object", "select", "textarea", "head", "canvas",
     "rt", "rp")
)  # fmt: skip
"""What a page doesn't show, or as a reading above other characters alone."""
_FURNITURE = frozenset(("nav", "footer", "aside", "form", "button", "dialog", "menu"))
_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "dialog", "complementary", "alert", "menu"))
_NAMES = re.compile(
    r"cookie|consent|gdpr|breadcrumb|navbar|sidebar|(?:^|[\s_-])(?:nav|menu|share|social|footer)(?:$|[\s_-])"
    r"|(?:^|\s)(?:(?:site|page|main|global|top)[_-])?header(?:$|[\s_-])",  # that of an accordion is a question
    re.I,
)
"""Names that web developers everywhere give to furniture, in ``id`` and ``class``."""
_UNFOLDS = re.compile(r"accordion|collapsible|faq", re.I)
"""In the class of a button below whose text an answer unfolds."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    ("address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset",
     "figcaption", "figure", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary", "table",
     "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "nav", "footer", "aside", "form", *_HEADINGS)
)  # fmt: skip
_MAIN_SHARE = 0.4
"""Share of a page's text that its <main> or <article> has at least, to be taken for all of it."""
_LINKS = 0.6
"""Share of a list's or box's text that stands in links, from which it is navigation."""
_FEW_LINKS = 3
_LONGEST_NAMED = 0.3
"""Share of a page's text above which a box is no furniture, whatever it is called."""
_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
"""Kinds of ordered lists, as Word calls them."""
_BLANKS = re.compile(r"[ \t\r\n\f\u200b]+")
_DEEPEST = 200
_BREAK = "\x1e"
"""Stands for a ``<br>``: line ends of the source are blanks."""


def write_html(root: HtmlElement, out: MarkdownWriter, whole: bool = False) -> None:
    """Write what a page says.

    Args:
        whole: nothing is left out as furniture, as in a chapter of a book.
    """
    body = root.find("body") if root.tag == "html" else root
    body = root if body is None else body
    _raise_figures(body)
    page = _Page(out, whole, len(body.text_content()))
    page.write(body if whole else _main(body))


def _raise_figures(body: HtmlElement) -> None:
    """Write the marks of notes, and exponents, as superscripts: the number before them would take them for digits."""
    for element in list(body.iter("sup")):
        text = raised(element.text_content().strip(), _text_before(element))
        if text != element.text:
            element[:] = []
            element.text = text


def _text_before(element: HtmlElement) -> str:
    previous = element.getprevious()
    if previous is not None:
        return str(previous.tail or previous.text_content())
    parent = element.getparent()
    return "" if parent is None else parent.text or ""


def _main(body: HtmlElement) -> HtmlElement:
    """Return the element that says of itself that it holds the page's text, if it holds enough; else the body."""
    length = len(body.text_content().strip())
    for tag in ("main", "article"):
        found = list(body.iter(tag))
        if len(found) == 1 and len(found[0].text_content().strip()) >= _MAIN_SHARE * length:
            return found[0]
    return body


class _List:
    """A list that is being written."""

    def __init__(self, element: HtmlElement) -> None:
        self._form = _FORMS.get(element.get("type", "1"), "decimal") if element.tag == "ol" else ""
        self._form = "" if element.get("reversed") is not None else self._form
        self._number = _whole(element.get("start"), 1) - 1
        self._is_new = True

    def begin(self, item: HtmlElement) -> None:
        self._number = _whole(item.get("value"), self._number + 1)
        self._is_new = True

    def mark(self) -> str:
        """Return what stands before the next text: the number of an item, before its first."""
        if not self._form:
            return "- "
        mark = f"{numbered(self._number, self._form)}. " if self._is_new else "  "
        self._is_new = False
        return mark


def _whole(text: str | None, default: int) -> int:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


class _Page:
    def __init__(self, out: MarkdownWriter, whole: bool, length: int) -> None:
        self._out = out
        self._whole = whole
        self._length = length
        self._text: list[str] = []
        self._lists: list[_List] = []

    def write(self, element: HtmlElement) -> None:
        """Write an element and all below it."""
        self._walk(element, 0)
        self._end()

    def _walk(self, element: HtmlElement, depth: int) -> None:
        tag = element.tag
        if not isinstance(tag, str) or depth > _DEEPEST or self._is_left_out(element):
            return
        if tag == "br":
            self._text.append(_BREAK)
        elif tag in _HEADINGS:
            self._end()
            self._out.heading(_HEADINGS[tag], _shown(element))
        elif tag == "table" and _is_data(element):
            self._end()
            for caption in element.iterchildren("caption"):
                self._out.paragraph(_shown(caption))
            self._out.table(_rows(element), _header_rows(element), is_ruled=True)
        elif tag == "pre":
            self._end()
            self._out.paragraph(element.text_content())
        else:
            self._walk_children(element, depth)

    def _walk_children(self, element: HtmlElement, depth: int) -> None:
        tag = element.tag
        is_block = tag in _BLOCKS
        if is_block:
            self._end()
        if tag in ("ul", "ol"):
            self._lists.append(_List(element))
        elif tag == "li" and self._lists:
            self._lists[-1].begin(element)
        if element.text:
            self._text.append(element.text)
        for child in element:
            self._walk(child, depth + 1)
            if child.tail:
                self._text.append(child.tail)
        if is_block:
            self._end(is_item=tag == "li")
        if tag in ("ul", "ol"):
            self._lists.pop()

    def _end(self, is_item: bool = False) -> None:
        lines = [_BLANKS.sub(" ", line).strip() for line in "".join(self._text).split(_BREAK)]
        self._text.clear()
        for number, line in enumerate(filter(None, lines)):
            if self._lists and number == 0:
                self._out.item(line, self._lists[-1].mark(), len(self._lists) - 1)
            elif is_item and number == 0:
                self._out.item(line)
            else:
                self._out.paragraph(line)

    def _is_left_out(self, element: HtmlElement) -> bool:
        tag = element.tag
        if tag in _UNSHOWN or _is_invisible(element):
            return True
        if self._whole or tag not in _BLOCKS | _FURNITURE | {"span"} or tag in ("html", "body", "main", "article"):
            return False
        if tag == "button" and _UNFOLDS.search(element.get("class", "")):
            return False
        if tag in _FURNITURE or element.get("role") in _ROLES:
            return len(element.text_content()) <= _LONGEST_NAMED * self._length or tag == "nav"
        named = _NAMES.search(f"{element.get('id', '')} {element.get('class', '')}") is not None
        if named and len(element.text_content()) <= _LONGEST_NAMED * self._length:
            return True
        return tag in ("ul", "ol", "div", "section", "table", "dl", "p") and _is_navigation(element)


def _is_invisible(element: HtmlElement) -> bool:
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = (element.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style


def _is_navigation(element: HtmlElement) -> bool:
    """Whether a box holds little but links."""
    links = list(element.iter("a"))
    if len(links) < _FEW_LINKS:
        return False
    length = len(_shown(element))
    linked = sum(len(_shown(link)) for link in links)
    return length > 0 and linked >= _LINKS * length


def _shown(element: HtmlElement) -> str:
    """Return an element's text on one line, without what a page doesn't show."""
    return _BLANKS.sub(" ", "".join(_texts(element))).strip()


def _texts(element: HtmlElement, depth: int = 0) -> Iterator[str]:
    if element.text:
        yield element.text
    for child in element:
        shown = isinstance(child.tag, str) and child.tag not in _UNSHOWN and not _is_invisible(child)
        if shown and depth < _DEEPEST:
            if child.tag in _BLOCKS or child.tag == "br":
                yield " "
            yield from _texts(child, depth + 1)
            if child.tag in _BLOCKS:
                yield " "
        if child.tail:
            yield child.tail


def _shown_rows(table: HtmlElement) -> Iterator[HtmlElement]:
    return (row for row in table.iter("tr") if not (_is_invisible(row) or _is_invisible(row.getparent())))


def _shown_cells(row: HtmlElement) -> Iterator[HtmlElement]:
    return (cell for cell in row.iterchildren("td", "th") if not _is_invisible(cell))


def _is_data(table: HtmlElement) -> bool:
    """Whether a table holds data, and is not a page's layout."""
    if table.get("role") == "presentation" or next(table.iterdescendants("table"), None) is not None:
        return False
    rows = list(_shown_rows(table))
    cells = [cell for row in rows for cell in _shown_cells(row)]
    longest = max((len(_shown(cell)) for cell in cells), default=0)
    return len(rows) > 1 and len(cells) > len(rows) and longest <= 400


def _header_rows(table: HtmlElement) -> int | None:
    """Return how many rows say that they are headers; None where none does."""
    count = 0
    for row in _shown_rows(table):
        cells = list(_shown_cells(row))
        if not cells or not all(cell.tag == "th" for cell in cells):
            break
        count += 1
    return count or None


def _rows(table: HtmlElement) -> list[list[grid.Cell]]:
    """Return a table's cells as a grid; merged ones are spread over it."""
    rows: list[list[grid.Cell]] = []
    waiting: dict[int, tuple[int, grid.Cell]] = {}
    for row in _shown_rows(table):
        cells: list[grid.Cell] = []

        def take_waiting(cells: list[grid.Cell] = cells) -> None:
            while len(cells) in waiting:
                left, cell = waiting.pop(len(cells))
                if left > 1:
                    waiting[len(cells)] = (left - 1, cell)
                cells.append(cell.again("down"))

        take_waiting()
        for element in _shown_cells(row):
            cell, down = grid.Cell.of(_shown(element)), _span(element, "rowspan")
            for column in range(_span(element, "colspan")):
                if down > 1:
                    waiting[len(cells)] = (down - 1, cell)
                cells.append(cell if column == 0 else cell.again("across"))
            take_waiting()
        rows.append(cells)
    return rows


def _span(element: HtmlElement, name: str) -> int:
    return min(100, max(1, _whole(element.get(name), 1)))
