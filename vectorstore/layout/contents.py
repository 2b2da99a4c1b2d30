"""What points into a document or counts its pages: tables of contents and page numbers, which become furniture."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.endings import is_closed
from vectorstore.types import BlockKind

_ENTRY = re.compile(r"(?P<label>\S.*?)(?P<leader>(?:\s*[.．·…‥_]){3,}|\s*…{2,}|\s)\s*(?P<page>\d{1,4})$")
_ORDINAL = re.compile(
    r"(?:第?[\d一二三四五六七八九十]{1,3}(?:\.\d{1,2})*[章节篇.、．)）]?|[(（]?[ivxIVX]{1,5}[.)）])\s*(?=\D)"
)
_PAGE = re.compile(
    r"[-–—]\s*\d{1,4}\s*[-–—]|第\s*\d{1,4}\s*页(?:\s*(?:[/,，]\s*)?共\s*\d{1,4}\s*页)?"
    r"|page\s+\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?",
    re.I,
)
_LONGEST = 100
_LONGEST_HEADING = 24
_ENTRIES = 2
"""Lines of a table of contents at least."""
_FOUND = 0.5
"""Share of its lines that stand in the document again; all of them where no dots lead to the page."""


def is_page_number(line: str) -> bool:
    """Whether a line says nothing but which page it stands on, and says that it does ("- 3 -", "Page 3 of 12")."""
    return _PAGE.fullmatch(line) is not None


def mark_contents(pieces: Sequence[Piece]) -> None:
    """Make furniture of tables of contents, and of a heading that has nothing else below it.

    A table of contents is a run of lines that end in rising numbers and whose words stand in the document again, as
    lines of their own.
    """
    lines = {_label(piece.text): index for index, piece in enumerate(pieces) if len(piece.text) <= _LONGEST}
    for run in _runs(pieces):
        entries = [_entry(pieces[index]) for index in run]
        labels = [_label(entry["label"]) for entry in entries if entry]
        again = sum(lines.get(label, -1) > run[-1] for label in labels)
        led = all(entry and entry["leader"].strip() for entry in entries)
        if again >= (_FOUND if led else 1) * len(run):
            for index in run:
                pieces[index].kind = BlockKind.FURNITURE
    _mark_headings(pieces)


def _runs(pieces: Sequence[Piece]) -> Iterator[range]:
    """Yield runs of lines that end in numbers which don't fall."""
    numbers = [int(entry["page"]) if (entry := _entry(piece)) else -1 for piece in pieces]
    breaks = [at for at, (one, other) in enumerate(pairwise(numbers), start=1) if one < 0 or other < one]
    for start, end in pairwise([0, *breaks, len(numbers)]):
        if end - start >= _ENTRIES and numbers[start] >= 0:
            yield range(start, end)


def _entry(piece: Piece) -> re.Match[str] | None:
    small = piece.kind is None and piece.lines == 1 and piece.role is not Role.CODE
    return _reads_as_entry(piece.text) if small else None


def _reads_as_entry(text: str) -> re.Match[str] | None:
    return _ENTRY.fullmatch(text) if len(text) <= _LONGEST else None


def _label(text: str) -> str:
    return "".join(_ORDINAL.sub("", text, count=1).split()).rstrip(".．·…‥_").lower()


def _mark_headings(pieces: Sequence[Piece]) -> None:
    """Mark a heading ("Contents") that stands right above a list of what follows, and that is not the title itself."""
    first = next((index for index, piece in enumerate(pieces) if piece.kind is None), 0)
    for index, (heading, below) in enumerate(pairwise(pieces)):
        is_entry = below.role is Role.ITEM or (_reads_as_entry(below.text) and not is_page_number(below.text))
        listed = below.kind is BlockKind.FURNITURE and is_entry
        short = len(heading.text) <= _LONGEST_HEADING and not is_closed(heading.text) and heading.lines == 1
        if listed and heading.kind is None and short and heading.role in (Role.TEXT, Role.HEADING):
            after = next((other for other in pieces[index + 1 :] if other.role is Role.HEADING), None)
            holds = (
                after is not None and after.level > heading.level if heading.role is Role.HEADING else index == first
            )
            if not holds:
                heading.kind = BlockKind.FURNITURE
