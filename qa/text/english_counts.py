"""What the numbers of an English text count, which the words around them tell (in Chinese, the measure word does)."""

from __future__ import annotations

import re
from functools import lru_cache

from qa.text.quantities.numerals import ENGLISH
from vectorstore.text.words import STOPWORDS, stem

_MORE_WORDS = ("hundred", "thousand", "million", "half", "third", "quarter", "dozen")
_NUMBER_WORDS = "|".join((*(word for word, value in ENGLISH.items() if value > 1), *_MORE_WORDS))
WORDED = re.compile(rf"\b(?:{_NUMBER_WORDS})\b(?:-\w+)?")
"""A number in words; "one" is an article too."""
_NUMBER = re.compile(rf"\d[\d,]*(?:\.\d+)?|{WORDED.pattern}")
_HOW_MANY = re.compile(
    r"\b(?:how many|how much|number of|percentage of|per cent of|percent of|proportion of|share of)\b"
)
_WORD = re.compile(r"[a-z][a-z'’]*")
_NEAR = 5
"""Words behind a number, and before it, among which stands what it counts."""
_FAR = 60
"""Characters that are looked at for them."""
_CLAUSE = re.compile(r"[,;.!?:]")
_ASKED_WORDS = 3
_AROUND = re.compile(r"\W+")


@lru_cache(maxsize=4096)
def asked_thing(question: str) -> str:
    """Return the words of what a question (normalised) counts: "workers" of "how many workers came across"."""
    match = _HOW_MANY.search(question)
    if not match:
        return ""
    taken: list[str] = []
    for word in _AROUND.split(question[match.end() :].strip()):
        if word in STOPWORDS and taken:
            break
        if word and word not in STOPWORDS:
            taken.append(word)
        if len(taken) == _ASKED_WORDS:
            break
    return " ".join(taken)


@lru_cache(maxsize=4096)
def counted(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems of the words that stand behind the numbers of ``text`` (normalised), and before them."""
    behind, before = set(), set()
    for match in _NUMBER.finditer(text):
        after = _CLAUSE.split(text[match.end() : match.end() + _FAR])[0]
        ahead = _CLAUSE.split(text[max(0, match.start() - _FAR) : match.start()])[-1]
        behind |= {stem(word) for word in _WORD.findall(after)[:_NEAR]}
        before |= {stem(word) for word in _WORD.findall(ahead)[-_NEAR:]}
    return frozenset(behind), frozenset(before)


def score(asked: str, text: str) -> float:
    """Return how well a number of ``text`` (normalised) counts ``asked``, 0 to 1; 0.5 when nothing is counted."""
    wanted = {stem(word) for word in _WORD.findall(asked)}
    if not wanted:
        return 0.5
    behind, before = counted(text)
    return max(len(wanted & behind) / len(wanted), 0.7 * len(wanted & before) / len(wanted))
