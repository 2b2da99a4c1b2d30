"""Notes below a table: the mark that a note begins with, and the cell that carries it."""

from __future__ import annotations

import re

from vectorstore.text.spans import SpanMap
from vectorstore.text.tables import cell_spans
from vectorstore.types import Block, BlockKind

_SIGN = r"[*†‡§]{1,3}|[①-⑳]"
_NOTE = re.compile(
    rf"(?:[(（](?P<inner>[a-z]|\d{{1,2}})[)）]|(?P<bare>\d{{1,2}}|{_SIGN})(?![\d.、,，%]))\s*(?=[^\W\d_])"
)
_MARKED = re.compile(
    rf"(?<=[^\W\d_)）])(?:\s*[(（](?P<inner>[a-z]|\d{{1,2}})[)）]|\s+(?P<bare>\d{{1,2}})|\s*(?P<sign>{_SIGN}))$"
)


def note_mark(text: str) -> str:
    """Return the mark that a note begins with, without brackets: "d" of "(d) Composed of ..."; empty for no note.

    A number without brackets before a small letter counts something: "2 sites were closed".
    """
    found = _NOTE.match(text)
    if found is None or (found["bare"] and found["bare"].isdecimal() and text[found.end()].islower()):
        return ""
    return found["inner"] or found["bare"]


def marked_cells(block: Block) -> dict[str, Block]:
    """Return the cells of a table's row or header that end in the mark of a note ("Other businesses (d)"), by mark."""
    places = SpanMap(block.spans)
    found: dict[str, Block] = {}
    for start, end in cell_spans(block.text):
        cell = block.text[start:end]
        if mark := _MARKED.search(cell):
            name = mark["inner"] or mark["bare"] or mark["sign"]
            found.setdefault(name, Block(BlockKind.PARAGRAPH, cell, tuple(places.slice(start, end))))
    return found
