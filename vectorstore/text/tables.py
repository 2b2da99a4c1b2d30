"""Tables in a text: rows of cells under a line that names their columns.

A row by itself ("营业收入 48.36 45.12 7.18%") can be neither found nor understood: it is read, embedded and quoted with
the lines above it that say what its figures are.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import takewhile
from typing import NamedTuple

from vectorstore.text.years import FINANCIAL_YEAR
from vectorstore.types import Span

_VALUE = (
    r"(?:[(（]?[-+−–±<>≤≥]?\s?[$¥€£]?\d+(?:,\d{3})*(?:\.\d+)?\s?(?:%|‰|pp|pts)?[)）]?"
    r"|(?:增加|减少|上升|下降|提高|降低)\d[\d.]*个百分点|-|—|–|——|--|不适用|n/?a)"
)
_ROW = re.compile(rf"(?P<label>\S.*?)(?P<values>(?:\s+{_VALUE}){{2,}})\s*", re.I)
_ONE_VALUE = re.compile(rf"\s+{_VALUE}(?=\s|$)", re.I)
_YEARS = re.compile(rf"(?:\s*{FINANCIAL_YEAR}){{2,}}\s*")
_BARS = re.compile(r"(?:(?<!\s)\s+)?[|\t]\s*")
_UNIT = re.compile(
    r"单位[:：]|[(（][^()（）]{0,12}(?:元|%|人|户|吨|个|million|thousand|£|\$|€)[^()（）]{0,8}[)）]\s*$|:$|：$"
)
_RULE = re.compile(r"[ \t]*+(?:\|[ \t]*+)?\r?\n[ \t]*+(?:\|[ \t]*+)?:?-{2,}:?[ \t]*+(?:\|[ \t:|-]*+)?(?=\r?\n|$)")
_FIGURE = re.compile(rf"(?!(?:1[89]|20)\d\d$){_VALUE}", re.I)
"""A cell that holds a figure; a year may name a column."""
_SENTENCE_ENDS = "。.；;!?！？，,"
_LONGEST_ROW, _LONGEST_HEADER, _LONGEST_CAPTION = 160, 160, 60
_LONGEST_BARRED = 800
"""Characters of a row whose cells bars part: nothing else looks like one."""
_SHORTEST_QUOTED, _LONGEST_QUOTED = 2, 4
"""Lines of a row that is quoted with its header, and a caption."""
_FEWEST_CELLS = 2
_MORE_CELLS = 4
"""Words that a header may have beyond its columns: "Change on 2022" is one column."""


def names_columns(raw: str, end: int) -> bool:
    """Return whether a row that ends at ``end`` stands above a line of dashes, as Markdown has it."""
    return _RULE.match(raw, end) is not None


def headed(lines: Sequence[str], named: Container[int] = (), *, titled: bool = False) -> dict[int, tuple[int, ...]]:
    """Return for each row of a table among ``lines`` the indices of the lines above it that it is to be read with.

    Those are the line that names the columns, and before it a caption that gives the unit of the figures.

    Args:
        named: indices of the lines that name columns for sure: a table begins with each. See ``names_columns``.
        titled: whether a short line above one of those is its table's title, and a caption too.
    """
    found: dict[int, tuple[int, ...]] = {}
    index = 0
    while index < len(lines):
        rows = _rows(lines, index, named)
        if not rows:
            index += 1
            continue
        header = _header(lines, index, rows, index in named)
        if header is not None:
            above = (*_captions(lines, header, titled and header in named), header)
            found |= {row: above for row in range(index, index + rows) if row > header}
        elif _cells(lines[index]) < 0:
            found |= dict.fromkeys(range(index, index + rows), ())  # it goes on with a table that has lost its header
        index += rows
    return found


def cells(row: str) -> list[str]:
    """Return the cells of a table's row or header, without the white space around them.

    A row whose columns only blanks part has a label and values; a header so written is divided at each blank, unless
    wider ones part its columns.
    """
    if len(_BARS.findall(row.strip())) > 0:
        return _BARS.split(row.strip())
    found = _ROW.fullmatch(row.strip()) if len(row) <= _LONGEST_ROW else None
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


def figure_columns(row: QuotedRow) -> list[int]:
    """Return the columns of a row that hold figures, but for the first: the others say what the row is about."""
    return [at for at, cell in enumerate(row.cells) if at and cell and _FIGURE.fullmatch(cell)]


def kept_columns(text: str, columns: Container[int]) -> list[Span]:
    """Return where a row that is quoted with its header stands in ``text``, without the columns that are left out.

    The stretches are in order, and their text is again a row below its header: a bar between two cells is kept, and so
    is what stands above the header. Empty where ``text`` is no such row between bars.
    """
    if quoted_row(text) is None:
        return []
    (head, head_end), (row, row_end) = _line_spans(text)[-2:]
    if not all(_BARS.search(text, *line) for line in ((head, head_end), (row, row_end))):
        return []
    above = [(0, head)] if head else []
    return [*above, *_kept(text, head, head_end, columns), (head_end, row), *_kept(text, row, row_end, columns)]


def cell_spans(row: str) -> list[Span]:
    """Return where the cells of a row between bars stand, without the empty ones; nothing for another line."""
    bars = [match.span() for match in _BARS.finditer(row)]
    bounds = zip([0, *(end for _, end in bars)], [*(start for start, _ in bars), len(row.rstrip())], strict=True)
    return [(start, end) for start, end in bounds if bars and row[start:end].strip()]


def _line_spans(text: str) -> list[Span]:
    """Return where the lines of ``text`` that aren't blank stand, without the white space at their ends."""
    found, at = [], 0
    for line in text.splitlines(keepends=True):
        if bare := line.rstrip():
            found.append((at, at + len(bare)))
        at += len(line)
    return found


