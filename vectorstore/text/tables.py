"""Tables in a text: rows of cells under a line that names their columns.

A row by itself ("营业收入 48.36 45.12 7.18%") can be neither found nor understood: it is read, embedded and quoted with
the lines above it that say what its figures are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from vectorstore.text.years import FINANCIAL_YEAR

_VALUE = (
    r"(?:[(（]?[-+−–±<>≤≥]?\s?[$¥€£]?\d+(?:,\d{3})*(?:\.\d+)?\s?(?:%|‰|pp|pts)?[)）]?"
    r"|(?:增加|减少|上升|下降|提高|降低)\d[\d.]*个百分点|-|—|–|——|--|不适用|n/?a)"
)
_ROW = re.compile(rf"(?P<label>\S.*?)(?P<values>(?:\s+{_VALUE}){{2,}})\s*", re.I)
_ONE_VALUE = re.compile(rf"\s+{_VALUE}(?=\s|$)", re.I)
_YEARS = re.compile(rf"(?:\s*{FINANCIAL_YEAR}){{2,}}\s*")
_BARS = re.compile(r"\s*[|\t]\s*")
_UNIT = re.compile(
    r"单位[:：]|[(（][^()（）]{0,12}(?:元|%|人|户|吨|个|million|thousand|£|\$|€)[^()（）]{0,8}[)）]\s*$|:$|：$"
)
_LONGEST_ROW, _LONGEST_HEADER, _LONGEST_CAPTION = 160, 160, 60
_LONGEST_BARRED = 800
"""Characters of a row whose cells bars part: nothing else looks like one."""
_SHORTEST_QUOTED, _LONGEST_QUOTED = 2, 4
"""Lines of a row that is quoted with its header, and a caption."""
_FEWEST_CELLS = 2
_MORE_CELLS = 4
"""Words that a header may have beyond its columns: "Change on 2022" is one column."""


def headed(lines: Sequence[str]) -> dict[int, tuple[int, ...]]:
    """Return for each row of a table among ``lines`` the indices of the lines above it that it is to be read with.

    Those are the line that names the columns, and before it a caption that gives the unit of the figures.
    """
    found: dict[int, tuple[int, ...]] = {}
    index = 0
    while index < len(lines):
        rows = _rows(lines, index)
        if not rows:
            index += 1
            continue
        header = _header(lines, index, rows)
        if header is not None:
            above = (header - 1, header) if header and _is_caption(lines[header - 1]) else (header,)
            found |= {row: above for row in range(index, index + rows) if row > header}
        index += rows
    return found


def cells(row: str) -> list[str]:
    """Return the cells of a table's row or header, without the white space around them.

    A row whose columns only blanks part has a label and values; a header so written is divided at each blank, unless
    wider ones part its columns.
    """
    if len(_BARS.findall(row.strip())) > 0:
        return _BARS.split(row.strip())
    found = _ROW.fullmatch(row.strip())
    if found is None:
        wide = re.split(r"\s{2,}", row.strip())
        return wide if len(wide) > 1 else row.split()
    return [found["label"].strip(), *(value[0].strip() for value in _ONE_VALUE.finditer(found["values"]))]


class QuotedRow(NamedTuple):
    """A table's row as it is quoted: with the line that names its columns, and what stands above that."""

    caption: str
    """The unit of the figures, mostly; empty where none is quoted."""
    header: list[str]
    cells: list[str]
    """As many as in ``header``."""


def quoted_row(text: str) -> QuotedRow | None:
    """Return the parts of a quotation that is a row below its header; None for any other."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not _SHORTEST_QUOTED <= len(lines) <= _LONGEST_QUOTED or not _cells(lines[-1]):
        return None
    *above, header, row = lines
    columns, values = cells(header), cells(row)
    if len(columns) != len(values) or len(values) < _FEWEST_CELLS:
        return None
    return QuotedRow("\n".join(line.strip() for line in above), columns, values)


def _rows(lines: Sequence[str], start: int) -> int:
    """Return how many rows with equally many cells begin at ``start``: two at least, else 0."""
    cells = _cells(lines[start])
    rows = sum(1 for _ in takewhile(lambda line: _cells(line) == cells, lines[start:])) if cells else 0
    return rows if rows > 1 else 0


def _cells(line: str) -> int:
    """Return the number of values in a row behind its label, negative when bars part them; 0 for another line."""
    if len(line) <= _LONGEST_BARRED and (bars := len(_BARS.findall(line.strip()))):
        return -bars
    if len(line) > _LONGEST_ROW:
        return 0
    row = _ROW.fullmatch(line)
    if not row or _YEARS.fullmatch(row["values"]) or row["label"][-1:] in "，。；,;":
        return 0
    return len(_ONE_VALUE.findall(row["values"]))


def _header(lines: Sequence[str], first: int, rows: int) -> int | None:
    """Return the line that names the columns of the rows from ``first`` on: the one before, or the first of them."""
    cells = _cells(lines[first])
    if cells < 0:
        return first
    before = lines[first - 1].strip() if first else ""
    words = len(before.split())
    named = cells <= words <= 2 * cells + _MORE_CELLS and len(before) <= _LONGEST_HEADER
    return first - 1 if named and before[-1] not in "。.；;!?！？" and not _cells(before) else None


def _is_caption(line: str) -> bool:
    return len(line) <= _LONGEST_CAPTION and _UNIT.search(line.strip()) is not None and line[-1] not in "。；;"
