"""Verification of words: names stand in the evidence letter by letter, and most other words of a sentence do too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.verify.frames import forms
from qa.verify.lexicon import GENERIC, PLACE_SUFFIXES, ROLES, synonyms
from qa.verify.source import Source, clauses, content_words, quantities_of, squash
from vectorstore.text.language import HAN, mostly_han
from vectorstore.text.names import ENTITY_TAGS, MASKED_NAME, proper_names
from vectorstore.text.quotes import DOUBLE, TITLES, quoted
from vectorstore.text.words import stem, words

SUPPORT = 0.75
"""Least support of a sentence's content words, between 0 and 1, averaged over their weight."""
CLAUSE_SUPPORT = 0.5
"""The same for each clause with at least ``CLAUSE_WEIGHT`` of content: an added claim falls, the rest being true."""
CLAUSE_WEIGHT = 4.0

_QUOTED = quoted(2, 60, DOUBLE + "".join(TITLES))
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9&.'’\-]*")
_HAN_TERM = re.compile(rf"[{HAN}]{{2,}}")
_SUFFIXED = re.compile(rf"([{HAN}]{{2,}})(?:省|市|县|区|州|镇|乡|公司|集团|银行|医院|法院|大学|学院)")
_MASKED = re.compile(rf"(?:{ROLES})?{MASKED_NAME}(?:[甲乙丙丁]|\d(?![\d.%岁年月日人元万]))?")
_GLOSSED = re.compile(
    rf"(?:[A-Z][\w'’&.\-]{{0,40}}\s+){{1,8}}([(（][{HAN}]{{2,}}[)）])|[{HAN}]{{2,12}}\s?([(（][A-Za-z][^)）]{{0,100}}[)）])"
)
"""A name in translation with the original in brackets: Qinghe County (青禾县), 港湾信托（Harbour Trust）."""
_PREPOSITIONS = "比和与在对从由向为"
_CAPITALISED = re.compile(r"[A-Z][A-Za-z&'’\-]+")


def names_occur(claim: str, sources: Sequence[Source]) -> str | None:
    """Quoted terms, people, places, institutions and Latin names of the claim occur in the evidence."""
    whole = "\n".join(source.whole for source in sources)
    names = _originals(claim) if _translates(claim, sources) else names_of(claim, whole)
    titles = "\n".join(squash(source.context) for source in sources)
    unknown = next((name for name in names if not _known(squash(name), whole, titles)), None)
    return unknown and f"{unknown} is not in the evidence"


def _known(name: str, whole: str, titles: str) -> bool:
    """Whether a name is in the evidence, or a title has its short form (青禾 for 青禾县).

    The tagger takes a preposition into some names (比青禾).
    """
    bare = name[1:] if len(name) > 2 and name[0] in _PREPOSITIONS else name
    if name in whole or bare in whole or any(form in titles for form in forms(bare)):
        return True
    return name.isascii() and len(name) > 6 and name[:-1] in whole  # Nigerian, of Nigeria


def names_of(claim: str, whole: str) -> Iterator[str]:
    """Yield the names in a claim.

    Args:
        claim: a sentence.
        whole: the evidence's squashed text; names that are surely in it may be left out.
    """
    yield from _marked(claim)
    yield from (_latin_words(claim) if mostly_han(claim) else _capitalised(claim))
    yield from _suffixed(claim, whole)
    for name in proper_names(claim):
        halves = (name[:2], name[2:]) if len(name) >= 4 else (name,)
        if not any(char.isdigit() for char in name) and not all(half in whole for half in halves):
            yield name


def _originals(claim: str) -> Iterator[str]:
    """Yield the names of a translated claim: the originals in it, and names that have no original beside them."""
    bare = _GLOSSED.sub(lambda match: match[1] or match[2], claim)
    yield from _marked(bare)
    if mostly_han(claim):
        yield from _latin_words(bare)
        yield from proper_names(bare, ENTITY_TAGS)
    else:
        yield from _capitalised(bare)
        yield from _HAN_TERM.findall(bare)


def _marked(claim: str) -> Iterator[str]:
    """Terms in quotation marks, book titles, and masked names with the role before them (原告王某某)."""
    yield from (match[1].strip("，。,.") for match in _QUOTED.finditer(claim))
    yield from (match[0] for match in _MASKED.finditer(claim))


