"""The phrases of an English question: its names, its noun phrases, what it asks of whom.

No parser: auxiliaries, prepositions, determiners and capitals bound the phrases, and a dictionary tells verbs. Where
they don't, nothing is returned, and callers do without.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qa.text.dictionary import is_verb
from qa.text.names import NOT_NAMES
from qa.text.quantities.units import MONTH_NAMES
from vectorstore.text.words import STOPWORDS
from vectorstore.text.years import FINANCIAL_YEAR

_CLOSED_CLASSES = """
be: is are was were
do: do does did
auxiliary: is are was were do does did has have had can could will would shall should may might must be been
asking: who whom whose what which when where why how
preposition: in on at for from to with without by among amongst between during since until till before after about per
 under over near inside outside within across through against around behind below above towards into onto
determiner: the a an this that these those any some each every
pronoun: i you he she it we they me him her us them his its our their your my there
aside: last this next now today yet ever ago still only also actually currently there and or but
"""
"""The words of English grammar that no noun phrase has inside, by class."""
_CLASSES = {
    line.partition(":")[0]: frozenset(line.partition(":")[2].split())
    for line in _CLOSED_CLASSES.replace("\n ", " ").strip().splitlines()
}
_BE, _DO, _DETERMINERS = _CLASSES["be"], _CLASSES["do"], _CLASSES["determiner"]
AUXILIARIES, ASKING, PREPOSITIONS = _CLASSES["auxiliary"], _CLASSES["asking"], _CLASSES["preposition"]
CLOSED = frozenset().union(*_CLASSES.values())
_BREAKS = AUXILIARIES | ASKING | PREPOSITIONS | _CLASSES["pronoun"] | _CLASSES["aside"]
_WORD = re.compile(r"[A-Z]\.\s[a-z]+|[^\W_](?:[\w&/+\-]|\.(?=\w|\s+[a-z])|['’](?=\w))*(?:['’](?=\s))?|[^\s\w]")
_POSSESSIVE = re.compile(r"['’]s?$")
_IRREGULAR_PLURALS = frozenset(("people", "children", "men", "women", "staff", "police", "fish"))
YEARS = re.compile(rf"\b{FINANCIAL_YEAR}\b")
"""A year, or two that make a financial one: 2023, 2023/24."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a mark, with its place in the question."""

    start: int
    end: int
    text: str
    name: bool = False
    """Whether it is (part of) a name."""

    @property
    def lower(self) -> str:
        return self.text.lower()

    @property
    def content(self) -> bool:
        """Whether it says what is asked about, unlike the words of "why not" and "since when"."""
        return self.text[0].isalnum() and self.lower not in STOPWORDS and self.lower not in CLOSED

    @property
    def possessive(self) -> bool:
        return _POSSESSIVE.search(self.text) is not None


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of a question."""

    start: int
    end: int
    text: str


def read(text: str, mentioned: Collection[str] = ()) -> list[Word]:
    """Return the words of ``text``.

    Args:
        mentioned: names known from documents' heads, normalised: they count without a capital too.
    """
    found: list[Word] = []
    known = {word for name in mentioned for word in name.split()}
    for match in _WORD.finditer(text):
        bare = _POSSESSIVE.sub("", match[0]).lower()
        capital = any(char.isupper() for char in match[0])
        no_name = bare in NOT_NAMES or bare in STOPWORDS or bare in CLOSED
        name = bare in known or (capital and not no_name)
        found.append(Word(match.start(), match.end(), match[0], name))
    return found


def names(words: Sequence[Word], text: str) -> list[Phrase]:
    """Return the names: runs of words with capitals, which end where a possessive does."""
    found, at = [], 0
    while at < len(words):
        if not words[at].name:
            at += 1
            continue
        end = at
        while not words[end].possessive and end + 1 < len(words):
            if words[end + 1].name:
                end += 1
            elif words[end + 1].lower in ("of", "and", "&") and end + 2 < len(words) and words[end + 2].name:
                end += 2
            else:
                break
        found.append(_phrase(words[at : end + 1], text))
        at = end + 1
    return found


def _phrase(words: Sequence[Word], text: str) -> Phrase:
    """Return what ``words`` span, without a possessive's ending."""
    start, last = words[0].start, words[-1]
    end = last.end - (len(found[0]) if (found := _POSSESSIVE.search(last.text)) else 0)
    return Phrase(start, end, text[start:end])


def is_plural(phrase: str) -> bool:
    """Whether a noun phrase's last word (before "of") looks like a plural."""
    head = re.split(r"\s(?:of|in|at|for|on)\s", phrase)[0].split()[-1].lower()
    return head in _IRREGULAR_PLURALS or bool(re.search(r"(?<![sui])s$", head)) or " and " in phrase


def noun_end(words: Sequence[Word], at: int) -> int:
    """Return where the noun phrase that begins at ``at`` ends: before a word that no noun phrase has inside."""
    end = at
    while end < len(words):
        word = words[end]
        joins = word.lower == "and" and words[end - 1].name and end + 1 < len(words) and words[end + 1].name
        if (word.lower in _BREAKS and not joins and not word.name) or not word.text[0].isalnum():
            break
        if YEARS.fullmatch(word.text) or (end > at and word.lower in _DETERMINERS and words[end - 1].lower != "of"):
            break
        end += 1
    return end


