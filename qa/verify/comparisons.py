"""Verification of comparisons: a figure stands with its owner's name, and "highest" and "higher" follow from them."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from qa.text.quantities import Quantity, same
from qa.text.quantities.units import compatible
from qa.verify.counted import SHARES, counted_noun
from qa.verify.lexicon import PLACE_SUFFIXES
from qa.verify.owners import figures_in, mentions, owned
from qa.verify.relations import RELATIVE, Doubt, comparative, relation, unshown
from qa.verify.source import Clause, Source, clauses
from vectorstore.text.names import PERSON_TAGS, PLACE_TAGS, proper_names
from vectorstore.text.words import normalise, stem

_MOST = re.compile(r"最[高多大长](?!人民|限度|检)|\b(?:highest|most|largest|biggest|longest)\b")
_LEAST = re.compile(r"最[低少小短](?!生活)|\b(?:lowest|least|smallest|fewest|shortest)\b")
_GREATER = re.compile(r"(?<!不)(?:高于|多于|大于)|\b(?:more|higher|greater|larger) than\b")
_LESS = re.compile(r"(?<!不)(?:低于|少于|小于)|不及|不如|\b(?:less|lower|fewer|smaller) than\b")
_SIDE_BY_SIDE = re.compile(
    r"[比较和与及或都均]|分别|[高低多少大小早晚]于|超过|不如|不及|、|"
    r"\b(?:and|or|nor|both|than|versus|vs|while|whereas|compared|against|like|unlike|as)\b"
)
"""What puts two things beside each other."""
_OWNER_TAGS = PERSON_TAGS | PLACE_TAGS


def compares(claim: str) -> bool:
    """Whether the claim has a superlative or comparative, which rests on all that it cites."""
    text = normalise(claim)
    return any(pattern.search(text) for pattern in (_MOST, _LEAST, _GREATER, _LESS, RELATIVE))


def attributed(claim: str, sources: Sequence[Source]) -> str | None:
    """Among several documents, a figure stands with the name of one that gives it."""
    if len({source.document for source in sources}) < 2:
        return None
    for quantity, name, documents in owned(normalise(claim), sources):
        if name and not any(same(quantity, q) for s in sources if s.document in documents for q in s.quantities):
            return f"{quantity.text} is not what the evidence gives for {name}"
    return next((reason for clause in clauses(claim) if (reason := _mixed(clause.text, sources))), None)


def _mixed(clause: str, sources: Sequence[Source]) -> str | None:
    """Check that a clause that names the subjects of two documents lists or compares them, or is of one that has both.

    "A's lawyer comes from B" is nothing that A's document says, when B stands in another document alone.
    """
    named = mentions(clause, sources)
    if not named or _SIDE_BY_SIDE.search(clause):
        return None
    _, first, documents = named[0]
    for _, name, others in named[1:]:
        both = (source for source in sources if source.document in documents | others)
        if documents.isdisjoint(others) and not any(first in s.whole and name in s.whole for s in both):
            return f"{name}: the evidence doesn't say it of {first}"
    return None


def conclusions_follow(claim: str, sources: Sequence[Source], premise: str = "") -> str | None:
    """No figure speaks against a superlative or comparative, and one between documents rests on figures of each.

    Args:
        premise: verified sentences beside the claim, whose figures it may rest on.
    """
    doubt = _doubt(claim, sources, premise)
    return doubt.reason if doubt and doubt.firm else None


def conclusions_shown(claim: str, sources: Sequence[Source]) -> str | None:
    """A superlative or comparative that is not the evidence's own shows its figures."""
    doubt = _doubt(claim, sources, "")
    return doubt.reason if doubt and not doubt.firm else None


def _doubt(claim: str, sources: Sequence[Source], premise: str) -> Doubt | None:
    text = normalise(claim)
    for pattern, sign in ((_MOST, 1), (_LEAST, -1)):
        match = pattern.search(text)
        if match and not any(match[0] in normalise(source.text) for source in sources):
            return _superlative(text, match, sign, sources)
    for pattern, sign in ((_GREATER, 1), (_LESS, -1)):
        match = pattern.search(text)
        if match and not any(match[0] in normalise(source.text) for source in sources):
            return comparative(text, match, sign, sources)
    return relation(text, sources, normalise(premise))


def _superlative(text: str, match: re.Match[str], sign: int, sources: Sequence[Source]) -> Doubt | None:
    figures = figures_in(text)
    if not figures:
        return unshown(f"{match[0]}: no figure shows it", sources)
    figure = next((q for q in figures if q.start >= match.end()), figures[-1])
    rivals = _counterparts(figure, sources)
    if all(same(figure, rival) for rival in rivals):
        return unshown(f"{match[0]}: there is nothing to compare with", sources)
    for rival in rivals:
        if rival.value is not None and figure.value is not None and sign * rival.value > sign * figure.value:
            return unshown(f"{match[0]}: the evidence also gives {rival.text}", sources)
    return None


def _counterparts(figure: Quantity, sources: Sequence[Source]) -> list[Quantity]:
    """Return, for each document, its figures of that unit in the clause that is most like ``figure``'s own.

    Of several in that clause, those that count what ``figure`` counts, where that can be told.
    """
    homes = [
        clause for source in sources for clause in source.clauses if any(same(figure, q) for q in clause.quantities)
    ]
    things = {_thing(home, q) for home in homes for q in home.quantities if same(figure, q)}
    found: list[Quantity] = []
    for document in dict.fromkeys(source.document for source in sources):
        rated = [
            (max((_likeness(home, clause) for home in homes), default=0), clause)
            for source in sources
            if source.document == document
            for clause in source.clauses
            if any(compatible(figure.unit, q.unit) and q.kind is figure.kind for q in clause.quantities)
        ]
        best = max((score for score, _ in rated), default=0)
        for score, clause in rated:
            if score == best:
                rivals = [q for q in clause.quantities if q.kind is figure.kind and compatible(figure.unit, q.unit)]
                found += _counting(things, clause, rivals)
    return found


def _counting(things: Set[str], clause: Clause, rivals: list[Quantity]) -> list[Quantity]:
    """Return those of ``rivals`` that count one of ``things``, or may do so; all of them where none surely does."""
    counted = [_thing(clause, rival) for rival in rivals]
    if "" in things or things.isdisjoint(counted):
        return rivals
    return [rival for rival, thing in zip(rivals, counted, strict=True) if thing in things or not thing]


def _thing(clause: Clause, quantity: Quantity) -> str:
    """Return what a quantity of ``clause`` counts, as a stem; empty for a share, and where an owner stands there.

    "甲村494个、乙村1050个" are figures of one thing, "小区党组织494个、楼栋党小组1050个" are not.
    """
    noun = counted_noun(clause.text, quantity)
    owner = noun.endswith(tuple(PLACE_SUFFIXES)) or any(noun in name for name in proper_names(clause.text, _OWNER_TAGS))
    return "" if quantity.unit in SHARES or owner else stem(noun)


def _likeness(one: Clause, other: Clause) -> int:
    return sum(len(word) for word in one.words & other.words)