def _latin_words(claim: str) -> Iterator[str]:
    yield from (match[0].rstrip(".'’-") for match in _LATIN.finditer(claim))


def _capitalised(claim: str) -> Iterator[str]:
    """Capitalised English words, unless they just begin the sentence."""
    for match in _CAPITALISED.finditer(claim):
        follower = claim[match.end() : match.end() + 2].strip()
        if match.start() > 0 or follower.isupper():
            word = re.sub(r"['’]s?$", "", match[0])
            if content_words(word) and not quantities_of(word.lower()):
                yield word


def _suffixed(claim: str, whole: str) -> Iterator[str]:
    """甲县, 宏达建筑公司: a word that ends as places and institutions do, or one with such a word right behind it."""
    sequence, squashed = words(claim), squash(claim)
    for before, word in zip(("", *sequence), sequence, strict=False):
        match = _SUFFIXED.fullmatch(word)
        if match and match[1] not in GENERIC and word[0] not in GENERIC and match[1] not in whole:
            yield word
        is_name = len(before) > 1 and before not in GENERIC and content_words(before) != ()
        if word in PLACE_SUFFIXES and is_name and before not in whole and before + word in squashed:
            yield before + word


def words_occur(claim: str, sources: Sequence[Source]) -> str | None:
    """The claim begins with something known, and enough of the words of all of it, and of each clause, is known."""
    if _translates(claim, sources):
        return _anchored(claim)
    evidence = _Vocabulary("\n".join(source.whole for source in sources))
    first = next(iter(content_words(claim)), None)
    if first is not None and not first.isascii() and not evidence.support(first):
        return f"{first} is not in the evidence"
    known = total = 0.0
    unknown: list[str] = []
    for clause in clauses(claim):
        weights = {word: _weight(word) for word in content_words(clause.text)}
        supported = {word: weight * evidence.support(word) for word, weight in weights.items()}
        missing = [word for word, support in supported.items() if not support]
        if sum(weights.values()) >= CLAUSE_WEIGHT and sum(supported.values()) < CLAUSE_SUPPORT * sum(weights.values()):
            return f"not in the evidence: {' '.join(missing)}"
        known, total, unknown = known + sum(supported.values()), total + sum(weights.values()), unknown + missing
    return f"not in the evidence: {' '.join(unknown)}" if known < SUPPORT * total else None


def _translates(claim: str, sources: Sequence[Source]) -> bool:
    """Whether a claim is in another language than its evidence."""
    return mostly_han(claim) not in {mostly_han(source.text) for source in sources}


def _anchored(claim: str) -> str | None:
    """A translated sentence carries names in the original, and figures or a second name; every clause has one of them.

    Names and figures have been found in the evidence before; the words between them can't be compared.
    """
    original = _LATIN if mostly_han(claim) else _HAN_TERM
    total = 0
    for clause in clauses(claim):
        anchors = len(original.findall(clause.text))
        figures = sum(not quantity.article for quantity in clause.quantities)
        if not anchors + figures and sum(map(_weight, clause.words)) >= CLAUSE_WEIGHT:
            return (
                f"it is in another language than its evidence, and nothing in it can be checked: {clause.text.strip()}"
            )
        total += anchors + figures
    if total < 2 or not original.search(claim):
        return "it is in another language than its evidence, with too few names and figures to be checked by"
    return None


def _weight(word: str) -> float:
    return 2.0 if word.isascii() else float(min(len(word), 4))


class _Vocabulary:
    """What evidence offers to support a word."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stems = frozenset(stem(word) for word in re.findall(r"[a-z]+", text))

    def support(self, word: str) -> float:
        """Return 1 for a word that is there or one like it, a part for one whose pieces are, 0 for an unknown one."""
        if any(self._has(other) for other in synonyms(word)):
            return 1.0
        if word.isascii():
            return 0.0
        if len(word) == 2:
            return 0.5 if any(char in self.text for char in word) else 0.0
        pairs = [word[i : i + 2] for i in range(len(word) - 1)]
        return sum(pair in self.text for pair in pairs) / len(pairs) if pairs else 0.0

    def _has(self, word: str) -> bool:
        if not word.isascii():
            return word in self.text
        root = stem(word)
        return root in self.stems or (
            len(root) > 4 and any(s.startswith(root) or root.startswith(s) for s in self.stems if len(s) > 4)
        )
