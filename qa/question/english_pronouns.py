"""English pronouns in a follow-up: what "it", "her", "they" and "there" stand for in the question before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.question.english_earlier import YEAR_AFTER, YEAR_BEFORE, YEAR_SAME, Earlier
from qa.question.english_phrases import (
    AUXILIARIES,
    YEARS,
    Phrase,
    Word,
    attribute,
    counted,
    is_plural,
    kind,
    noun_end,
    objects,
    read,
    subject,
)
from qa.text.names import people
from vectorstore.text.words import STOPWORDS

ANAPHORA = re.compile(
    r"\b(?:the|this|that|these|those) ones?\b|\b(?:those|these)\b"
    r"|\b(?:that|this)\b(?=\W*$| (?:is|was|cost|good|for|happen|mean|work|last)\b)",
    re.I,
)
OF_THEM = re.compile(r"\bof (?:them|those|these)\b", re.I)
_THERE_IS = re.compile(
    r"\b(?:is|are|was|were|be|been) there\b|\bthere (?:is|are|was|were|be|been|will|has|have)\b", re.I
)
_PERSON = re.compile(r"\b(?P<owner>his|her(?=\s+(?!in\b|on\b|at\b|as\b|and\b)\w)|hers)\b|\b(?:he|him|she|her)\b", re.I)
_THING = re.compile(r"\b(?P<owner>its|their)\b|\b(?:it|they|them)\b", re.I)
_BE_IT = re.compile(r"^(?!where|who)(?:\w+ ){0,2}(?:is|was|are|were) (?P<it>it|they)\b", re.I)
_IT = re.compile(r"\bits?\b", re.I)
_THEY = re.compile(r"\b(?:they|them|their)\b", re.I)
_THEY_ALONE = re.compile(r"\b(?:they|them)\b", re.I)
_THERE = re.compile(r"\bthere\b", re.I)
_FULL_NAME = re.compile(r"\b[A-Z][\w'’-]{1,40}(?: (?:[A-Z]\.|de|van|von|la|[A-Z][\w'’-]+))* [A-Z][\w'’-]+")


def leans(question: str) -> bool:
    """Whether a question speaks of what was spoken of: "it", "those", "the year before", "how many were"."""
    years = (YEAR_BEFORE, YEAR_AFTER, YEAR_SAME)
    pronoun = any(pattern.search(question) for pattern in (_PERSON, _THING, ANAPHORA, OF_THEM, *years))
    return pronoun or bool(_THERE.search(_THERE_IS.sub("", question))) or elliptic(read(question))


def elliptic(words: Sequence[Word]) -> bool:
    """Whether "how many" counts nothing that is said: "how many were sold"."""
    return [word.lower for word in words[:2]] == ["how", "many"] and words[2:] != [] and words[2].lower in AUXILIARIES


def with_name(name: str, question: str) -> str:
    """Return a question for looking up under a name: in place of its pronoun, or behind it."""
    found = _THING.search(question)
    if found:
        return _THING.sub(possessive(name) if found["owner"] else name, question, count=1)
    return f"{question.rstrip(' ?')} ({name})?"


def resolved(rest: str, before: Earlier) -> str | None:
    """Return ``rest`` with what its pronouns stand for; as it is without any; None where that can't be told."""
    if _PERSON.search(rest):
        who = _person(before)
        if who is None:
            return None
        rest = _put(_PERSON, rest, who)
    existential = _THERE_IS.search(rest)
    if _THERE.search(_THERE_IS.sub("", rest) if existential else rest) and not existential:
        where = _place(before)
        if where is None:
            return None
        rest = _THERE.sub(where, rest)
    if (is_it := _BE_IT.search(rest)) and (what := _whole_attribute(before)):
        rest = f"{rest[: is_it.start('it')]}{what}{rest[is_it.end('it') :]}"
    if _THING.search(rest):
        one, many = bool(_IT.search(rest)), bool(_THEY.search(rest))
        things = _counted_by_one(before) if _THEY_ALONE.search(rest) else None
        what = None if one and many else things or _thing(before, plural=many)
        if what is None:
            return None
        rest = _put(_THING, rest, what)
    return rest


def _put(pronoun: re.Pattern[str], rest: str, meant: str) -> str:
    """Return ``rest`` with ``meant`` for each of the pronouns, as an owner where they are."""
    return pronoun.sub(lambda found: possessive(meant) if found["owner"] else meant, rest)


def possessive(name: str) -> str:
    return f"{name}'" if is_plural(name) and name.endswith("s") else f"{name}'s"


def _definite(phrase: str) -> str:
    """Return a noun phrase as it is spoken of again: "the boat" for "a boat"."""
    return re.sub(r"^(?:a|an|any|some)\s", "the ", phrase, flags=re.I)


