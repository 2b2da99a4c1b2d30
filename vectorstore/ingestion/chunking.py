"""Passages: whole sentences of one section, short enough to embed and long enough to be found.

A paragraph that fits is never divided, a longer one is divided evenly at sentence ends, and neighbouring short ones
(the lines of a form, say) are put together. White space between two blocks comes from the raw text, so that a passage's
spans still cut out its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vectorstore.ingestion.notes import marked_cells, note_mark
from vectorstore.text.lines import LINE_END
from vectorstore.text.sentences import clauses, split
from vectorstore.text.spans import SpanMap, merge
from vectorstore.text.tables import headed, names_columns
from vectorstore.types import Block, BlockKind, Layout, Passage, Sentence, Span, Spans

CHUNKING = "v8"
"""To be changed whenever the same layout would be cut into other passages."""

_LONG = 0.4
"""Share of ``max_chars`` from which a paragraph is long: two long ones never share a passage."""
_TINY = 0.15
"""Share of ``max_chars`` below which a passage looks for a neighbour even if that one is long."""
_NUMBERED = re.compile(
    r"\d{1,2}[.、．)）]|[（(][\d一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、|第[\d一二三四五六七八九十]"
)
_CLAUSE = re.compile(r"[；;]+|[，、]+|,+(?!\d)|(?<!\d),+|\s+")
"""Where a clause ends; a comma between digits is a number's."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of one block: a run of its sentences with the white space between them."""

    text: str
    spans: Spans
    sentences: tuple[Sentence, ...]
    whole: bool = True
    """It is a whole block, not a part of one that was divided."""
    above: tuple[Block, ...] = ()
    """The lines that a table's row is to be read with."""


def chunk(layout: Layout, max_chars: int = 350) -> tuple[Passage, ...]:
    """Cut a repaired document into passages.

    Args:
        layout: what ``repair`` made of the raw text.
        max_chars: longest passage in characters. A single sentence (with its paragraph's run-in lead) may be longer,
            up to twice that; beyond, it is divided at clause marks.

    Raises:
        ValueError: ``max_chars`` is below 20.
    """
    if max_chars < 20:
        raise ValueError(f"max_chars is {max_chars}; it must be 20 or more")
    passages: list[Passage] = []
    for kind, section, blocks in _sections(layout):
        named = {index for index, block in enumerate(blocks) if names_columns(layout.raw, block.spans[-1][1])}
        above = headed([block.text for block in blocks], named, titled=True)
        above = {
            row: tuple(line for line in lines if blocks[line].kind is not BlockKind.HEADING)  # the section says it
            for row, lines in above.items()
        }
        headers = {line for lines in above.values() for line in lines}
        pieces: list[_Piece] = []
        marks: dict[str, Block] = {}
        for index, block in enumerate(blocks):
            if index in above:
                pieces.append(_row(layout.raw, block, [blocks[line] for line in above[index]]))
            elif index not in headers:  # its rows say it
                pieces.extend(_noted(layout.raw, piece, marks) for piece in _pieces(block, max_chars))
            if index in above or index in headers:
                if index in headers and index - 1 not in headers:
                    marks = {}  # another table, whose notes are its own
                marks = marked_cells(block) | marks
        for group in _groups(pieces, max_chars):
            passages.append(_passage(layout.raw, len(passages), kind, section, group))
    return tuple(passages)


def _sections(layout: Layout) -> Iterator[tuple[BlockKind, str, list[Block]]]:
    """Yield runs of blocks that may share passages; a caption is a run of its own, behind the text around it.

    A numbered heading is an item of the list that the headings are, so it is text as well.
    """
    path: list[tuple[int, str]] = []
    run: list[Block] = []
    captions: list[Block] = []

    def ready() -> Iterator[tuple[BlockKind, str, list[Block]]]:
        section = " / ".join(text for _, text in path)
        if any(block.kind is BlockKind.PARAGRAPH for block in run):
            yield BlockKind.PARAGRAPH, section, list(run)
        for caption in captions:
            yield BlockKind.CAPTION, section, [caption]
        run.clear()
        captions.clear()

    for block in layout.blocks:
        if block.kind is BlockKind.PARAGRAPH:
            run.append(block)
        elif block.kind is BlockKind.CAPTION:
            captions.append(block)
        elif block.kind is BlockKind.HEADING:
            yield from ready()
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, " ".join(block.text.split()).rstrip("：:")))
            if _NUMBERED.match(block.text):
                run.append(block)
    yield from ready()


