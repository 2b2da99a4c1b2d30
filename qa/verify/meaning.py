"""Verification of meaning where words alone would pass: negations, opposites, plans stated as facts, causes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from qa.text.quantities import same
from qa.verify.lexicon import (
    CAUSE,
    CAUSE_GIVEN,
    DONE,
    NEGATOR,
    ONLY_PLANNED,
    OPPOSITE_CHARACTERS,
    OPPOSITES,
    PARTIES,
    PLANNED,
)
from qa.verify.source import Clause, Source, clauses, content_words
from vectorstore.text.language import HAN
from vectorstore.text.words import normalise

_SCOPE_CHARS = 12
"""How far behind a negation its words are looked for; a 的 ends it earlier (不合格的村干部 denies no 村干部)."""


def preserved(claim: str, sources: Sequence[Source]) -> str | None:
    """The claim says the opposite of the evidence in nothing: no negation, direction, party, plan or cause."""
    quoted = [clause for source in sources for clause in source.clauses]
    for clause in clauses(claim):
        beside = nearest(clause, quoted)
        reason = (
            _negation(clause, quoted)
            or _opposite(clause, beside)
            or _opposite(clause, _with_its_figures(clause, quoted))
            or _opposite_character(clause, quoted)
            or _parties(clause, beside)
            or _plan(clause, beside)
        )
        if reason:
            return reason
    if CAUSE.search(normalise(claim)) and not any(CAUSE_GIVEN.search(normalise(source.text)) for source in sources):
        return "it gives a cause that the evidence doesn't give"
    return None


def nearest(clause: Clause, quoted: Sequence[Clause]) -> list[Clause]:
    """Return the clauses of the evidence that share most with ``clause``; a figure counts as much as two words."""
    scored = [(_shared(clause, other), other) for other in quoted]
    best = max((score for score, _ in scored), default=0.0)
    return [other for score, other in scored if best and score >= 0.8 * best]


def _shared(one: Clause, other: Clause) -> float:
    score = float(sum(len(word) if not word.isascii() else 2 for word in one.words if word in other.text))
    return score + sum(4 for q in one.quantities if not q.article and any(same(q, o) for o in other.quantities))


def _negation(clause: Clause, quoted: Sequence[Clause]) -> str | None:
    mine, theirs = _negated(clause), [(other, _negated(other)) for other in quoted]
    if mine is not None:
        if not any(scope is not None and _deny_the_same(mine, scope) for _, scope in theirs):
            return "it negates what the evidence affirms"
        return None
    affirmed = "\n".join(other.text if scope is None else NEGATOR.split(other.text)[0] for other, scope in theirs)
    for _, scope in theirs:
        denied = [word for word in scope or () if word in clause.words]
        if denied and 2 * len(denied) >= len(scope or ()) and not all(word in affirmed for word in denied):
            return "it affirms what the evidence negates"
    return None


def _negated(clause: Clause) -> frozenset[str] | None:
    """Return the content words that a negation in ``clause`` denies; None without a negation."""
    match = NEGATOR.search(clause.text)
    if match is None:
        return None
    han = not match[0].isascii()
    behind = clause.text[match.end() : match.end() + (_SCOPE_CHARS if han else 5 * _SCOPE_CHARS)]
    scope = frozenset(content_words(behind.split("的")[0] if han else behind))
    return scope or clause.words


def _deny_the_same(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether two negations deny the same: they share a word, or a character of one (未支付, 未付)."""
    if mine & theirs or not mine or not theirs:
        return True
    chars = {char for word in theirs if not word.isascii() for char in word}
    return any(char in chars for word in mine for char in word if not word.isascii())


def _opposite(clause: Clause, nearest: Sequence[Clause]) -> str | None:
    mine = _sides(clause)
    if not mine or not nearest:
        return None
    theirs = set().union(*(_sides(other) for other in nearest))
    for side, word in mine.items():
        opposite = side ^ 1
        if opposite not in mine and opposite in theirs and side not in theirs:
            return f"{word}: the evidence says the opposite"
    return None


def _with_its_figures(clause: Clause, quoted: Sequence[Clause]) -> list[Clause]:
    """Return the clauses of the evidence with a figure of ``clause``: "下降1.2%" stands apart from what fell."""
    figures = [quantity for quantity in clause.quantities if not quantity.article]
    return [other for other in quoted if any(same(q, o) for q in figures for o in other.quantities)]


def _opposite_character(clause: Clause, quoted: Sequence[Clause]) -> str | None:
    """No word is one of the evidence with one character replaced by its opposite: 左肺 for 右肺."""
    whole = "\n".join(other.text for other in quoted)
    for word in sorted(clause.words):
        if word in whole or len(word) < 2:
            continue
        for place, char in enumerate(word):
            opposite = word[:place] + OPPOSITE_CHARACTERS.get(char, "") + word[place + 1 :]
            if len(opposite) == len(word) and opposite in whole:
                return f"{word}: the evidence has {opposite}"
    return None


def _parties(clause: Clause, nearest: Sequence[Clause]) -> str | None:
    """Two parties stand in the order of the evidence: who pays whom."""
    for one, other in PARTIES:
        mine = _order(clause.text, one, other)
        theirs = [order for found in nearest if (order := _order(found.text, one, other))]
        if mine and theirs and mine not in theirs:
            return f"{one} and {other} have changed places"
        for owner, rival in ((one, other), (other, one)):
            belongings = _belongings(clause.text, owner)
            if any(belongings & _belongings(found.text, rival) - _belongings(found.text, owner) for found in nearest):
                return f"{owner}: the evidence says it of {rival}"
    return None


def _belongings(text: str, owner: str) -> set[str]:
    """Return what stands behind "原告的": the claims, the evidence, the costs."""
    return {m[1] for m in re.finditer(rf"(?<!被){owner}的(?:其他|其余|全部|部分)?([{HAN}]{{2,4}})", text)}


def _order(text: str, one: str, other: str) -> int:
    """Return 1 when ``one`` comes first, -1 when ``other`` does, 0 when not both occur. 被上诉人 holds no 上诉人."""
    places = [match.start() if (match := re.search(rf"(?<!被){name}", text)) else -1 for name in (one, other)]
    return 0 if min(places) < 0 else 1 if places[0] < places[1] else -1


@lru_cache(maxsize=4096)
def _sides(clause: Clause) -> dict[int, str]:
    """Return the sides of pairs of opposites that a clause has a word of, and that word; 2n opposes 2n + 1."""
    found: dict[int, str] = {}
    for number, pair in enumerate(OPPOSITES):
        for half, words in enumerate(pair):
            word = next((word for word in sorted(words) if _has(clause, word)), None)
            if word is not None:
                found[2 * number + half] = word
    return found


def _has(clause: Clause, word: str) -> bool:
    if word.isascii() or len(word) == 1:
        return word in clause.tokens
    return word in clause.text


def _plan(clause: Clause, nearest: Sequence[Clause]) -> str | None:
    if not nearest or PLANNED.search(clause.text):
        return None
    plan = PLANNED if DONE.search(clause.text) else ONLY_PLANNED
    if all(plan.search(other.text) and not DONE.search(other.text) for other in nearest):
        return "it tells as done what the evidence plans"
    return None
