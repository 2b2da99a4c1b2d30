"""From a raw text to its blocks in reading order, step by step; start reading here.

Lines become pieces; furniture, captions and headings are separated from the text; halves of sentences are joined; and
everything is put in order. Nothing is rewritten: a block is always cut out of the raw text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from vectorstore.layout.captions import find_captions
from vectorstore.layout.contents import mark_contents
from vectorstore.layout.front_matter import read_front_matter
from vectorstore.layout.furniture import mark_furniture
from vectorstore.layout.headings import PLAIN_RANK, believable, find_plain, find_title, mark_numbered, settle
from vectorstore.layout.html import masked
from vectorstore.layout.joining.join import join
from vectorstore.layout.joining.matching import Join, find_joins
from vectorstore.layout.joining.openings import has_lead
from vectorstore.layout.markup import pieces as pieces_of
from vectorstore.layout.markup import strong_marks
from vectorstore.layout.naming import name_document
from vectorstore.layout.order import reading_order
from vectorstore.layout.pieces import Piece, Role
from vectorstore.layout.running import mark_running
from vectorstore.layout.wrapping import unwrap
from vectorstore.text.endings import is_closed
from vectorstore.text.language import mostly_latin
from vectorstore.text.lines import lines
from vectorstore.text.tables import headed, names_columns
from vectorstore.types import Block, BlockKind, Layout, cut

_LONGEST_LEAD = 24
_PARAGRAPH = 40
"""Characters of a run-in lead, of the paragraph behind it at least, and of a label alone on its line."""
_LONGEST_LABEL = 16


def repair(text: str, title: str | None = None) -> Layout:
    """Read a document's layout, and join the sentences that it broke.

    Args:
        text: the raw text, with any line ends.
        title: the title, when the caller knows it; it is the layout's then, whatever the text says.
    """
    shown, front = masked(text), read_front_matter(text)
    pieces = pieces_of(lines(shown.text), shown.headings, strong_marks(shown.text))
    for piece in pieces:
        piece.text = cut(text, piece.spans)  # a line end between two cells of a row was shown as a blank
        if piece.end <= front.end:
            piece.kind = BlockKind.FURNITURE
    mark_contents(pieces)
    mark_running(pieces)
    _mark_tables(pieces, text)
    pieces = unwrap(pieces, text)
    imprint = mark_furniture(pieces)
    title_index = find_title(pieces, imprint.date_line)
    if front.title and (title_index is None or pieces[title_index].role is not Role.HEADING):
        title_index, title = None, title or front.title
    if title_index is not None:
        pieces[title_index].kind = BlockKind.TITLE
    mark_numbered(pieces)
    captions = find_captions(pieces)
    joins = find_joins(pieces, text, captions)
    joins += _leads(pieces, captions, joins)
    _settle_kinds(pieces, captions, joins)
    pieces = _in_order(pieces, joins, text)
    pieces = _with_labels(pieces, text)
    settle(pieces)
    name = name_document(title, pieces)
    seams = tuple(seam for piece in pieces for seam in piece.joins)
    return Layout(name, tuple(map(_block, pieces)), front.date or imprint.date, imprint.source, seams, text)


def _mark_tables(pieces: Sequence[Piece], raw: str) -> None:
    """Mark the rows of tables, whose lines are never parts of a sentence."""
    named = {index for index, piece in enumerate(pieces) if piece.role is Role.ROW and names_columns(raw, piece.end)}
    for row, above in headed([piece.text for piece in pieces], named).items():
        for index in (*above, row):
            if pieces[index].kind is None and (index == row or pieces[index].role is Role.TEXT):
                pieces[index].role = Role.ROW


def _settle_kinds(pieces: Sequence[Piece], captions: frozenset[int], joins: Sequence[Join]) -> None:
    """Make captions of what stands inside a joined sentence, and headings of the short lines that nothing joined."""
    joined = {index for join_ in joins for index in (join_.left, join_.right)}
    for index in captions - joined:
        pieces[index].kind = BlockKind.CAPTION
    for join_ in joins:
        if join_.near:
            for index in range(join_.left + 1, join_.right):
                if pieces[index].kind is None:
                    pieces[index].kind = BlockKind.CAPTION
    for index in believable(pieces, [index for index in find_plain(pieces) if index not in joined]):
        pieces[index].role, pieces[index].level = Role.HEADING, PLAIN_RANK


def _leads(pieces: Sequence[Piece], captions: frozenset[int], joins: Sequence[Join]) -> list[Join]:
    """Join a run-in lead that a caption cut off from its paragraph, where other paragraphs have such leads."""
    if sum(piece.kind is None and has_lead(piece.text) for piece in pieces) < 2:
        return []
    taken = {index for join_ in joins for index in (join_.left, join_.right)}
    shown = [index for index in range(len(pieces)) if index not in captions and pieces[index].kind is None]
    found = []
    for left, right in pairwise(shown):
        one, other = pieces[left], pieces[right]
        is_lead = one.role is Role.TEXT and len(one.text) <= _LONGEST_LEAD and one.text.endswith("。")
        if not is_lead or right == left + 1 or left in taken or right in taken or any(m in one.text for m in "，,"):
            continue
        if other.role is Role.TEXT and len(other.text) > _PARAGRAPH and not has_lead(other.text):
            found.append(Join(left, right, 0, near=True))
    return found


def _in_order(pieces: Sequence[Piece], joins: Sequence[Join], raw: str) -> list[Piece]:
    """Put the pieces in reading order and join halves; captions from inside a paragraph follow it."""
    following = {join_.left: join_ for join_ in joins}
    order = reading_order(
        len(pieces), {join_.left: join_.right for join_ in joins}, {join_.left for join_ in joins if join_.near}
    )
    found: list[Piece] = []
    done: set[int] = set()
    for index in order:
        if index in done:
            continue
        group, drops = [pieces[index]], []
        while index in following:
            step = following[index]
            group.append(pieces[step.right])
            drops.append(step.drop)
            done.add(step.right)
            index = step.right
        whole = join(group, raw, drops)
        seams = [(left.end, right.start) for left, right in pairwise(group)]
        whole.joins = [*whole.joins, *seams]
        found.append(whole)
    return found


def _with_labels(pieces: Sequence[Piece], raw: str) -> list[Piece]:
    """Put a label that stands alone on its line ("Diagnosis:") in front of the text that it belongs to."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        is_text = piece.kind is None and piece.role is Role.TEXT and (piece.gap == 0 or _reads_on(piece.text))
        if last is not None and is_text and _is_bare_label(last):
            found[-1] = join([last, piece], raw)
        else:
            found.append(piece)
    return found


def _reads_on(text: str) -> bool:
    """Whether a piece is text rather than another heading or name."""
    return is_closed(text) or len(text) >= 2 * _LONGEST_LABEL or any(mark in text for mark in "，、,")


def _is_bare_label(piece: Piece) -> bool:
    text = piece.text.rstrip()
    longest = 3 * _LONGEST_LABEL if mostly_latin(text) else _LONGEST_LABEL
    return piece.kind is None and piece.role is Role.LABEL and len(text) <= longest and text[-1] in "：:"


def _block(piece: Piece) -> Block:
    kind = piece.kind or BlockKind.PARAGRAPH
    level = 1 if kind is BlockKind.TITLE else piece.level if kind is BlockKind.HEADING else 0
    return Block(kind, piece.text, tuple(piece.spans), level)
