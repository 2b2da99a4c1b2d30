"""Loose ends: which pieces stop in mid-sentence, as log odds; None for those that certainly don't."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vectorstore.layout.joining.seams import last_sentence
from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.endings import is_closed, label_end
from vectorstore.text.language import has_han
from vectorstore.text.quotes import unclosed

SURE_END = 3.5
OPEN_END = 2.0
"""Prose without a full stop."""
SEMICOLON_END = -1.0
DOUBTFUL_END = -2.5
"""Short: a heading, a label's value, a name."""

_DANGLING = frozenset("的和与及或在对把将向从以为被让使于")
_DANGLING_LATIN = re.compile(
    r"\b(?:the|a|an|of|and|or|to|in|on|at|for|with|by|from|as|that|which|is|are|was|were|be|has|have|had|its|their|our|"
    r"his|her|this|these|than|into|between|under|over|not|will|would|can|may|such|both|more|most|very)$"
)
_PROSE = re.compile(r"[，。；、,;]")
_ENOUGH = 40
"""Characters from which a line without a full stop is prose, even without commas."""
_SOME = 16
_ENOUGH_LATIN = 60


def end_score(piece: Piece) -> float | None:
    """Return how surely a piece stops in mid-sentence, or None when it ends as it should."""
    text = piece.text.rstrip()
    if piece.kind is not None or piece.role in (Role.HEADING, Role.ROW, Role.CODE) or not text:
        return None
    if is_closed(text) or text[-1] in "：:":
        return None
    if text[-1] in "；;":
        return None if piece.role is Role.ITEM else SEMICOLON_END
    value = text[label_end(text) :] if piece.role is Role.LABEL else text
    if text[-1] in "，、," or (unclosed(last_sentence(value)) and len(value) > 3):
        return SURE_END
    if not has_han(value[-200:]):
        return _latin_end(piece, value)
    if text[-1] in _DANGLING and piece.role is Role.TEXT and len(text) > 2:
        return SURE_END
    if piece.role is not Role.TEXT:
        return OPEN_END if len(value) >= _ENOUGH else DOUBTFUL_END
    is_prose = len(text) >= _ENOUGH or (len(text) >= _SOME and _PROSE.search(text)) or "。" in text
    return OPEN_END if is_prose else DOUBTFUL_END


def _latin_end(piece: Piece, value: str) -> float:
    if _DANGLING_LATIN.search(value) and len(value) > _ENOUGH_LATIN // 2:
        return SURE_END
    return OPEN_END if len(value) >= _ENOUGH_LATIN and piece.role is not Role.LABEL else DOUBTFUL_END


def casualness(pieces: Sequence[Piece]) -> float:
    """Return what to take off every unsure end of a document whose author seldom writes full stops (forms, notes)."""
    lines = [piece for piece in pieces if piece.kind is None and piece.role in (Role.TEXT, Role.ITEM, Role.LABEL)]
    labels = sum(piece.role is Role.LABEL for piece in lines)
    long = [piece for piece in lines if len(piece.text) >= 20]
    open_ended = sum(not is_closed(piece.text) and piece.text[-1] not in "：:；;，、," for piece in long)
    off = 0.0
    if labels >= 4 and labels > 0.3 * len(lines):
        off += 2.0
    if open_ended >= 5 and open_ended > 0.5 * len(long):
        off += 1.5
    return off