def _pieces(block: Block, max_chars: int) -> list[_Piece]:
    """Divide a block into pieces of whole sentences, about equally long, over ``max_chars`` only for one sentence."""
    sentences = [part for sentence in split(block.text, block.spans) for part in _shorter(sentence, 2 * max_chars)]
    if not sentences:
        return []
    places = SpanMap(block.spans)
    bounds = _positions(block.text, sentences)

    def length(first: int, last: int) -> int:
        return bounds[last][1] - bounds[first][0]

    cuts = _with_leads(_even_cuts(len(sentences), length, max_chars), length, max_chars)
    pieces = []
    for first, last in cuts:
        start, end = bounds[first][0], bounds[last][1]
        spans = places.slice(start, end)
        units = [clause for sentence in sentences[first : last + 1] for clause in clauses(sentence)]
        pieces.append(_Piece(block.text[start:end], spans, tuple(units), len(cuts) == 1))
    return pieces


def _row(raw: str, block: Block, above: Sequence[Block]) -> _Piece:
    """Return a table's row as one sentence, with the lines that say what its figures are before it.

    Its passage has these lines too, once above the rows that share them: who reads it, and who looks for the name of a
    column, finds them there.
    """
    return _Piece(block.text, block.spans, (_joined(raw, [*above, block]),), above=tuple(above))


def _noted(raw: str, piece: _Piece, marks: Mapping[str, Block]) -> _Piece:
    """Return a piece whose sentences that are notes below a table ("(a) Without overtime.") say what they are about.

    Args:
        marks: what carries each mark in the table above.
    """
    about = [marks.get(note_mark(sentence.text)) for sentence in piece.sentences]
    sentences = tuple(
        sentence if cell is None else _joined(raw, [cell, Block(BlockKind.PARAGRAPH, sentence.text, sentence.spans)])
        for sentence, cell in zip(piece.sentences, about, strict=True)
    )
    return replace(piece, sentences=sentences, above=tuple(dict.fromkeys(cell for cell in about if cell is not None)))


def _joined(raw: str, blocks: Sequence[Block]) -> Sentence:
    spans = list(blocks[0].spans)
    for block in blocks[1:]:
        spans.extend(_between(raw, spans[-1][1], block.spans[0][0]))
        spans.extend(block.spans)
    merged = merge(spans)
    return Sentence("".join(raw[start:end] for start, end in merged), merged)


