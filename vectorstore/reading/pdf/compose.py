"""Puts the blocks of a document's pages together: text that goes on over pages, headings by size, tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from vectorstore.places import Page
from vectorstore.reading import grid
from vectorstore.reading.markdown import MarkdownWriter
from vectorstore.reading.pdf.characters import PageText
from vectorstore.reading.pdf.page_layout import AnyBlock, TableBlock, lay_out
from vectorstore.reading.pdf.paragraphs import Block, is_heading, is_marked, joined_lines
from vectorstore.reading.pdf.rules import RuledTable
from vectorstore.reading.pdf.running import without_running
from vectorstore.reading.placed import Text
from vectorstore.text.endings import is_closed

_FARTHEST = 6
"""Blocks (footnotes, tables, captions) that may stand between a paragraph and its end on the next page."""
_TITLE_BLOCKS = 4
"""Headings that may be a title together."""
_LONGEST_TITLE = 150
_LEVELS = 5


def write_pages(
    texts: Sequence[PageText], ruled: Sequence[Sequence[RuledTable]], shown: Sequence[Page]
) -> tuple[MarkdownWriter, list[str]]:
    """Return the raw text of a document, and what its running heads say.

    Args:
        texts: of its pages; running heads are taken out of them.
        ruled: the areas between lines on each.
        shown: the pages as people know them.
    """
    heads = without_running(texts)
    sizes = _sizes(texts, ruled) or _sizes(texts, [[]] * len(texts))
    body = sizes.most_common(1)[0][0] if sizes else 10.0
    out = MarkdownWriter()
    for page in shown:
        out.add_page(page)
    _write([lay_out(text, ruled[index], index, body) for index, text in enumerate(texts)], body, out)
    return out, heads


def _sizes(texts: Sequence[PageText], ruled: Sequence[Sequence[RuledTable]]) -> Counter[float]:
    """Count the characters of each size outside of ruled tables, whose text is mostly smaller."""
    sizes: Counter[float] = Counter()
    for text, areas in zip(texts, ruled, strict=True):
        grids = [area.region for area in areas if area.xs]
        for word in text.words:
            if not any(x0 <= word.x0 <= x1 and y0 <= word.middle <= y1 for x0, y0, x1, y1 in grids):
                sizes[word.size] += len(word.text)
    return sizes


def _write(pages: Sequence[Sequence[AnyBlock]], body: float, out: MarkdownWriter) -> None:
    """Write the blocks of all pages, which ``out`` knows already."""
    blocks = _with_whole_title(_joined(pages, body), body)
    levels = _levels(blocks, body)
    columns: grid.Columns | None = None
    page = 0
    for block in blocks:
        if isinstance(block, TableBlock):
            out.go_to(block.page)
            before = columns if block.page == page + 1 else None
            columns, page = out.table(block.rows, block.header, before, block.is_ruled), block.page
        elif (level := levels.get(id(block))) is not None:
            columns = None
            out.go_to(block.parts[0][0])
            out.heading(level, block.parts[0][1])
        else:
            out.flow([(page, text) for page, text in block.parts])


def _with_whole_title(blocks: list[AnyBlock], body: float) -> list[AnyBlock]:
    """Put together the headings that a document begins with, if no other is as large: "XX Council | Minutes of ..."."""
    top = list(takewhile(lambda block: isinstance(block, Block) and is_heading(block, body), blocks[:_TITLE_BLOCKS]))
    title = [block for block in top if isinstance(block, Block)]
    same = list(takewhile(lambda block: _rank(block) == _rank(title[0]) and block.parts[0][0] == 0, title))
    others = (block for block in blocks[len(same) :] if isinstance(block, Block) and is_heading(block, body))
    if len(same) < 2 or any(_rank(block) >= _rank(same[0]) for block in others):
        return blocks
    text = same[0].parts[0][1]
    for block in same[1:]:
        text += Text(" ") + block.parts[0][1]
    whole = replace(same[0], parts=[(0, text)], lines=sum(block.lines for block in same))
    return [whole, *blocks[len(same) :]] if len(text.text) <= _LONGEST_TITLE else blocks


def _joined(pages: Sequence[Sequence[AnyBlock]], body: float) -> list[AnyBlock]:
    """Return all blocks in order; a paragraph that goes on elsewhere stands whole before what interrupts it."""
    blocks = [block for page in pages for block in page]
    gone: set[int] = set()
    for index, block in enumerate(blocks):
        if id(block) in gone or not isinstance(block, Block) or block.is_note or is_heading(block, body):
            continue
        at = index
        while (follower := _continuation(blocks, at, block, body, gone)) is not None:
            other = blocks[follower]
            assert isinstance(other, Block)
            gone.add(id(other))
            _append(block, other)
            at = follower
    return [block for block in blocks if id(block) not in gone]


def _continuation(blocks: Sequence[AnyBlock], index: int, block: Block, body: float, gone: set[int]) -> int | None:
    """Return the index of the block in which the sentence at the end of ``block`` goes on."""
    if is_closed(block.text) or not block.is_full or block.text[-1] in ":：":
        return None
    page = block.parts[-1][0]
    for at in range(index + 1, min(len(blocks), index + 1 + _FARTHEST)):
        other = blocks[at]
        if isinstance(other, TableBlock) or other.is_note or id(other) in gone:
            continue
        if is_heading(other, body) or other.parts[0][0] > page + 1:
            return None
        if is_marked(other.text):
            return None
        same = abs(other.size - block.size) <= 0.08 * block.size
        if same and not other.is_indented and _goes_on(block, other, at > index + 1 or other.parts[0][0] != page):
            return at
        if same:
            return None
    return None


def _goes_on(block: Block, other: Block, apart: bool) -> bool:
    first = other.text[:1]
    return first.islower() or (apart and not first.isupper() and not first.isdigit()) or block.text[-1:] in "-\xad,，、"


def _append(block: Block, other: Block) -> None:
    """Append the parts of another block; blanks and hyphens between them are seen to."""
    page, last = block.parts[-1]
    following, first = other.parts[0]
    whole = joined_lines(last, first)
    kept = len(whole.text) - len(first.text)
    block.parts[-1] = (page, whole[:kept])
    block.parts += [(following, whole[kept:]), *other.parts[1:]]
    block.is_full, block.lines = other.is_full, block.lines + other.lines


def _levels(blocks: Sequence[AnyBlock], body: float) -> dict[int, int]:
    """Return the levels of headings, by id: the larger the higher; what is only bold comes last."""
    headings = [block for block in blocks if isinstance(block, Block) and is_heading(block, body)]
    sizes = sorted({_rank(block) for block in headings}, reverse=True)
    first = headings[0] if headings else None
    has_title = first is not None and first.parts[0][0] == 0 and sum(_rank(one) == sizes[0] for one in headings) == 1
    start = 1 if has_title and first is not None and _rank(first) == sizes[0] else 2
    return {id(block): min(_LEVELS + 1, start + sizes.index(_rank(block))) for block in headings}


def _rank(block: Block) -> tuple[float, bool]:
    return round(block.size), block.bold
