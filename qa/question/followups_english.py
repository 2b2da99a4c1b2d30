"""English follow-ups that stand alone, by rules: a piece of the question before is exchanged, a pronoun resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from qa.question.english_earlier import YEAR_AFTER, YEAR_BEFORE, YEAR_SAME, Earlier, moved_year, only_year
from qa.question.english_fragments import completed
from qa.question.english_phrases import ASKING, AUXILIARIES, Word, counted, names, read
from qa.question.english_pronouns import ANAPHORA, OF_THEM, elliptic, leans, resolved

_OPENING = re.compile(
    r"^(?:(?:no|and|so|but|or|ok|okay|well|actually|sorry|then|also|now|please|(?:thanks|thank you)(?=[,.!]))\b[\s,.!]*"
    r"|wrong(?: one| year)?(?=[,.!])[\s,.!]*"
    r"|(?:i meant|i mean|i am asking about|i was asking about|i asked (?:about|for)|what about|how about)\b\s*)+",
    re.I,
)
_NOT_THAT = re.compile(
    r"^not\b[^,;]{0,80}?(?:[,;]\s*(?:but\b)?|\sbut\b)\s*|(?<!\s)\s*[,;]\s*(?:and )?not\b[^,;]{0,80}$", re.I
)
"""What was not meant ("2022, not 2023")."""
_MEANT = re.compile(r"(?<![\s,])[\s,]*\b(?:i mean|i meant|please|instead)[\s.!]*$", re.I)
_GOES_ON = re.compile(r"\W*(?:and|but|or|so|no|sorry|what about|how about|i mean|i meant)\b", re.I)
_WHAT_IS = re.compile(r"(?:who|what|when|where|how|why)['’](?:s|re)")
_ALL = re.compile(r"\b(?:each|all|every|both|which) of the\b|\ball (?:the )?(?:two|three|four|five|six|\d+)\b", re.I)


def stripped(question: str) -> str:
    """Return ``question`` without the words that only tie it to the conversation."""
    rest = question.strip()
    rest = rest[match.end() :] if (match := _OPENING.match(rest)) else rest
    if (words := read(rest)) and not _is_clause(words):
        rest = _MEANT.sub("", _NOT_THAT.sub("", rest))
    return rest.strip() or question.strip()


def finished(text: str, end: str = "?") -> str:
    """Return ``text`` with a capital and its end."""
    text = re.sub(r"\s+", " ", text).strip(" ,.?!")
    return f"{text[:1].upper()}{text[1:]}{end}"


def rewrite(question: str, before: Earlier, mentioned: Collection[str]) -> str | None:
    """Return ``question`` so that it stands alone, in grammatical English; None where rules can't tell what it means.

    Args:
        question: without its opening ("And", "What about"), see ``stripped``.
        mentioned: the names in it that single documents out, normalised.
    """
    rest = question.strip(" ?.!")
    words = read(rest, mentioned)
    if not any(word.content for word in words):
        meant = resolved(rest, before) if _is_clause(words) else None
        meant = None if meant == rest else meant
    elif _is_clause(words):
        meant = _clause(rest, words, before)
    else:
        meant = completed(rest, words, mentioned, before)
    if not meant:
        return None
    ordered = before.text.endswith(".") and not _is_clause(read(meant))  # "Compare ... with ..."
    return finished(meant, "" if ordered else "?")


def stands_alone(question: str, mentioned: Collection[str] = ()) -> bool:
    """Whether a question names its own subject and leans on nothing, or asks about all of something."""
    words = read(question, mentioned)
    clause = _is_clause(words) or any(word.lower in ASKING or word.lower in AUXILIARIES for word in words[:4])
    return clause and not leans(question) and bool(names(words, question) or _ALL.search(question))


def asks(question: str) -> bool:
    """Whether it is a whole question that says what is asked, so that it can be looked up without the one before it."""
    words = read(question)
    return bool(words) and _is_clause(words) and any(word.content for word in words)


def about(topic: str, question: str) -> str:
    """Return a question that names nobody under the name that it is about."""
    return f"As for {topic}, {question[0].lower()}{question[1:]}"


def asks_of_kind(question: str, titles: Callable[[str], Sequence[str]]) -> bool:
    """Whether a question asks about what several documents are about: "which council", where titles name councils.

    Args:
        titles: returns those that have a word.
    """
    found = re.findall(r"\b(?:which|each|every|all|both)(?: of the| the)? (\w+)", question, re.I)
    kinds = [kind.rstrip("s").capitalize() for kind in found]
    return any(
        sum(bool(re.search(rf"\b[A-Z][\w'’-]+ {re.escape(kind)}\b", title)) for title in titles(kind)) > 1
        for kind in kinds
    )


def has_names(question: str) -> bool:
    return bool(names(read(question), question))


def is_remark(question: str, mentioned: Collection[str] = ()) -> bool:
    """Whether what is said, opening and all, neither asks nor names anything: "ok great", "Thanks a lot!"."""
    words = read(question, mentioned)
    if mentioned or question.rstrip().endswith("?") or _GOES_ON.match(question) or _is_clause(words):
        return False
    return not any(word.name or word.text[0].isdigit() for word in words[1:])


def _is_clause(words: Sequence[Word]) -> bool:
    """Whether words are a whole question and not a piece of one: "in which year did it open", not "in 2023"."""
    lower = [word.lower for word in words]
    if lower and _WHAT_IS.fullmatch(lower[0]):
        return True
    inside = len(lower) > 2 and lower[1] in ASKING and not AUXILIARIES.isdisjoint(lower)
    return bool(lower) and (lower[0] in ASKING or lower[0] in AUXILIARIES or inside)


def _clause(rest: str, words: Sequence[Word], before: Earlier) -> str | None:
    if elliptic(words):
        many = counted(before.words, before.text)
        if many is None:
            return None
        rest = f"how many {many.text} {rest[words[2].start :]}"
    if OF_THEM.search(rest):
        many = counted(before.words, before.text)
        if many is None:
            return None
        rest = OF_THEM.sub(f"of the {many.text}", rest)
    if ANAPHORA.search(rest):
        return None
    if year := only_year(before):
        rest = YEAR_SAME.sub(f"in {year}", rest)
    if YEAR_BEFORE.search(rest) or YEAR_AFTER.search(rest):
        moved = moved_year(rest, before)
        if moved is None:
            return None
        rest = YEAR_AFTER.sub(f"in {moved}", YEAR_BEFORE.sub(f"in {moved}", rest))
    return resolved(rest, before)
