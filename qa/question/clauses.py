"""Clauses of one sentence that are questions: "What was the revenue and who audits it?", "谁负责供水，管网有多长？"."""

from __future__ import annotations

import re

from qa.question.english_pronouns import leans
from vectorstore.text.language import has_han
from vectorstore.text.segmentation import tag

_WH = r"(?:(?:in|on|at|for|by|from|to|with)\s+)?(?:who|whose|whom|what|when|where|which|why|how)\b(?:['’](?:s|re)\b)?"
_AUXILIARY = r"(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would)"
_IS = r"(?:who|what|when|where|how|why)['’](?:s|re)"
_AND = re.compile(
    rf"[,;]?(?<!\s)\s+and\s+(?={_WH})|[,;]\s+(?=(?:how|what|why)\b|(?:when|where)\s+{_AUXILIARY}\b)", re.I
)
"""What joins questions; behind a comma alone, "who" and "which" may only say more about somebody."""
_WHOLE = re.compile(rf"(?:{_WH}.*?\s{_AUXILIARY}|who\s+\w+|{_IS}|{_AUXILIARY})\b", re.I)
"""An English question with a verb of its own, unlike "how many now"."""
_LEANS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|each|these|those|that|this|he|she|his|hers?|him|both|ones?)\b", re.I
)
_FEWEST_WORDS = 4
_CONTRACTED = re.compile(r"^(who|what|when|where|how|why)['’](s|re)\b", re.I)
_WHO_OF = re.compile(r"(?<!^)\b(?:who|which|whose|that)\b", re.I)
_WHO_DID = re.compile(r"(?:who|which|whose)\s+(?!(?:is|are|was|were)\b)", re.I)
"""May ask, or go on with "the man who founded the firm and who left it"."""
_COMMA = re.compile(r"[,，;；]|[,，、]?(?:以及|并且|还有|而且)|、(?=[^、]*(?:谁|多少|几|什么|哪|怎))")
_ASKS = re.compile(r"多少|几(?!乎)|多[大长高远重宽深久]|谁|什么|啥|哪|怎|如何|何时")
_WHO_DOES = re.compile(r"由?谁(?!更|最|的|多|高|大)")
_OF_BEFORE = re.compile(r"[其占同增减升降比率]|比例|比重|哪")
"""Begins what is said of the thing before: its share, its growth."""
_NOUNS = ("n", "vn", "a", "j", "l", "b", "s", "zg")


def split_clauses(sentence: str) -> list[str]:
    """Return "What was the revenue?" and "Who is the auditor?" of both, where each is a question by itself."""
    found = _joined(sentence)
    whole = [_finished(clause) for clause in found]
    alone = all(len(clause.split()) >= _FEWEST_WORDS and _WHOLE.match(clause) for clause in whole)
    return whole if len(found) > 1 and alone and not any(map(_LEANS.search, found[1:])) else [sentence]


def leaning_clauses(text: str) -> list[str]:
    """Return the questions of one sentence, of which later ones may lean on the first; none where there is only one.

    "How many wells are there and who maintains them?", "谁负责供水，管网有多长？". It isn't sure that they are several
    until what they lean on is found.
    """
    return _chinese(text) if has_han(text) else _english(text)


def still_leans(clause: str, resolved: str) -> bool:
    """Whether a clause says only with the one before it what it asks about, though it was ``resolved``."""
    if not has_han(clause):
        return leans(resolved)
    return resolved == clause and not any(kind.startswith("n") for _, kind in tag(clause))


def _english(text: str) -> list[str]:
    found = _joined(text)
    if len(found) == 1 or not all(map(_WHOLE.match, found)):
        return []
    if _WHO_OF.search(found[0]) and any(map(_WHO_DID.match, found[1:])):
        return []
    return [_finished(clause) for clause in found]


def _joined(sentence: str) -> list[str]:
    """Return what is joined as questions may be; a mark before the first of them joins nothing."""
    return _AND.split(sentence.strip(" \t,;"))


def _finished(clause: str) -> str:
    """Return a clause as a question, "what's" as "what is"."""
    whole = _CONTRACTED.sub(lambda found: f"{found[1]} {'are' if found[2] == 're' else 'is'}", clause.strip())
    return f"{whole[:1].upper()}{whole[1:].rstrip(' ,;?')}?"


def _chinese(text: str) -> list[str]:
    found = [clause for clause in _COMMA.split(text.rstrip("?？。 ")) if clause.strip()]
    if len(found) == 1 or not all(map(_ASKS.search, found)):
        return []
    alone = all(_WHO_DOES.match(clause) or _says_what(clause) for clause in found[1:])
    return [f"{clause.strip()}？" for clause in found] if alone else []


def _says_what(clause: str) -> bool:
    """Whether a clause begins with what it asks about, unlike "比上年增长多少"."""
    before = tag(_ASKS.split(clause)[0])
    if not before or _OF_BEFORE.match(clause):
        return False
    is_it = len(before) > 1 and before[1][0] in ("是", "叫", "为")  # the tagger takes some nouns for verbs (站长)
    return before[0][1].startswith(_NOUNS) or is_it
