"""Builds a raw text as Markdown: headings, paragraphs, list items and tables, with the place of each character."""

from __future__ import annotations

from collections.abc import Sequence

from vectorstore.places import Box, Page, Places
from vectorstore.reading import grid
from vectorstore.reading.decoding import is_blank
from vectorstore.reading.placed import Text, as_text, joined

_DEEPEST = 6


class MarkdownWriter:
    """Collects one document's blocks. What stands between two of them is a blank line, which has no place."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._boxes: list[Box | None] = []
        self._length = 0
        self._pages: list[Page] = []
        self._runs: list[tuple[int, int]] = []
        self._in_list = False
        self.has_title = False
        """Whether a heading of level 1 was written."""
        self._open: tuple[int, grid.Columns] | None = None
        """Where the last table ended, if it may go on, and its columns."""

    def add_page(self, page: Page) -> int:
        """Add a page, begin to write on it, and return its index."""
        self._pages.append(page)
        self.go_to(len(self._pages) - 1)
        return len(self._pages) - 1

    def go_to(self, index: int) -> None:
        """Say that what is written next stands on the page of this index."""
        if self._runs and self._runs[-1][0] == self._length:
            self._runs.pop()
        if not self._runs or self._runs[-1][1] != index:
            self._runs.append((self._length, index))

    def heading(self, level: int, text: str | Text) -> None:
        """Write a heading; level 1 is the document's title."""
        line = as_text(text).one_line()
        if line.text:
            self._block()
            self._put(Text("#" * min(level, _DEEPEST) + " ") + line)
            self.has_title |= level == 1

    def paragraph(self, text: str | Text) -> None:
        """Write a paragraph; its line ends are kept."""
        self.flow([(None, as_text(text).trimmed())])

    def flow(self, parts: Sequence[tuple[int | None, Text]]) -> None:
        """Write one paragraph that goes over pages: the index of each part's page (None for the same), and the part."""
        if any(text.text for _, text in parts):
            self._block()
            for page, text in parts:
                if page is not None:
                    self.go_to(page)
                self._put(text)

    def item(self, text: str | Text, mark: str = "- ", depth: int = 0) -> None:
        """Write an item of a list, one line below the item before."""
        line = as_text(text).one_line()
        if line.text:
            self._block(in_list=True)
            self._put(Text("  " * depth + mark) + line)

    def table(
        self,
        rows: Sequence[grid.Row],
        header: int | None = None,
        before: grid.Columns | None = None,
        is_ruled: bool = False,
    ) -> grid.Columns | None:
        """Write a table as rows between bars, under one line that names its columns; what is none as paragraphs.

        A table of the columns ``before`` with nothing in between is the same table, gone on overleaf: its rows follow
        those above, so that one title, one unit and one header stand above all of them.

        Args:
            rows, header, before, is_ruled: as for ``grid.parts``.

        Returns:
            the columns of the last table; None where it is no table.
        """
        parts, columns = grid.parts(rows, header, before, is_ruled)
        goes_on = before is not None and self._open == (self._length, before) and columns == before
        for number, part in enumerate(parts):
            if isinstance(part, grid.Lines):
                for line in part.lines:
                    self.paragraph(joined(line))
            else:
                self._table(part, goes_on and number == 0)
        self._open = None if columns is None else (self._length, columns)
        return columns

    def _table(self, table: grid.Table, goes_on: bool) -> None:
        if not goes_on:
            self._block()
        for number, row in enumerate(table.rows[1:] if goes_on else table.rows, start=int(goes_on)):
            cells = [Text("| ") + joined(cell).replaced("|", "｜") + Text(" " if cell else "") for cell in row]
            rule = Text("\n" + "| --- " * len(row) + "|" if number == 0 and table.has_header else "")
            self._put(joined([Text("\n" if number else ""), *cells, Text("|"), rule], ""))

    def _block(self, in_list: bool = False) -> None:
        if self._length:
            self._put(Text("\n" if in_list and self._in_list else "\n\n"))
        self._in_list = in_list

    def _put(self, text: Text) -> None:
        if not text.text:
            return
        if text.boxes and not self._boxes:
            self._boxes = [None] * self._length
        self._parts.append(text.text)
        self._length += len(text.text)
        if self._boxes or text.boxes:
            self._boxes.extend(text.padded)

    @property
    def is_empty(self) -> bool:
        return all(is_blank(part) for part in self._parts)

    def text(self) -> str:
        """Return the raw text."""
        return "".join(self._parts)

    def places(self) -> Places | None:
        """Return where its characters stand; None where no page was told."""
        return Places.of(self._pages, self._runs, self._boxes) if self._pages else None
