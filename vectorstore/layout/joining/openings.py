"""Loose beginnings: which pieces start in mid-sentence, judged by how the document's paragraphs begin.

Authors begin their paragraphs alike ("Insist on ...", "Insist on ..."), and not with the words that continue a
sentence. The weights are a logistic regression's, rounded; where kinds of documents disagree (on a run-in lead), they
are closer to reports. ``fitting`` is the script that made them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from vectorstore.layout.joining.seams import first_sentence
from vectorstore.layout.joining.segmentation import is_half_word, words
from vectorstore.layout.pieces import Piece, Role
from vectorstore.text.endings import is_closed
from vectorstore.text.language import has_han
from vectorstore.text.quotes import unopened

CERTAIN_BEGINNING = 5.0
SURE_BEGINNING = 3.0
LIKE_A_HEADING = -1.5
"""A short piece that does not end as a sentence does."""
FRESH = -4.0
LATIN_CAPITAL, LATIN_SMALL = -2.5, 2.5

WEIGHTS = {
    "bias": 1.0,
    "seldom_first": 1.0,
    "often_first": -2.5,
    "same_first_character": -2.0,
    "same_first_two": -0.8,
    "lead": -1.0,
    "one_character_word": 1.0,
    "half_word": 0.8,
    "number": -1.0,
}
"""Log odds that a piece begins in mid-sentence, for each feature of it (all 0 or 1)."""


def _set(words_: str) -> frozenset[str]:
    return frozenset(words_.split())


_NEVER_FIRST = _set("等 等等 的 及 以及 了 着 得 或 或者 之 们 度")
_SELDOM_FIRST = _set("和 与 而 并 则 且 也 地 就 都 又 还 再 起 到 出 下来 起来 上来 下去")
_OFTEN_FIRST = _set(
    "首先 其次 再次 此外 另外 同时 最后 总之 综上 综上所述 然而 但是 因此 为了 为 近年来 随着 根据 按照 截至 据 "
    "一是 二是 三是 四是 五是 接着 随后 接下来 通过 在 本院 经 经过 针对 对于 关于 除了 除此之外 作为 未来 展望 目前 "
    "当前 其中 下一步 面向 站在 尽管 虽然 如果 由于 自 从 我们 公司 该 具体 今年 去年 年内 日前 近日"
)
_MARKER = re.compile(r"[(\[]?[a-zA-Z\d]{1,4}[.)\]:]\s")
_FRAGMENT = 32
_LEAD = 24
"""Longest run-in lead of a paragraph, such as "Stronger teams." before its text."""
_PARAGRAPH = 20
"""Characters from which a piece counts for how paragraphs begin."""
_PARAGRAPHS_A_REPEAT = 50
"""In long documents the same beginning comes up by chance, once in so many paragraphs."""


class Openings:
    """How a document's paragraphs begin."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        texts = [piece.text for piece in pieces if piece.kind is None and len(piece.text) >= _PARAGRAPH]
        self._first = Counter(text[:1] for text in texts)
        self._first_two = Counter(text[:2] for text in texts)
        self._chance = max(1, len(texts) // _PARAGRAPHS_A_REPEAT)

    def score(self, piece: Piece) -> float | None:
        """Return the log odds that a piece begins in mid-sentence, or None when it is a unit of its own."""
        text = piece.text
        if piece.kind is not None or piece.role is not Role.TEXT or not text:
            return None
        if text[0] in "，。；、：！？,;:!?":
            return CERTAIN_BEGINNING
        if text[0] in "％%）)》”’】〕」』" or unopened(first_sentence(text)):
            return SURE_BEGINNING
        if not has_han(text[:200]):
            return FRESH if _MARKER.match(text) else LATIN_SMALL if text[0].islower() else LATIN_CAPITAL
        if len(text) <= _FRAGMENT and not is_closed(text):
            return LIKE_A_HEADING
        if words(text[:8])[0] in _NEVER_FIRST:
            return SURE_BEGINNING
        odds = sum(WEIGHTS[name] * value for name, value in self.features(text).items())
        return max(FRESH, min(SURE_BEGINNING, odds))

    def features(self, text: str) -> dict[str, float]:
        """Return the features of a Chinese piece's beginning."""
        first = words(text[:8])[0]
        return {
            "bias": 1.0,
            "seldom_first": float(first in _SELDOM_FIRST),
            "often_first": float(first in _OFTEN_FIRST),
            "same_first_character": float(self._first[text[:1]] > self._chance),
            "same_first_two": float(self._first_two[text[:2]] > self._chance),
            "lead": float(has_lead(text)),
            "one_character_word": float(len(first) == 1),
            "half_word": float(is_half_word(first)),
            "number": float(text[0].isdigit()),
        }


def has_lead(text: str) -> bool:
    """Whether a paragraph begins with a short sentence that sums it up, and goes on."""
    lead = first_sentence(text)
    return 4 <= len(lead) <= _LEAD and len(text) > len(lead) + 20 and "，" not in lead and "," not in lead