def subject(words: Sequence[Word], text: str) -> Phrase | None:
    """Return the noun phrase that a question is about, or None where it can't be told.

    "Riverside" of "What was Riverside's revenue?", "Riverside's pool" of "When does Riverside's pool open?" and of
    "What is the depth of Riverside's pool?", "the fee for a plot" of "What is the fee for a plot?".
    """
    at = next((i for i, word in enumerate(words) if word.lower in AUXILIARIES and not word.name), None)
    if at is None or at + 1 >= len(words):
        return None
    asked, first = words[at].lower, at + 1
    if asked in _BE and words[first].lower == "there":  # "Is there a lift?"
        end = noun_end(words, first + 1)
        return _phrase(words[first + 1 : end], text) if end > first + 1 else None
    end = noun_end(words, first)
    if end == first:
        return None
    if asked in _DO:
        return _doer(words, first, end, text)
    if asked not in _BE or at == 0:
        return None
    opening = words[0].lower
    if opening in ("what", "who") and at == 1:
        return _described(words, first, end, text, opening)
    if (opening == "how" and at == 2) or opening in ("when", "where", "why"):
        predicate = end == len(words) or not words[end].text[0].isalnum()
        if predicate and end - first > 1 and _is_participle(words[end - 1].lower):
            end -= 1
        return _phrase(words[first:end], text)
    return None


def _is_participle(word: str) -> bool:
    return bool(re.search(r"(?:ed|en|wn|lt|ught|ound)$", word)) or word in (
        "open",
        "shut",
        "set",
        "made",
        "paid",
        "sold",
    )


def _doer(words: Sequence[Word], first: int, end: int, text: str) -> Phrase | None:
    """Return who or what does it in "did the parish council approve": all before the verb."""
    run = words[first:end]
    named = next((i for i, word in enumerate(run) if word.name), None)
    if named is not None and named <= 1:
        at = named + 1
        while at < len(run) and not run[at - 1].possessive and not _is_predicate(run, at):
            at += 1
        if not run[at - 1].possessive:
            return _phrase(run[:at], text)
    begins = 1 + next((i for i, word in enumerate(run) if word.possessive or word.lower in _DETERMINERS), -1)
    for at in range(begins + 1, len(run)):
        if _is_predicate(run, at):
            return _phrase(run[:at], text)
    return None


def _is_predicate(run: Sequence[Word], at: int) -> bool:
    """Whether the word at ``at`` is the verb, and no noun before the verb ("the campaign want to")."""
    verb = not run[at].name and is_verb(run[at].lower)
    return verb and not (at + 1 < len(run) and is_verb(run[at + 1].lower))


def _described(words: Sequence[Word], first: int, end: int, text: str, opening: str) -> Phrase | None:
    """Return whose attribute "what is" asks for: who has it, if that is said; else the thing itself with its place."""
    owner = next((i for i in range(first, end) if words[i].possessive), None)
    if opening == "what" and owner is not None and not any(word.lower == "of" for word in words[first:owner]):
        return _phrase(words[first : owner + 1], text)
    of = next((i for i in range(first, end) if words[i].lower == "of" and not words[i].name), None)
    if opening == "what" and of is not None and of + 1 < end:
        return _phrase(words[of + 1 : end], text)
    while end < len(words) and words[end].lower in PREPOSITIONS:
        after = noun_end(words, end + 1)
        if after == end + 1:
            break
        end = after
    return _phrase(words[first:end], text)


def attribute(words: Sequence[Word], text: str) -> Phrase | None:
    """Return what a question asks of somebody: "revenue" of "What was Riverside's revenue?", what "how many" counts."""
    if (many := counted(words, text)) is not None:
        return many
    owner = next((i for i, word in enumerate(words) if word.possessive), None)
    if owner is not None and owner + 1 < len(words):
        end = noun_end(words, owner + 1)
        return _phrase(words[owner + 1 : end], text) if end > owner + 1 else None
    for at, word in enumerate(words):
        if word.lower == "the":
            end = next((i for i in range(at + 1, noun_end(words, at + 1)) if words[i].lower == "of"), 0)
            if not end and [one.lower for one in words[:at]] in (["what", "is"], ["what", "was"], ["what", "are"]):
                end = noun_end(words, at + 1)
            if end > at + 1:
                return _phrase(words[at + 1 : end], text)
    return None


def counted(words: Sequence[Word], text: str) -> Phrase | None:
    """Return what "how many" counts, up to its first plural; None where it can't be told."""
    lower = [word.lower for word in words]
    if lower[:2] not in (["how", "many"], ["how", "much"]):
        return None
    end = noun_end(words, 2)
    if lower[1] == "many":
        plural = next((i for i in range(2, end) if is_plural(words[i].text)), None)
        end = 2 if plural is None else plural + 1
        while end < len(words) and not words[end].name and words[end].lower not in _BREAKS and is_plural(lower[end]):
            end += 1
    elif end == len(words) or lower[end] not in AUXILIARIES:
        return None
    return _phrase(words[2:end], text) if end > 2 else None


def objects(words: Sequence[Word], text: str) -> list[tuple[str, Phrase]]:
    """Return the prepositions (lower case) with the noun phrases that follow them."""
    found = []
    for at, word in enumerate(words[:-1]):
        if word.lower in PREPOSITIONS:
            start = at + 1
            year = YEARS.fullmatch(words[start].text)
            end = start + 1 if year else noun_end(words, start)
            if end > start:
                found.append((word.lower, _phrase(words[start:end], text)))
    return found


def kind(phrase: str) -> str:
    """Return what sort of thing a phrase is: only like goes for like."""
    lower = phrase.lower()
    if YEARS.search(phrase):
        return "year"
    if any(month in lower.split() for month in MONTH_NAMES):
        return "month"
    return "name" if names(read(f"of {phrase}"), f"of {phrase}") else "noun"
