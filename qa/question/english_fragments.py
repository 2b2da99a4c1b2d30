"""Pieces of English questions ("Hillside?", "in 2023?", "its costs?"): what of the question before they replace."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from qa.question.english_earlier import YEAR_AFTER, YEAR_BEFORE, Earlier, moved_year
from qa.question.english_phrases import YEARS, Phrase, Word, attribute, counted, is_plural, kind, objects, subject
from qa.question.english_pronouns import possessive
from vectorstore.text.words import STOPWORDS

_IN_YEAR = re.compile(rf"(?:(?:in|for|during|by)\s+)?(?:fiscal\s+|fy\s*)?(?P<year>{YEARS.pattern})", re.I)


def completed(rest: str, words: Sequence[Word], mentioned: Collection[str], before: Earlier) -> str | None:
    """Return ``before`` with ``rest`` for the piece that it stands for."""
    if year := _IN_YEAR.fullmatch(rest):
        return _dated(rest, year["year"], before)
    for pattern in (YEAR_BEFORE, YEAR_AFTER):
        if pattern.fullmatch(rest):
            moved = moved_year(rest, before)
            return YEARS.sub(moved, before.text) if moved else None
    owner = re.match(r"(?:its|their|his|her)\s+", rest, re.I)
    if owner:
        return _attributed(rest[owner.end() :], before, owned=True)
    if words[0].lower == "of":
        rest = rest[words[1].start :]
        words = words[1:]
    opening = objects(words, rest)
    if opening and opening[0][1].start == words[min(1, len(words) - 1)].start and words[0].lower == opening[0][0]:
        return _placed(opening[0][0], rest[opening[0][1].start :], before)
    if any(word.lower in ("one", "ones", "second", "third", "others", "rest") for word in words):
        return None
    small = before.text.islower() and len(words) == 1  # people who write without capitals
    if (small or any(word.name for word in words)) and not before.is_common(rest):
        return _named(rest, mentioned, before)
    return _attributed(rest, before)


def _dated(rest: str, year: str, before: Earlier) -> str | None:
    found = YEARS.findall(before.text)
    if len(found) > 1:
        return None
    return YEARS.sub(year, before.text) if found else before.with_end(f"in {year}" if rest == year else rest)


def _placed(preposition: str, thing: str, before: Earlier) -> str | None:
    """Exchange what stands behind the same preposition, or add it where there is none."""
    same = [phrase for word, phrase in objects(before.words, before.text) if word == preposition]
    like = [phrase for phrase in same if kind(phrase.text) == kind(thing)]
    if not like and preposition in ("in", "at", "on", "for", "to") and kind(thing) in ("name", "noun"):
        like = [phrase for phrase in same if {kind(phrase.text), kind(thing)} == {"name", "noun"}]
    if len(like) == 1:
        return before.with_piece(like[0], _keeping_owner(like[0].text, thing))
    if kind(thing) == "month" and (year := [phrase for phrase in same if kind(phrase.text) == "year"]):
        return before.with_piece(year[0], f"{thing} {year[0].text}")
    if like or (preposition in ("in", "at", "on") and kind(thing) != "month"):
        return None
    return before.with_end(f"{preposition} {thing}")


def _keeping_owner(old: str, new: str) -> str:
    """Return ``new`` with the owner of ``old`` where both end in the same noun.

    "Hill's south gate", where "the south gate" follows "Hill's north gate".
    """
    owner = re.match(r"(?P<owner>.+['’]s?)\s", old)
    same = old.split()[-1].lower() == new.split()[-1].lower()
    return f"{owner['owner']} {re.sub(r'^the ', '', new)}" if owner and same else new


def _named(name: str, mentioned: Collection[str], before: Earlier) -> str | None:
    """Exchange the name that ``before`` is about, or the one that ``name`` is most like."""
    candidates = before.named
    if not candidates:
        found = subject(before.words, before.text)
        return before.with_piece(found, name) if found and found.text.lower() not in STOPWORDS else None
    own = before.own(candidates)
    if mentioned or not before.holds(name):  # another document's subject, or one that no document knows
        candidates = own or candidates
    else:
        candidates = [phrase for phrase in candidates if phrase not in own] or candidates
    candidates = [phrase for phrase in candidates if phrase.text.isupper() == name.isupper()] or candidates
    chosen = 0 if len(candidates) == 1 else before.nearest(name, [phrase.text for phrase in candidates])
    if chosen is None:
        return None
    piece = candidates[chosen]
    return before.with_piece(piece, re.sub(r"['’]s?$", "", name))


def _attributed(noun: str, before: Earlier, owned: bool = False) -> str | None:
    """Exchange what is asked of the subject; a verb before it that no longer agrees is made to.

    Args:
        owned: whether it is said whose ("its costs"): then it is an attribute. Otherwise it may be what the attribute
            is of: "landlords" for the tenants of "the notice period for tenants".
    """
    bare = re.sub(r"^(?:the|its|their)\s", "", noun, flags=re.I)
    if same := _same_noun(bare, before):
        return before.with_piece(same, bare)
    piece = attribute(before.words, before.text)
    others = [] if piece is None or owned else _nouns_behind(piece, before)
    others = [phrase for phrase in others if is_plural(phrase.text) == is_plural(bare)]
    if piece is not None and others:
        chosen = before.nearest(bare, [piece.text, *(phrase.text for phrase in others)])
        if chosen is None:
            return None
        if chosen > 0:
            return before.with_piece(others[chosen - 1], noun)
    many = piece is not None and counted(before.words, before.text) == piece
    if piece is None or (many and before.words[1].lower == "many" and not is_plural(bare)):
        return f"what about {possessive(before.topic)} {bare}" if before.topic and " and " not in before.topic else None
    return before.with_piece(piece, bare) if many else _agreeing(before.with_piece(piece, bare), is_plural(bare))


def _nouns_behind(piece: Phrase, before: Earlier) -> list[Phrase]:
    """Return what follows "of", "for" and "in" behind ``piece``, but for names and years."""
    found = [phrase for word, phrase in objects(before.words, before.text) if word in ("of", "for", "in")]
    return [phrase for phrase in found if phrase.start >= piece.end and kind(phrase.text) == "noun"]


def _same_noun(phrase: str, before: Earlier) -> Phrase | None:
    """Return what ``before`` says of the same noun: "north gate", when "south gate" follows."""
    last = phrase.split()[-1].lower()
    at = next((i for i, word in enumerate(before.words) if word.lower == last), None)
    if at is None or " " not in phrase:
        return None
    first = at
    while first > 0 and before.words[first - 1].content and not before.words[first - 1].possessive:
        first -= 1
    start, end = before.words[first].start, before.words[at].end
    return Phrase(start, end, before.text[start:end]) if first < at else None


def _agreeing(question: str, plural: bool) -> str:
    """Return "what is/was ..." with the verb's number."""
    forms = {"is": "are", "was": "were"} if plural else {"are": "is", "were": "was"}
    found = re.match(r"(?P<what>what\s+)(?P<be>is|are|was|were)\b", question, re.I)
    return (
        f"{found['what']}{forms.get(found['be'].lower(), found['be'])}{question[found.end() :]}" if found else question
    )
