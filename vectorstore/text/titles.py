"""What a document's title offers for a name: what questions may call the document by, and how that sounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from vectorstore.text.language import is_english, with_han
from vectorstore.text.names import PLACE_TAGS, proper_names
from vectorstore.text.pinyin import romanised
from vectorstore.text.segmentation import cut
from vectorstore.text.words import normalise

TITLES = "v1"
"""Version of :func:`clues`; the lexical index is rebuilt when it changes."""

_KINDS = (
    "公司|集团|银行|法院|检察院|医院|大学|学院|学校|中学|小学|政府|委员会|中心|协会|基金会|研究院|研究所|事务所|工厂|"
    "[省市县区州旗镇乡]"
)
ORGANISATION = re.compile(with_han(rf"\h{{2,14}}(?:{_KINDS})"))
_LONGEST = 17
"""Characters of what ``ORGANISATION`` matches."""
_COMPANIES = ("公司", "集团", "银行", "工厂")
_TAIL = re.compile(r"(?=[省市县区州旗镇乡村]|公司|集团|银行)")
_SHORTEST, _NAME = 2, 40
"""Characters of a name that a title goes on from."""
_PHRASE = 4


class Clue(StrEnum):
    """What is known of a text about a document's title and first lines."""

    BEGINS = "begins"
    """A name in the title begins with it, where a word begins: 中江 of 中江县."""
    COMPANY = "company"
    """The title begins with a company's name, which begins with it."""
    ORGANISATION = "organisation"
    """The title begins with it, and it ends as the names of organisations do."""
    PHRASE = "phrase"
    """All that the title says between two marks."""
    SOUND = "sound"
    """A name in the title sounds like it, in pinyin without tones or spaces."""
    FIRST_SOUND = "first sound"
    """One of the first two places in the title does."""
    LANGUAGE = "language"
    """Of title and first lines; "en" is the only one noted."""


def clues(title: str, head: str) -> Iterator[tuple[Clue, str]]:
    """Yield what a document's title and first lines tell, each as (kind, text).

    Args:
        title: in normal form.
        head: title and first lines, in normal form.
    """
    for start in sorted(borders(title)):
        for tail in _TAIL.finditer(title, start + _SHORTEST, start + _NAME):
            yield Clue.BEGINS, title[start : tail.start()]
    first = ORGANISATION.match(title)
    if first and first[0].endswith(_COMPANIES):
        yield from ((Clue.COMPANY, first[0][:end]) for end in range(_SHORTEST, len(first[0]) + 1))
    for end in range(_SHORTEST + 1, min(len(title), _LONGEST) + 1):
        if ORGANISATION.fullmatch(title, 0, end):
            yield Clue.ORGANISATION, title[:end]
    yield from ((Clue.PHRASE, phrase) for phrase in re.split(r"[\W_]+", title) if len(phrase) >= _PHRASE)
    for name in dict.fromkeys(proper_names(title)):
        yield from ((Clue.SOUND, romanised(form)) for form in {name, place_stem(name)} if len(form) > 1)
    for name in proper_names(title, PLACE_TAGS)[:2]:
        yield from ((Clue.FIRST_SOUND, romanised(form)) for form in (name, place_stem(name)))
    if is_english(head):
        yield Clue.LANGUAGE, "en"


def head_of(title: str, passages: str) -> str:
    """Return a document's title and first lines in normal form.

    Args:
        passages: the beginning of its passages.
    """
    return normalise(f"{title}\n{passages}")


def place_stem(name: str) -> str:
    """Return a place's name without what kind of place it is."""
    return name.rstrip("省市县区州镇乡村")


@lru_cache(maxsize=4096)
def borders(text: str) -> frozenset[int]:
    """Return the places in ``text`` where a word begins or ends."""
    found, at = {0}, 0
    for word in cut(text, guess=False):  # by dictionary: a guessed word may swallow a name ("中江派")
        at += len(word)
        found.add(at)
    return frozenset(found)
