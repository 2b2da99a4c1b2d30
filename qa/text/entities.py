"""Names in a text with the kind of thing that they name: a place, an organisation, a person."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from qa.text.dictionary import is_proper_noun
from qa.text.names import names as english_names
from vectorstore.text.language import is_english, with_han
from vectorstore.text.names import NAME_TAGS, ORGANISATION_TAGS, PERSON_TAGS, PLACE_TAGS
from vectorstore.text.segmentation import cut, tag
from vectorstore.text.words import normalise

_PLACE_TAIL = re.compile(with_han(r"\h*[省市县区州旗镇乡村]"))
_ORGANISATION_TAIL = re.compile(
    with_han(
        r"\h*(?:公司|集团|银行|法院|检察院|医院|大学|学院|学校|中学|小学|委员会|协会|基金会|研究院|研究所|事务所|工厂|厂)"
    )
)
_LONGEST_TAIL = 4
_PRONOUN = "r"
"""Tag of 各, 本, 该: what begins with one is no name, whatever the tagger guesses."""
_TRANSLITERATED = "nrt"
"""Tag of names from abroad, of people and companies alike."""
_PREPOSITIONS = frozenset(("in", "at", "near", "around", "outside"))
_BEFORE = re.compile(r"(?<!\w)(\w+)\W+(?:the\s+)?$")
_AFTER = re.compile(r"(?:['’]s)?\s+([\w-]+)")


class Kind(StrEnum):
    PLACE = "place"
    ORGANISATION = "organisation"
    PERSON = "person"
    OTHER = "other"
    """Not told by the text."""


class Name(NamedTuple):
    """A name as a text has it."""

    text: str
    """As written."""
    kind: Kind
    context: str = ""
    """English: the word behind the name, or its own last one ("depot" of "the Bristol depot"), in lower case."""


@lru_cache(maxsize=4096)
def named(text: str) -> tuple[Name, ...]:
    """Return the names in ``text``, in order: Chinese ones as the tagger sees them, English ones by their capitals."""
    return tuple(_english(text)) if is_english(text) else tuple(_chinese(text))


def _chinese(text: str) -> list[Name]:
    """Return names with the noun that says what they are: 西塘|镇, 永泰|集团."""
    found = []
    tagged = [*tag(normalise(text)), ("", "")]
    for (word, kind), (after, _) in pairwise(tagged):
        if kind not in NAME_TAGS or len(word) < 2 or tag(word[0])[0][1] == _PRONOUN:
            continue
        tail = after if 0 < len(after) <= _LONGEST_TAIL and _told(after) is not None else ""
        told = _told(tail) if tail else _tagged(word, kind)
        if told is not None:
            found.append(Name(word + tail, told))
    return found


def _tagged(word: str, kind: str) -> Kind | None:
    """Return the kind of thing that a word names by itself; None where the tagger guesses, or errs."""
    listed = is_proper_noun(word)
    if listed is False:
        return None
    if kind == _TRANSLITERATED:
        return Kind.OTHER if listed else None
    if kind in PERSON_TAGS:
        return Kind.PERSON if listed or is_proper_noun(word[0]) else None
    known = listed or cut(word, guess=False) == [word]
    if not known:
        return None
    by_tag = Kind.PLACE if kind in PLACE_TAGS else Kind.ORGANISATION if kind in ORGANISATION_TAGS else Kind.OTHER
    return _told(word) or by_tag


def _told(word: str) -> Kind | None:
    """Return the kind of thing whose name ends with ``word``."""
    if _ORGANISATION_TAIL.fullmatch(word):
        return Kind.ORGANISATION
    return Kind.PLACE if _PLACE_TAIL.fullmatch(word) else None


def _english(text: str) -> list[Name]:
    found: dict[int, Name] = {}
    for name in english_names(text):
        written = re.search(rf"(?<!\w){re.escape(name)}", text, re.I)
        if written is None or re.search(r"\d", name):
            continue
        bare = re.sub(r"['’]s?$", "", written[0])
        before, after = _BEFORE.search(text[: written.start()]), _AFTER.match(text, written.start() + len(bare))
        kind = Kind.PLACE if before and before[1].lower() in _PREPOSITIONS else Kind.OTHER
        words = bare.split()
        context = words[-1] if len(words) > 1 else after[1] if after else ""
        found[written.start()] = Name(bare, kind, context.lower())
    return [found[start] for start in sorted(found)]
