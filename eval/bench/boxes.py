"""``python -m eval.bench.boxes``: whether the boxes of a quotation lie where it stands on a PDF's page.

A question set names quotations with their pages. Where each stands is asked of PDFium alone, character by character,
and compared with the boxes that a citation of it would carry: the area that both cover, as a share of what either does.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import pypdfium2 as pdfium
import typer
from numpy.typing import NDArray

from vectorstore.errors import VectorStoreError
from vectorstore.places import Box
from vectorstore.reading import RawDocument, read_source

from ..datasets.questions import QuestionSet, load
from ..errors import EvalError

ENOUGH = 0.5
_FINE = 2
"""Cells of the compared grid to a point."""


class Measured(NamedTuple):
    """A quotation that stands once on its page."""

    document: str
    page: int
    """Counted from 1."""
    quote: str
    share: float
    """See ``overlap``."""


def run(
    questions: Annotated[Path, typer.Option(help="Question set whose evidence has pages.")],
    documents: Annotated[Path, typer.Option(help="Its documents.")],
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Measure the boxes of quotations on the pages of PDF files."""
    try:
        found = list(measure(load(questions), documents))
    except (VectorStoreError, EvalError) as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        raise typer.Exit(1) from error
    for one in found:
        if one.share < ENOUGH:
            typer.echo(f"{one.share:.2f}  {one.document}, page {one.page}: {one.quote[:80]}")
    figures = {
        "quotations": len(found),
        "overlap_by_half": round(float(np.mean([one.share >= ENOUGH for one in found])), 4) if found else None,
        "mean_overlap": round(float(np.mean([one.share for one in found])), 4) if found else None,
    }
    typer.echo("\n".join(f"{name:>22}  {value}" for name, value in figures.items()))
    if json_path is not None:
        json_path.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def measure(questions: QuestionSet, documents: Path) -> Iterator[Measured]:
    """Yield the quotations with a page in a PDF that stand just once, both in what PDFium and in what we read of it.

    Pages without a text layer, and those that are turned, are left out: PDFium has other co-ordinates there.
    """
    wanted: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
    for question in questions.questions:
        for one in question.evidence:
            if one.page and one.document.lower().endswith(".pdf"):
                wanted[one.document].add((one.page, one.quote))
    for document in read_source(documents, lambda error: typer.echo(f"left out: {error}", err=True)):
        if document.name in wanted:
            yield from _of_document(document, documents / document.name, sorted(wanted[document.name]))


def _of_document(document: RawDocument, path: Path, wanted: Iterable[tuple[int, str]]) -> Iterator[Measured]:
    letters, offsets = _letters(document.text)
    file = pdfium.PdfDocument(path)
    try:
        for number, quote in wanted:
            page = file[number - 1]
            true = [] if page.get_rotation() else _true_boxes(page, quote)
            if not true or document.places is None:
                continue
            words, _ = _letters(quote)
            spans = [(offsets[at], offsets[at + len(words) - 1] + 1) for at in _all(letters, words)]
            ours = [place.boxes for span in spans for place in document.places.of_spans([span]) if place.page == number]
            if len(ours) == 1:
                yield Measured(document.name, number, quote, overlap(true, ours[0]))
    finally:
        file.close()


def _true_boxes(page: pdfium.PdfPage, quote: str) -> list[Box]:
    """Return the boxes of a quotation's characters; none unless it stands once on the page."""
    text = page.get_textpage()
    size = text.count_chars()
    chars = [text.get_text_range(at, 1) for at in range(size)]
    kept = [at for at, char in enumerate(chars) if len(char) == 1 and not char.isspace()]
    words, _ = _letters(quote)
    found = list(_all("".join(chars[at] for at in kept), words))
    if len(found) != 1:
        return []
    left, _, _, top = page.get_bbox()
    boxes = (text.get_charbox(kept[at], loose=True) for at in range(found[0], found[0] + len(words)))
    return [(box[0] - left, top - box[3], box[2] - left, top - box[1]) for box in boxes]


def _letters(text: str) -> tuple[str, list[int]]:
    """Return a text without white space, and the offset of each character that is left."""
    offsets = [at for at, char in enumerate(text) if not char.isspace()]
    return "".join(text[at] for at in offsets), offsets


def _all(text: str, part: str) -> Iterator[int]:
    start = text.find(part)
    while part and start >= 0:
        yield start
        start = text.find(part, start + 1)


def overlap(true: Sequence[Box], ours: Sequence[Box]) -> float:
    """Return the area that both cover as a share of what either covers, from 0 to 1.

    Args:
        true: a box a character; those of a line are joined, so that the gaps between words count as covered.
    """
    one, other = _covered(_lines(true)), _covered(ours)
    height, width = (max(a, b) for a, b in zip(one.shape, other.shape, strict=True))
    grids = [np.pad(grid, ((0, height - grid.shape[0]), (0, width - grid.shape[1]))) for grid in (one, other)]
    either = np.count_nonzero(grids[0] | grids[1])
    return float(np.count_nonzero(grids[0] & grids[1]) / either) if either else 0.0


def _lines(boxes: Sequence[Box]) -> list[Box]:
    """Return boxes of characters joined to one for each line; one to the left of the one before begins a line."""
    found: list[Box] = []
    for box in boxes:
        last = found[-1] if found else None
        if last is None or box[0] < last[0] or box[1] > last[3] or box[3] < last[1]:
            found.append(box)
        else:
            found[-1] = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
    return found


def _covered(boxes: Sequence[Box]) -> NDArray[np.bool_]:
    edges = [[max(0, round(side * _FINE)) for side in box] for box in boxes]
    grid = np.zeros((max((e[3] for e in edges), default=0), max((e[2] for e in edges), default=0)), dtype=np.bool_)
    for left, top, right, bottom in edges:
        grid[top:bottom, left:right] = True
    return grid


if __name__ == "__main__":
    typer.run(run)
    sys.exit(0)
