"""Things that an English question puts side by side: "Acme's revenue, headcount and dividend", "Ashford and Bexley"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile

from qa.question.english_phrases import ASKING, AUXILIARIES, CLOSED, PREPOSITIONS, YEARS, Word, is_plural, read
from qa.question.mentions import Mention
from qa.question.side_by_side import SideBySide

_ARTICLES = frozenset(("the", "a", "an"))
_MEASURES = frozenset(("number", "amount", "percentage", "proportion", "share"))
"""Nouns that say nothing without what they are "of"."""
_OF_ALL = frozenset(("between", "among", "amongst", "from", "to", "with", "against"))
"""Before names that are spoken of together."""
_TOGETHER = re.compile(r"\b(?:together|combined|altogether|in total|each other|jointly|in common)\b", re.I)
_ORDERS = frozenset(("give", "list", "state", "show", "tell", "find", "provide", "name", "compare"))
_ONE_BY_ONE = re.compile(r"(?<!\s)\s+(?:each|both|respectively)\b", re.I)
_WHAT_IS = re.compile(r"(?:what|who)['’](?:s|re)")
_OWNER = re.compile(r"['’]s?$")
_BE = frozenset(("is", "are", "was", "were"))


def side_by_side(text: str, mentions: Sequence[Mention] = ()) -> SideBySide | None:
    """Return the attributes, names or years that ``text`` asks side by side; None where that isn't sure."""
    words = read(text)
    if _TOGETHER.search(text) or not words:
        return None
    for at in reversed([i for i, word in enumerate(words) if word.lower == "and"]):
        found = _around(words, at)
        if found is None:
            continue
        first = found[0][0]
        items = [(words[start].start, _end(words[end - 1])) for start, end in found]
        if all(YEARS.fullmatch(text[start:end]) for start, end in items):
            spanned = any(word.lower in ("between", "from") for word in words[:first])
            return None if spanned else SideBySide(items, True)
        if any(_is_name(words, start, end) for start, end in found):
            # Beside a name, capitals are one too: "IBM and Acme"
            named = all(_is_name(words, start, end, capitals=True) for start, end in found)
            return SideBySide(items, True) if named and _asks_of_names(words, first) else None
        return SideBySide(items, False) if _asks_attributes(words, found) else None
    return None


def pieces(phrase: str) -> list[str]:
    """Return the words of a phrase, each with the space behind it, without an article before them."""
    return re.findall(r"\S+\s*", re.sub(r"^(?:the|an?)\s+", "", phrase, flags=re.I))


def of_one(tail: str) -> str:
    """Return what stands behind the last one without words that speak of several."""
    return _ONE_BY_ONE.sub("", tail)


def forms(name: str) -> list[str]:
    """Return how a text may write a name: 2023/24 as 2023-24 too."""
    bare = re.sub(r"^the ", "", name)
    return [bare.replace("/", mark) for mark in "/-–"] if YEARS.fullmatch(bare) else [bare]


def _around(words: Sequence[Word], at: int) -> list[tuple[int, int]] | None:
    """Return the items that the "and" at ``at`` joins, as ranges of words, the last one behind it."""
    end = _item_end(words, at + 1)
    if end == at + 1:
        return None
    found = [(at + 1, end)]
    before = at - 1 if words[at - 1].text == "," else at
    plain = words[at + 1].lower not in _ARTICLES and not _has_measure(words[at + 1 : end])
    while before > 0:
        start = _item_start(words, before)
        if plain and _has_measure(words[start:before]) and (start == 0 or words[start - 1].text != ","):
            start += next(i for i, word in enumerate(words[start:before]) if word.lower == "of") + 1
        if start == before:
            break
        found.insert(0, (start, before))
        if start == 0 or words[start - 1].text != ",":
            break
        before = start - 1
    return found if len(found) > 1 else None


def _has_measure(words: Sequence[Word]) -> bool:
    return any(one.lower in _MEASURES and of.lower == "of" for one, of in pairwise(words))


def _stops(word: Word) -> bool:
    """Whether no item has ``word`` inside: an auxiliary, a preposition, the "many" of "how many", a mark."""
    closed = _OWNER.sub("", word.lower) in CLOSED or word.lower in ("of", "many", "much")
    return not word.text[0].isalnum() or (closed and not _capital(word)) or _is_year(word)