def _with_leads(
    cuts: Sequence[tuple[int, int]], length: Callable[[int, int], int], max_chars: int
) -> list[tuple[int, int]]:
    """Keep a tiny run (mostly a run-in lead) with the long sentence after it: alone it makes no sense."""
    found: list[tuple[int, int]] = []
    for first, last in cuts:
        if found and length(*found[-1]) < _TINY * max_chars and length(found[-1][0], last) <= 2 * max_chars:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _positions(text: str, sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    found = []
    position = 0
    for sentence in sentences:
        start = text.index(sentence.text, position)
        position = start + len(sentence.text)
        found.append((start, position))
    return found


def _even_cuts(count: int, length: Callable[[int, int], int], max_chars: int) -> list[tuple[int, int]]:
    """Return runs (first, last) of ``count`` sentences with the least sum of squared lengths over the fewest runs."""
    best: list[tuple[int, int, int]] = [(0, 0, 0)]  # runs, squares, first sentence of the last run
    for last in range(count):
        options = []
        for first in range(last, -1, -1):
            size = length(first, last)
            if size > max_chars and first < last:
                break
            runs, squares, _ = best[first]
            options.append((runs + 1, squares + size * size, first))
        best.append(min(options))
    cuts = []
    end = count
    while end:
        first = best[end][2]
        cuts.append((first, end - 1))
        end = first
    return cuts[::-1]


def _shorter(sentence: Sentence, cap: int) -> list[Sentence]:
    """Divide a sentence of more than ``cap`` characters at clause marks, else anywhere."""
    text = sentence.text
    if len(text) <= cap:
        return [sentence]
    places = SpanMap(sentence.spans)
    parts = []
    start = 0
    while len(text) - start > cap:
        end = _clause_end(text, start, cap)
        parts.append((start, end))
        start = end
    parts.append((start, len(text)))
    found = []
    for left, right in parts:
        while left < right and text[left].isspace():
            left += 1
        while right > left and text[right - 1].isspace():
            right -= 1
        if left < right:
            found.append(Sentence(text[left:right], places.slice(left, right)))
    return found


def _clause_end(text: str, start: int, cap: int) -> int:
    """Return the last clause end in the second half of ``text[start:start + cap]``, strong marks before weak ones."""
    ends = [(match.end(), match[0]) for match in _CLAUSE.finditer(text, start + cap // 2, start + cap)]
    for marks in ("；;", "，,、", ""):
        chosen = [end for end, mark in ends if not marks or mark[0] in marks]
        if chosen:
            return chosen[-1]
    return start + cap


def _groups(pieces: Sequence[_Piece], max_chars: int) -> list[list[_Piece]]:
    """Put neighbouring short pieces together; a long one gets a neighbour only if that is tiny."""
    groups: list[list[_Piece]] = []
    for piece in pieces:
        if groups and _fits(groups[-1], piece, max_chars):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups


def _fits(group: Sequence[_Piece], piece: _Piece, max_chars: int) -> bool:
    size = _size(group)
    if size + 1 + len(piece.text) > max_chars:
        return False
    if not (group[-1].whole and piece.whole):
        return min(size, len(piece.text)) < _TINY * max_chars
    long = _LONG * max_chars
    if size >= long and len(piece.text) >= long:
        return False
    if max(size, len(piece.text)) < long:
        return True
    return len(piece.text) < _TINY * max_chars or size < _TINY * max_chars or all(len(p.text) < long for p in group)


def _size(group: Sequence[_Piece]) -> int:
    return sum(len(piece.text) for piece in group) + len(group) - 1


def _passage(raw: str, ordinal: int, kind: BlockKind, section: str, group: Sequence[_Piece]) -> Passage:
    spans: list[Span] = []
    above: tuple[Block, ...] = ()
    for piece in group:
        lines = [block.spans for block in piece.above] if piece.above != above else []
        above = piece.above
        for part in (*lines, piece.spans):
            if spans:
                spans.extend(_between(raw, spans[-1][1], part[0][0]))
            spans.extend(part)
    merged = merge(spans)
    text = "".join(raw[start:end] for start, end in merged)
    sentences = tuple(s for piece in group for s in piece.sentences) or (Sentence(text, merged),)
    return Passage(ordinal, kind, section, text, merged, sentences)


def _between(raw: str, after: int, before: int) -> Spans:
    """Return the span of the line end between two places of the raw text, else of white space near the first."""
    found = LINE_END.search(raw, after, max(after, before))
    return (found.span(),) if found else _white_space(raw, after)


def _white_space(raw: str, after: int) -> Spans:
    """Return the span of a line end or blank of the raw text, the nearest at or behind ``after`` if there is one."""
    if after < len(raw) and raw[after] in "\n ":
        return ((after, after + 1),)
    place = raw.find("\n", after)
    if place < 0:
        place = raw.rfind("\n", 0, after)
    if place < 0:
        place = raw.find(" ")
    return ((place, place + 1),) if place >= 0 else ()