def _person(before: Earlier) -> str | None:
    """Return the person that ``before`` is about: whom its answer names, where it asks who; else its subject."""
    who = before.words[0].lower in ("who", "whom")
    if who:
        asked = before.text.lower()
        said = (name for name in _FULL_NAME.findall(before.answer) if name.lower() not in asked)
        answer: str | None = next((name for name in said if people(f"It is {name}.")), None)
        if answer:
            return answer
    found = subject(before.words, before.text)
    if found is None or (who and before.words[1].lower not in ("is", "was")):
        return None
    phrase = found.text
    is_document = any(phrase.lower().removeprefix("the ") == name for name in before.mentioned)
    return None if is_document or re.search(r"\s(?:in|at|for|on)\s", phrase) else _definite(phrase)


def _whole_attribute(before: Earlier) -> str | None:
    """Return "Riverside's revenue" of "What was Riverside's revenue in 2024?": what "was it" means then."""
    piece, about = attribute(before.words, before.text), subject(before.words, before.text)
    what_is = [word.lower for word in before.words[:2]] in (
        ["what", "is"],
        ["what", "was"],
        ["what", "are"],
        ["what", "were"],
    )
    if not what_is or piece is None or about is None:
        return None
    start, end = min(piece.start, about.start), max(piece.end, about.end)
    article = re.search(r"\bthe $", before.text[:start])
    return f"{'the ' if article else ''}{before.text[start:end]}"


def _thing(before: Earlier, plural: bool) -> str | None:
    """Return what ``before`` is about, for "it" and "they"; None where whoever does it, or what is done to, may be."""
    many = counted(before.words, before.text)
    found = subject(before.words, before.text)
    if found is not None and _acts_on_something(before, found):
        return None
    if found is not None and not plural and before.words[0].lower == "who":
        _, of, owner = found.text.partition(" of ")  # whoever it is, is no "it"
        return _definite(owner) if of else None
    if found is not None and found.text.lower() not in STOPWORDS:
        return _definite(found.text)
    if plural and many is not None:
        return f"the {many.text}"
    named = before.named
    chosen = named if len(named) == 1 else before.own(named)
    if len(chosen) == 1:
        behind = {phrase.start for _, phrase in objects(before.words, before.text)}
        return None if plural and chosen[0].start in behind else _around(chosen[0], before)
    return None if named else _only_object(before)


def _counted_by_one(before: Earlier) -> str | None:
    """Return "the wardens of Songling" after "How many wardens does Songling have?": "does" is said of one."""
    many, found = counted(before.words, before.text), subject(before.words, before.text)
    if many is None or found is None or is_plural(found.text):
        return None
    ahead = [word.lower for word in before.words if many.end <= word.start < found.start]
    return f"the {many.text} of {_definite(found.text)}" if ahead[:1] and ahead[0] in ("does", "has") else None


def _acts_on_something(before: Earlier, doer: Phrase) -> bool:
    """Whether a noun phrase follows the verb of "did the council approve the plan"."""
    behind = [word for word in before.words if word.start >= doer.end]
    does = any(word.lower in ("do", "does", "did") for word in before.words if word.end <= doer.start)
    return does and len(behind) > 1 and noun_end(behind, 1) > 1


def _around(name: Phrase, before: Earlier) -> str:
    """Return a name with its article and the noun behind it: "the Lindley orchestra"."""
    at = next(i for i, word in enumerate(before.words) if word.start == name.start)
    article = at > 0 and before.words[at - 1].lower in ("the", "a", "an")
    last = next(i for i, word in enumerate(before.words) if word.end >= name.end)
    if not article or before.words[last].possessive:
        return f"the {name.text}" if article else name.text
    tail = [word.text for word in before.words[last + 1 : last + 3]]
    kept = [word for word in tail[:1] if word.isalpha() and word.islower() and word not in STOPWORDS]
    return " ".join(["the", name.text, *kept])


def _only_object(before: Earlier) -> str | None:
    """Return the one thing that has an article in ``before``, where there is only one."""
    found = re.findall(r"\b(?:the|an?)\s+[a-z-]+(?:\s+[a-z-]+)?(?=\s*[?.]?$)", before.text, re.I)
    articles = re.findall(r"\b(?:the|an?)\s", before.text, re.I)
    return _definite(found[0]) if len(found) == 1 and len(articles) == 1 else None


def _place(before: Earlier) -> str | None:
    """Return where ``before`` asks about: "in Riverside"."""
    placed = [(preposition, p) for preposition, p in objects(before.words, before.text) if preposition in ("in", "at")]
    where = [
        f"{preposition} {p.text}" for preposition, p in placed if not YEARS.search(p.text) and kind(p.text) == "name"
    ]
    if len(where) == 1:
        return where[0]
    found = _thing(before, plural=False)
    return f"in {found}" if found and not where else None
