"""Running heads, page numbers, and credits with their captions: what interrupts the text of a printed page.

They are found before wrapped lines are joined: a running head looks like a line of the paragraph that it interrupts.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from vectorstore.layout.captions import says_so
from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.endings import is_closed
from vectorstore.text.language import HAN, is_han
from vectorstore.types import BlockKind

_TIMES, _TIMES_SET_APART = 3, 2
"""Pages on which a head must stand to be one; fewer will do when its number is set apart."""
_APART = 4
"""Lines from one head to the next at least."""
_LONGEST_HEAD = 60
_LONGEST_CAPTION = 60
_CUTS = 0.5
"""Share of its places in which a head stands in mid-sentence: a heading ("Section 3") stands behind full stops."""
_SET_APART = re.compile(r"\d{1,4}\s{4,}\S|\S\s{4,}\d{1,4}$")
_BLANKS = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[-–—·|\s]*+(?:第\s*#\s*页|(?:page\s*+|p\.?\s*+)?#)(?:\s*(?:/|of|共)\s*#(?:\s*页)?)?[-–—·|\s]*+", re.I
)
_CREDIT = re.compile(
    r"(?:图片?|摄影|摄|漫画|插图|制图|绘图|供图|Photo(?:graph)?|Picture|Image)(?:\s+by\s+|\s*[/／:：|]\s*)"
    rf"(?P<name>[{HAN}·]{{1,6}}(?=\s|$)|[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){{0,3}})\s*(?P<caption>.*)$"
)


def mark_running(pieces: Sequence[Piece]) -> None:
    """Set the kind of the pieces that are running heads, page numbers, or captions told by a credit."""
    _mark_heads(pieces)
    _mark_beside_heads(pieces)
    _mark_credited(pieces)


def _mark_heads(pieces: Sequence[Piece]) -> None:
    places: dict[str, list[int]] = defaultdict(list)
    for index, piece in enumerate(pieces):
        text = _BLANKS.sub(" ", piece.text)
        if piece.kind is None and piece.role in (Role.TEXT, Role.ITEM) and len(text) <= _LONGEST_HEAD:
            places[_DIGITS.sub("#", text)].append(index)
    for shape, indices in places.items():
        near = any(later - earlier < _APART for earlier, later in pairwise(indices))
        times = _TIMES_SET_APART if _SET_APART.search(pieces[indices[0]].text) else _TIMES
        if len(indices) < times or near or not _is_head(shape, [pieces[index].text for index in indices]):
            continue
        cutting = sum(_is_open(pieces, index - 1) for index in indices)
        if cutting >= _CUTS * len(indices):
            for index in indices:
                pieces[index].kind = BlockKind.FURNITURE


def _mark_beside_heads(pieces: Sequence[Piece]) -> None:
    """Mark the second line of a head that takes two: short, beside one, and again beside another."""
    heads = [index for index, piece in enumerate(pieces) if piece.kind is BlockKind.FURNITURE]
    places = {beside for head in heads for beside in (head - 1, head + 1) if 0 <= beside < len(pieces)}
    beside = [pieces[index] for index in places if pieces[index].kind is None]
    times = Counter(piece.text for piece in beside)
    for piece in beside:
        is_short = len(piece.text) <= _LONGEST_HEAD and not is_closed(piece.text)
        if is_short and piece.role is not Role.HEADING and times[piece.text] > 1:
            piece.kind = BlockKind.FURNITURE


def _is_head(shape: str, texts: Sequence[str]) -> bool:
    """Whether lines of one shape may be heads: page numbers, words with one, or the same words again and again."""
    if is_closed(shape) or _CREDIT.match(shape):
        return False
    differ = len(set(texts)) == len(texts)
    if "#" not in shape:
        return len(shape) > 1 and len(set(texts)) == 1
    return differ and (_PAGE_NUMBER.fullmatch(shape) is not None or (shape[0] == "#") != (shape[-1] == "#"))


def _is_open(pieces: Sequence[Piece], index: int) -> bool:
    """Whether the piece at ``index`` (a caption or another head is passed over) stops in mid-sentence."""
    while index >= 0 and pieces[index].kind is not None:
        index -= 1
    if index < 0 or pieces[index].role not in (Role.TEXT, Role.ITEM, Role.LABEL):
        return False
    text = pieces[index].text
    return not is_closed(text) and text[-1] not in "：:" and len(text) > (3 if is_han(text[0]) else 30)


def _mark_credited(pieces: Sequence[Piece]) -> None:
    """Mark what calls itself a caption where it interrupts a sentence: "图/张三", with the sentence behind it."""
    for index, piece in enumerate(pieces):
        credit = _CREDIT.match(piece.text)
        of_text = piece.kind is None and piece.role in (Role.TEXT, Role.LABEL)
        if not of_text or not (credit or says_so(piece.text)) or not _is_open(pieces, index - 1):
            continue
        piece.kind = BlockKind.CAPTION
        if credit and not credit["caption"] and index + 1 < len(pieces) and _may_be_caption(pieces[index + 1]):
            pieces[index + 1].kind = BlockKind.CAPTION


def _may_be_caption(piece: Piece) -> bool:
    is_text = piece.kind is None and piece.role is Role.TEXT
    return is_text and is_closed(piece.text) and len(piece.text) <= _LONGEST_CAPTION