def _kept(text: str, start: int, end: int, columns: Container[int]) -> list[Span]:
    """Return the cells of the line at ``text[start:end]`` in some columns, and the bars between them."""
    bars = [match.span() for match in _BARS.finditer(text, start, end)]
    starts, ends = [start, *(bar[1] for bar in bars)], [*(bar[0] for bar in bars), end]
    kept = [at for at in range(len(starts)) if at in columns]
    return [(starts[at] if at == kept[0] else bars[at - 1][0], ends[at]) for at in kept]


def _rows(lines: Sequence[str], start: int, named: Container[int]) -> int:
    """Return how many rows with equally many cells begin at ``start``: two at least, else 0."""
    cells = _cells(lines[start])
    if not cells:
        return 0
    following = range(start + 1, len(lines))
    rows = 1 + sum(1 for _ in takewhile(lambda at: at not in named and _cells(lines[at]) == cells, following))
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


def _header(lines: Sequence[str], first: int, rows: int, is_named: bool) -> int | None:
    """Return the line that names the columns of the rows from ``first`` on: the one before, or the first of them."""
    cells = _cells(lines[first])
    if cells < 0:
        return first if is_named or not _has_figures(lines[first]) else None
    before = lines[first - 1].strip() if first else ""
    words = len(before.split())
    named = cells <= words <= 2 * cells + _MORE_CELLS and len(before) <= _LONGEST_HEADER
    return first - 1 if named and before[-1] not in "。.；;!?！？" and not _cells(before) else None


def _has_figures(row: str) -> bool:
    """Whether most cells of a row beside its label are figures: those of a header are words."""
    filled = [cell for cell in _BARS.split(row.strip())[1:] if cell]
    return 2 * sum(_FIGURE.fullmatch(cell) is not None for cell in filled) > len(filled)


def _captions(lines: Sequence[str], header: int, is_named: bool) -> tuple[int, ...]:
    """Return the lines above a header that belong to its table: its title, or the unit, below a title or without."""
    if not header or not _is_caption(lines[header - 1], is_named):
        return ()
    is_unit = _UNIT.search(lines[header - 1].strip()) is not None
    titled = is_unit and is_named and header > 1 and _is_caption(lines[header - 2], is_named)
    return (header - 2, header - 1) if titled else (header - 1,)


def _is_caption(line: str, is_named: bool) -> bool:
    """Whether a line above a header gives the unit of the figures, or the table's title where that is one for sure."""
    if len(line) > _LONGEST_CAPTION or line[-1] in "。；;":
        return False
    title = is_named and line.rstrip()[-1] not in _SENTENCE_ENDS and not _cells(line)
    return title or _UNIT.search(line.strip()) is not None
