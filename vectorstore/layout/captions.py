"""Captions: short lines that belong to a picture, recognised by the wider gap above them or by their words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from vectorstore.layout.joining.candidates import looks_like_caption
from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.language import HAN, has_han
from vectorstore.types import BlockKind

_WORDS = re.compile(
    r"(?:[▲△▼]|[（(]?(?:上|下|左|右|题|配|资料)?图(?:片|表)?(?:为|[:：]|\s*\d{1,3}(?:-\d+)?(?:[:：.、\s]|$))|"
    r"(?:Fig(?:ure|\.)|Photo|Image|Picture)\s{0,9}\d{0,9}\s{0,9}[:.])"
)
_CREDITED = re.compile(
    rf"(?:[{HAN}·]{{1,8}}\s{{0,9}}/?\s{{0,9}}(?:摄影?|供图)|资料图片?|(?:图片|摄影)[:：/]\s{{0,9}}\S{{1,12}})\s{{0,9}}[)）]?[。.]?$"
)
_NUMBERED = re.compile(r"(?:Section|Chapter|Part|Article|Appendix|Table|Step)\b|[(\[]?[\dIVXivx]{1,9}[.)\]]")
_MOSTLY = 0.7


def find_captions(pieces: Sequence[Piece]) -> frozenset[int]:
    """Return the indices of the pieces that are captions whatever their neighbours are."""
    usual = _usual_gap(pieces)
    found = set()
    for index, piece in enumerate(pieces):
        if piece.kind is BlockKind.CAPTION:
            found.add(index)
        elif piece.kind is None and piece.role in (Role.TEXT, Role.LABEL) and piece.lines == 1:
            by_place = usual is not None and index > 0 and piece.gap > usual and looks_like_caption(piece)
            by_place = by_place and (has_han(piece.text) or not _is_no_sentence(piece.text))
            if by_place or says_so(piece.text):
                found.add(index)
    return frozenset(found)


def says_so(text: str) -> bool:
    """Whether a line's words make it a caption: "Figure 2: ...", "资料图片"."""
    return len(text) <= 160 and (_WORDS.match(text) or _CREDITED.search(text)) is not None


def _is_no_sentence(text: str) -> bool:
    """Whether an English line is too short for a sentence, or a heading with a full stop."""
    return len(text.split()) < 5 or _NUMBERED.match(text) is not None


def _usual_gap(pieces: Sequence[Piece]) -> int | None:
    """Return the number of blank lines between most paragraphs, or None when there is no such number."""
    gaps = Counter(piece.gap for piece in pieces[1:] if piece.gap)
    if gaps.total() < 4:
        return None
    gap, times = gaps.most_common(1)[0]
    return gap if times >= _MOSTLY * gaps.total() else None
