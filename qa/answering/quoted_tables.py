"""Quoted rows of tables for people: as Markdown tables in exports, on one line in footnotes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qa import messages
from qa.types import Citation, QuotedTable
from vectorstore.text.language import Language


def markdown_rows(table: QuotedTable, previous: QuotedTable | None, cited: str, escaped: Callable[[str], str]) -> str:
    """Return a row as Markdown, below its caption and its header unless the ``previous`` one has the same.

    Args:
        cited: marks behind its last cell.
    """
    row = _row([*map(escaped, table.cells[:-1]), escaped(table.cells[-1]) + cited])
    if previous is not None and is_same_table(table, previous):
        return f"\n{row}"
    caption = [escaped(table.caption)] if table.caption else []
    head = "\n".join((_row(list(map(escaped, table.header))), "|" + "---|" * len(table.header), row))
    return ("\n\n" if previous is not None else "") + "\n\n".join([*caption, head])


def is_same_table(one: QuotedTable, other: QuotedTable) -> bool:
    """Whether two rows stand below one header."""
    return (one.caption, one.header) == (other.caption, other.header)


def quotation(citation: Citation, language: Language) -> str:
    """Return what a citation quotes, on one line where it is a table's row: each cell behind its column's name."""
    table = citation.table
    if table is None:
        return citation.quote
    pairs = zip(table.header[1:], table.cells[1:], strict=True)
    named = [messages.NAMED_CELL(language, name=name, cell=cell) if name else cell for name, cell in pairs if cell]
    row = messages.TABLE_ROW(language, row=table.cells[0], cells=messages.BETWEEN_CELLS(language).join(named))
    return messages.WITH_CAPTION(language, text=row, caption=" ".join(table.caption.split())) if table.caption else row


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
