"""Loose ends and loose beginnings: which pieces stop in mid-sentence, and which start there.

Scores are log odds, meant to be added to a seam's: None where a join is out of the question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from vectorstore.layout.pieces import Piece, Role, is_closed, is_latin, label_end, unclosed, unopened
from vectorstore.layout.seams import first_sentence, last_sentence
from vectorstore.layout.segmentation import is_half_word, words

SURE_END = 3.5
OPEN_END = 2.0
SEMICOLON_END = -1.0
DOUBTFUL_END = -2.5
SURE_BEGINNING = 3.0
CERTAIN_BEGINNING = 5.0
LIKE_A_HEADING = -1.5
"""A short piece that does not end as a sentence does."""

_DANGLING = frozenset("的和与及或在对把将向从以为被让使于")
_DANGLING_LATIN = re.compile(
    r"\b(?:the|a|an|of|and|or|to|in|on|at|for|with|by|from|as|that|which|is|are|was|were|be|has|have|had|its|their|our|his|"
    r"her|this|these|than|into|between|under|over|not|will|would|can|may|such|both|more|most|very)$"
)
_NEVER_FIRST = frozenset(["等", "等等", "的", "及", "以及", "了", "着", "得", "或", "或者", "之", "们", "度"])
_SELDOM_FIRST = frozenset(
    ["和", "与", "而", "并", "则", "且", "也", "地", "就", "都", "又", "还", "再", "起", "到", "出", "下来", "起来", "上来", "下去"]
)
_OFTEN_FIRST = frozenset(
    ["首先", "其次", "再次", "此外", "另外", "同时", "最后", "总之", "综上", "综上所述", "然而", "但是", "因此", "为了", "为", "近年来"]
    + ["随着", "根据", "按照", "截至", "据", "一是", "二是", "三是", "四是", "五是", "接着", "随后", "通过", "在", "本院", "经", "经过"]
    + ["针对", "对于", "关于", "除了", "除此之外", "作为", "未来", "展望", "目前", "当前", "其中", "尽管", "虽然", "如果", "由于", "自"]
    + ["从", "我们", "公司", "该", "接下来", "具体", "今年", "去年", "年内", "日前", "近日"]
)
_PROSE = re.compile(r"[，。；、,;]")
_CLAUSE = re.compile(r"[，,。；;、：:！？]")
_FRAGMENT = 32
_LEAD = 24
"""Longest run-in lead of a paragraph, such as "Stronger teams." before its text."""


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
    if is_latin(value[-200:]):
        return _latin_end(piece, value)
    if text[-1] in _DANGLING and piece.role is Role.TEXT and len(text) > 2:
        return SURE_END
    if piece.role is not Role.TEXT:
        return OPEN_END if len(value) >= 40 else DOUBTFUL_END
    is_prose = len(text) >= 40 or (len(text) >= 16 and _PROSE.search(text)) or "。" in text
    return OPEN_END if is_prose else DOUBTFUL_END


def _latin_end(piece: Piece, value: str) -> float:
    if _DANGLING_LATIN.search(value) and len(value) > 30:
        return SURE_END
    return OPEN_END if len(value) >= 60 and piece.role is not Role.LABEL else DOUBTFUL_END


class Openings:
    """How a document's paragraphs begin, and how likely it is that one begins in mid-sentence.

    Authors open their paragraphs alike ("Insist on ...", "Insist on ..."), and with other words than a sentence goes on with.
    The odds are a logistic regression's, rounded; ``fitting`` is the script that made them.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._first = Counter(piece.text[:1] for piece in pieces if piece.kind is None and len(piece.text) >= 20)
        self._first_two = Counter(piece.text[:2] for piece in pieces if piece.kind is None and len(piece.text) >= 20)

    def score(self, piece: Piece) -> float | None:
        """Return the log odds that a piece begins in mid-sentence, or None when it is a unit of its own."""
        text = piece.text
        if piece.kind is not None or piece.role is not Role.TEXT or not text:
            return None
        if text[0] in "，。；、：！？,;:!?":
            return CERTAIN_BEGINNING
        if text[0] in "％%）)》”’】〕」』" or unopened(first_sentence(text)):
            return SURE_BEGINNING
        if is_latin(text[:200]):
            return 2.5 if text[0].islower() else -2.5
        if len(text) <= _FRAGMENT and not is_closed(text):
            return LIKE_A_HEADING
        first = words(text[:8])[0]
        if first in _NEVER_FIRST:
            return SURE_BEGINNING
        clause = _CLAUSE.search(text)
        odds = 1.7
        odds += 1.5 if first in _SELDOM_FIRST else -2.4 if first in _OFTEN_FIRST else 0.0
        odds -= 2.0 if self._first[text[:1]] > 1 else 0.0
        odds -= 0.8 if self._first_two[text[:2]] > 1 else 0.0
        odds -= 1.0 if has_lead(text) else 0.0
        odds -= 1.0 if clause and clause[0] in "，," else 0.0
        odds += 0.8 if len(first) == 1 else 0.0
        odds += 1.1 if is_half_word(first) else 0.0
        odds -= 0.8 if text[0].isdigit() else 0.0
        return max(-4.0, min(SURE_BEGINNING, odds))


def has_lead(text: str) -> bool:
    """Whether a paragraph begins with a short sentence that sums it up, and goes on."""
    lead = first_sentence(text)
    return 4 <= len(lead) <= _LEAD and len(text) > len(lead) + 20 and "，" not in lead and "," not in lead


def casualness(pieces: Sequence[Piece]) -> float:
    """Return what to take off every unsure end of a document whose author seldom writes full stops (forms, notes)."""
    lines = [piece for piece in pieces if piece.kind is None and piece.role in (Role.TEXT, Role.ITEM, Role.LABEL)]
    if not lines:
        return 0.0
    labels = sum(piece.role is Role.LABEL for piece in lines)
    long = [piece for piece in lines if len(piece.text) >= 20]
    open_ended = sum(not is_closed(piece.text) and piece.text[-1] not in "：:；;，、," for piece in long)
    off = 0.0
    if labels >= 4 and labels > 0.3 * len(lines):
        off += 2.0
    if open_ended >= 5 and open_ended > 0.5 * len(long):
        off += 1.5
    return off
