"""How many things a question wants named, and whether a sentence names as many.

"哪五种模式？" is answered by a list of five. A sentence that only counts them ("总结了五种模式") names none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from qa.answering.comparison import asks_which
from qa.question.analysis import Kind, Question
from qa.text import english
from qa.text.quantities.numerals import chinese_value, english_value
from vectorstore.text.words import normalise

MOST = 20
"""Things that one would name in a sentence."""

_FEW = r"\d{1,2}|[两二三四五六七八九十]{1,3}"
_ASKED = re.compile(
    rf"哪({_FEW})"
    rf"|(?<![\d.第])({_FEW})(?=[大个项类种家批条名支所处位件步级座款起张本部套场期]|方面)[^，,。?？]{{0,16}}?[”\"]?"
    r"(?:分别|各|都|具体|到底|究竟)*(?:是|有|叫|指|包括|名单)(?:哪[几些两二三四五六七八九十\d]|什么(?!时)|啥(?!时)|谁|[?？]|$)"
    r"|\b(?:which|what are the|name the|list the|what were the)\s+(\w+)\b"
    r"(?!\s+(?:counties|districts|cities|towns|companies|reports|documents|places)\b)",  # the documents themselves
    re.I,
)
_ORDINAL = re.compile(
    r"[一二三四五六七八九十]是|第[一二三四五六七八九十]|其[一二三四五六七八九十]|[(（]?\d{1,2}[)）.](?!\d)"
)
_QUOTED = re.compile(r"[“\"「『][^”\"」』]{1,20}[”\"」』]")
_QUOTES = re.compile(r"[“”\"「」『』]")
_CHAINED = re.compile(r"[—–→＞>]+|\+")
_JOINED = re.compile(r"[和与及]|\band\b|\bor\b")
_SHORT, _SHORT_ENGLISH = 10, 40
"""Characters: what stands between commas and is longer is hardly an item of a list."""
_AHEAD = 12
"""Sentences behind a lead that may be its items."""


@lru_cache(maxsize=1024)
def wanted(question: Question) -> frozenset[int]:
    """Return how many things ``question`` wants named, 2 to 20; empty when it doesn't say."""
    if question.wants_quantity or question.kind in (Kind.DATE, Kind.REASON, Kind.MANNER):
        return frozenset()
    found = (_value(next(filter(None, match))) for match in _ASKED.findall(normalise(question.text)))
    return frozenset(number for number in found if 2 <= number <= MOST)


def named(question: Question, sentences: Sequence[str], index: int) -> float:
    """Return 1.0 when the sentence at ``index``, or what it leads up to, lists as many things as ``question`` wants.

    -1.0 when it doesn't, 0.0 when the question gives no number.

    Args:
        sentences: of a passage, normalised.
    """
    numbers = wanted(question)
    if not numbers or asks_which(question.text):
        return 0.0
    return 1.0 if any(number in numbers for number in _lengths(sentences, index)) else -1.0


def _value(text: str) -> int:
    """Return the whole number that ``text`` writes, 0 for none."""
    if text.isdigit():
        return int(text)
    value = chinese_value(text.replace("两", "二")) if ord(text[0]) > 255 else english_value(text)
    return int(value) if value is not None else 0


def _lengths(sentences: Sequence[str], index: int) -> Iterator[int]:
    """Yield the lengths of the lists that the sentence holds, belongs to, or leads up to."""
    yield from _inside(sentences[index])
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
def _inside(text: str) -> frozenset[int]:
    """Return the lengths of the lists inside ``text``."""
    found = {len(re.split("[；;]", text)), len(_ORDINAL.findall(text)), len(_QUOTED.findall(text))}
    latin = english.is_english(text)
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