def _item_end(words: Sequence[Word], at: int) -> int:
    """Return where the item that begins at ``at`` ends."""
    if at < len(words) and _is_year(words[at]):
        return at + 1
    end = at + (at < len(words) and words[at].lower in _ARTICLES)
    named = end < len(words) and _capital(words[end])
    while end < len(words) and not _stops(words[end]) and (not named or _capital(words[end])):
        end += 1
        if words[end - 1].possessive:
            return end
    if end < len(words) and words[end].lower == "of" and words[end - 1].lower in _MEASURES:
        return _item_end(words, end + 1)
    return at if end and words[end - 1].lower in _ARTICLES else end


def _item_start(words: Sequence[Word], end: int) -> int:
    """Return where the item that ends before ``end`` begins."""
    if _is_year(words[end - 1]):
        return end - 1
    start = end
    while start > 0 and not _stops(words[start - 1]) and not words[start - 1].possessive:
        start -= 1
    if start == end:
        return end
    if start > 1 and words[start - 1].lower == "of" and words[start - 2].lower in _MEASURES:
        return _item_start(words, start - 1)
    return start - (start > 0 and words[start - 1].lower in _ARTICLES)


def _is_year(word: Word) -> bool:
    return YEARS.fullmatch(word.text) is not None


def _capital(word: Word) -> bool:
    return word.start > 0 and any(map(str.isupper, word.text)) and not word.text.isupper()


def _is_name(words: Sequence[Word], start: int, end: int, capitals: bool = False) -> bool:
    """Whether a stretch of words is a name; with ``capitals`` those too that have no small letters (CEO, IBM)."""
    bare = [word for word in words[start:end] if word.lower not in _ARTICLES]
    return all(_capital(word) or (capitals and word.text.isupper()) for word in bare)


def _end(word: Word) -> int:
    return word.start + len(_OWNER.sub("", word.text))


def _asks_attributes(words: Sequence[Word], items: Sequence[tuple[int, int]]) -> bool:
    """Whether ``items`` are what the question asks for: "what were Acme's ...", "how many ..."."""
    (first, _), (last, end) = items[0], items[-1]
    before = [word.lower for word in words[:first]]
    if words[end - 1].possessive and (words[last].lower in _ARTICLES or (first and words[first - 1].possessive)):
        return False  # "the plaintiff's claim and the defendant's defence"
    if before[-2:] == ["how", "many"]:
        return all(is_plural(words[stop - 1].text) for _, stop in items)
    if before[-2:] == ["how", "much"]:
        return True
    if before[-1:] == ["of"] and len(before) > 1 and (is_plural(before[-2]) or before[-2] in _MEASURES):
        before = before[: -2 - (before[-3:-2] == ["the"])]
        words = words[: len(before)]
    elif before and words[first - 1].possessive and not _WHAT_IS.fullmatch(before[-1]):
        owner = len(list(takewhile(lambda word: not _stops(word), reversed(words[:first]))))
        before = before[: len(before) - owner]
        before = before[: len(before) - (before[-1:] != [] and before[-1] in _ARTICLES)]
    if before and before[-1] in _BE:
        return before[-2:-1] in (["what"], ["who"])
    asked = before[:-1] if before[-1:] in (["me"], ["us"]) else before
    return bool(before) and (_WHAT_IS.fullmatch(before[-1]) is not None or (len(asked) == 1 and asked[0] in _ORDERS))


def _asks_of_names(words: Sequence[Word], first: int) -> bool:
    """Whether the same is asked of each of the names from ``first`` on."""
    asking = any(word.lower in ASKING or _WHAT_IS.fullmatch(word.lower) for word in words[:first])
    before = words[first - 1].lower if first else ""
    owned = words[first - 2] if before == "of" and first > 1 else None
    of = owned is not None and owned.content and not _capital(owned)  # unlike the Diocese of Bath and Wells
    joins = of or before in PREPOSITIONS - _OF_ALL or before in AUXILIARIES or _WHAT_IS.fullmatch(before) is not None
    return joins and (asking or words[0].lower in _ORDERS)
