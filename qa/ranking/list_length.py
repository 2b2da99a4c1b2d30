"""Whether a sentence, or what it leads up to, lists as many things as a question wants named.

"哪五种模式？" is answered by a list of five. A sentence that only counts them ("总结了五种模式") names none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from qa.question.query import Query
from vectorstore.text.language import is_english
from vectorstore.text.quotes import DOUBLE, marks, quoted

_ORDINAL = re.compile(
    r"[一二三四五六七八九十]是|第[一二三四五六七八九十]|其[一二三四五六七八九十]|[(（]?\d{1,2}[)）.](?!\d)"
)
_QUOTED = quoted(1, 20)
_QUOTES = re.compile(f"[{marks(DOUBLE)}]")
_CHAINED = re.compile(r"[—–→＞>]+|\+")
_JOINED = re.compile(r"[和与及]|\band\b|\bor\b")
_SHORT, _SHORT_ENGLISH = 10, 40
"""Characters: what stands between commas and is longer is hardly an item of a list."""
_AHEAD = 12
"""Sentences behind a lead that may be its items."""


def named(query: Query, sentences: Sequence[str], index: int) -> float:
    """Return 1.0 when the sentence at ``index``, or what it leads up to, lists as many things as ``query`` wants.

    -1.0 when it doesn't, 0.0 when the question gives no number.

    Args:
        sentences: of a passage, normalised.
    """
    if not query.list_lengths or query.asks_each_document:
        return 0.0
    return 1.0 if any(number in query.list_lengths for number in _lengths(sentences, index)) else -1.0


def _lengths(sentences: Sequence[str], index: int) -> Iterator[int]:
    """Yield the lengths of the lists that the sentence holds, belongs to, or leads up to."""
    yield from inside(sentences[index])
    behind = sentences[index + 1 : index + 1 + _AHEAD]
    yield sum(bool(_ORDINAL.match(text)) for text in behind)
    opening = sentences[index][:2]
    first = last = index
    while first > 0 and sentences[first - 1][:2] == opening:
        first -= 1
    while last + 1 < len(sentences) and sentences[last + 1][:2] == opening:
        last += 1
    yield last - first + 1


@lru_cache(maxsize=65536)
def inside(text: str) -> frozenset[int]:
    """Return the lengths of the lists inside ``text``."""
    found = {len(re.split("[；;]", text)), len(_ORDINAL.findall(text)), len(_QUOTED.findall(text))}
    latin = is_english(text)
    short = _SHORT_ENGLISH if latin else _SHORT
    for stretch in re.split(r"[。！？!?；;：:\n]", text):
        run = 0
        for part in re.split(r"[，,](?!\d)", stretch):
            for inner in (part, *_QUOTES.split(part)):
                marks = max(inner.count("、"), len(_CHAINED.findall(inner)))
                found.add(marks + 1)
                if _JOINED.search(inner.rsplit("、", 1)[-1]):
                    found.add(max(marks, run if latin else 0) + 2)
            run = run + 1 if len(part) <= short else 0
            found.add(run)
        found.add(len(_QUOTED.findall(stretch)))
    return frozenset(length for length in found if length > 1)
