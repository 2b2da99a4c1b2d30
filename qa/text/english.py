"""English reports: the names in a text, and what its numbers count.

What Chinese shows by characters (a measure word, a surname) English shows by capitals and the words around a number.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vectorstore.text.words import STOPWORDS, stem

_HAN = re.compile(r"[\u4e00-\u9fff]")
NO_NAMES = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "i",
    ]
)
_POSTS = """
chief executive officer chair chairman chairwoman chairperson president vice director directors manager minister
secretary treasurer head board committee council group department office agency company senior independent deputy
interim general managing finance commissioner superintendent inspector captain mayor governor auditor chancellor
professor dr mr mrs ms sir dame lord lady of the and for
"""
_OFFICES = frozenset(_POSTS.split())
"""Words that name a post or a body and nobody in particular."""
_CAPITALS = re.compile(r"[A-Z][\w'’&-]*(?:\s+(?:(?:of|the|de|van|von|la)\s+)?[A-Z][\w'’&-]*)*")
_BEGINS = re.compile(r"(?:^|[.!?:;•\n\"“(]\s*|\s[-–—]\s)$")
_WORD_NUMBERS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half third quarter dozen"
).replace(" ", "|")
WORDED = re.compile(rf"\b(?:{_WORD_NUMBERS})\b(?:-\w+)?")
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


@lru_cache(maxsize=65536)
def is_english(text: str) -> bool:
    """Whether ``text`` has words in Latin letters and no Chinese character."""
    return not _HAN.search(text) and bool(_WORD.search(text.lower()))


@lru_cache(maxsize=65536)
def names(text: str) -> frozenset[str]:
    """Return the names in ``text`` (as written), in lower case: capitals that don't merely begin a sentence."""
    found = set()
    for match in _CAPITALS.finditer(text):
        name = match[0]
        if _BEGINS.search(text[: match.start()]):
            words = name.split()
            if len(words) == 1 or words[0].lower() in STOPWORDS:
                name = " ".join(words[1:])
        if name and name.lower() not in NO_NAMES:
            found.add(name.lower())
    return frozenset(found)


@lru_cache(maxsize=65536)
def people(text: str) -> frozenset[str]:
    """Return the names in ``text`` (as written) that may be a person's, lower case; "Senior Director" is nobody's."""
    return frozenset(name for name in names(text) if not _OFFICES.issuperset(name.split()))


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


@lru_cache(maxsize=65536)
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
