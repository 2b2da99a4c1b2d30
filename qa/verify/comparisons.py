"""Verification of comparisons: a figure stands with its owner's name, and "highest" and "higher" follow from them."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from decimal import Decimal

from qa.text.quantities import Kind, Quantity, same
from qa.text.quantities.units import compatible
from qa.verify.counted import SHARES, counted_noun
from qa.verify.lexicon import PLACE_SUFFIXES
from qa.verify.meaning import nearest
from qa.verify.source import Clause, Source, clauses, content_words, quantities_of, squash
from vectorstore.text.names import ENTITY_TAGS, PERSON_TAGS, PLACE_TAGS, proper_names
from vectorstore.text.words import normalise, stem

_MOST = re.compile(r"最[高多大长](?!人民|限度|检)|\b(?:highest|most|largest|biggest|longest)\b")
_LEAST = re.compile(r"最[低少小短](?!生活)|\b(?:lowest|least|smallest|fewest|shortest)\b")
_GREATER = re.compile(r"(?<!不)(?:高于|多于|大于)|\b(?:more|higher|greater|larger) than\b")
_LESS = re.compile(r"(?<!不)(?:低于|少于|小于)|不及|不如|\b(?:less|lower|fewer|smaller) than\b")
_RELATIVE = re.compile(
    r"比(?P<y>[^，,。；;：:\d]{1,24}?)更?(?P<zh>[多少高低大小早晚长短])(?!数|量|年|期|度)"
    r"|更(?P<alone>[多少高低大小早晚长短])(?=[，,。；;：:]|$)"
    r"|(?<!no )(?<!not )\b(?P<en>more|fewer|less|higher|lower|larger|bigger|smaller|greater|earlier|later|longer|shorter)\b"
    r"(?=[^,;.\d]*\bthan\b(?!\s*[£$€\d]))(?:[^,;.]*?\bthan (?P<y2>[^,;.]*))?"
    r"|\b(?:is|are|was|were|came|has|have|had) (?P<is>more|fewer|higher|lower|larger|bigger|smaller|greater|earlier|later|longer|shorter)\b(?! than)"
)
"""A comparison of two things, and not with a figure ("more than 40")."""
_UPWARDS = frozenset("多 高 大 晚 长 more higher larger bigger greater later longer".split())
_TIMES = frozenset("早 晚 earlier later".split())
_SAME_WAY = {
    True: re.compile(r"[更较][多高大晚长]|[多高大晚长]于|超过|超出|\b(?:more|higher|larger|bigger|greater|later|longer|above|exceed\w*|over)\b"),
    False: re.compile(
        r"[更较][少低小早短]|[少低小早短]于|不及|不如|不足|\b(?:fewer|less|lower|smaller|earlier|shorter|below|under|short)\b"
    ),
}
_OWNER_TAGS = PERSON_TAGS | PLACE_TAGS


def compares(claim: str) -> bool:
    """Whether the claim has a superlative or comparative, which rests on all that it cites."""
    text = normalise(claim)
    return any(pattern.search(text) for pattern in (_MOST, _LEAST, _GREATER, _LESS, _RELATIVE))


def attributed(claim: str, sources: Sequence[Source]) -> str | None:
    """Among several documents, a figure stands with the name of one that gives it."""
    if len({source.document for source in sources}) < 2:
        return None
    text = normalise(claim)
    mentions = _mentions(text, sources)
    for quantity in (*_figures(text), *(q for q in quantities_of(text) if q.kind is Kind.DATE)):
        name, documents = _nearest(text, quantity, mentions)
        if name and not any(same(quantity, q) for s in sources if s.document in documents for q in s.quantities):
            return f"{quantity.text} is not what the evidence gives for {name}"
    return None


def _figures(text: str) -> list[Quantity]:
    return [quantity for quantity in quantities_of(text) if quantity.kind is Kind.NUMBER and not quantity.article]


def _mentions(text: str, sources: Sequence[Source]) -> list[tuple[int, str, frozenset[str]]]:
    """Where the claim names some of the documents, but not all: (offset, name, documents' ids), by offset."""
    titles = {source.document: squash(source.context.split("\n")[0]) for source in sources}
    names = set(proper_names(text, ENTITY_TAGS))
    for title in titles.values():
        names.update(proper_names(title, ENTITY_TAGS) or content_words(title))
    found = []
    for name in names:
        documents = frozenset(document for document, title in titles.items() if name in title)
        if documents and len(documents) < len(titles):
            found += [(match.start(), name, documents) for match in re.finditer(re.escape(name), text)]
    return sorted(found)


def _nearest(
    text: str, quantity: Quantity, mentions: Sequence[tuple[int, str, frozenset[str]]]
) -> tuple[str, frozenset[str]]:
    """The mention that a figure belongs to: the one right behind it ("96%的甲县"), the last before it, or the next."""
    behind = [mention for mention in mentions if mention[0] >= quantity.end]
    before = [mention for mention in mentions if mention[0] < quantity.start]
    if behind and text[quantity.end : behind[0][0]].strip() in ("的", "in", "for", "at"):
        return behind[0][1:]
    if before:
        return before[-1][1:]
    return behind[0][1:] if behind else ("", frozenset())


def conclusions_follow(claim: str, sources: Sequence[Source]) -> str | None:
    """A superlative or comparative that is not the evidence's own shows its figures, and they bear it out."""
    text = normalise(claim)
    for pattern, sign in ((_MOST, 1), (_LEAST, -1)):
        match = pattern.search(text)
        if match and not any(match[0] in normalise(source.text) for source in sources):
            return _superlative(text, match, sign, sources)
    for pattern, sign in ((_GREATER, 1), (_LESS, -1)):
        match = pattern.search(text)
        if match and not any(match[0] in normalise(source.text) for source in sources):
            return _comparative(text, match, sign, sources)
    return _relation(text, sources)


def _relation(text: str, sources: Sequence[Source]) -> str | None:
    """"A has more than B" is said by the evidence, or follows from the figures that it gives for A and for B."""
    match = _RELATIVE.search(text)
    if not match:
        return None
    word = next(match[name] for name in ("zh", "alone", "en", "is") if match[name])
    up = word in _UPWARDS
    told = _told_alike(text, match, sources)
    if any(_SAME_WAY[up].search(clause) for clause in told):
        return None
    if any(_SAME_WAY[not up].search(clause) for clause in told):
        return f"{match[0]}: the evidence says the opposite"
    if len(_figures(text)) > 1 and len({source.document for source in sources}) == 1:
        return None
    subjects, rivals = _sides(text, match, sources)
    pairs = [(one, other) for one in subjects for other in rivals]
    sign = 1 if up else -1
    if pairs and all(sign * one > sign * other for one, other in pairs):
        return None
    return f"{match[0]}: no figures show it"


def _told_alike(text: str, match: re.Match[str], sources: Sequence[Source]) -> list[str]:
    """Return the clauses of the evidence that share most with the clause of a comparison."""
    mine = next((clause for clause in clauses(text) if match[0][:6].strip() in clause.text), None)
    return [clause.text for clause in nearest(mine, [c for s in sources for c in s.clauses])] if mine else []


def _sides(text: str, match: re.Match[str], sources: Sequence[Source]) -> tuple[list[Decimal], list[Decimal]]:
    """Return the figures of what is said to be more or less, and of what it is compared with, a document for each."""
    other = match["y"] or match["y2"] or ""
    mentions = _mentions(text, sources)
    start = match.start("y") if match["y"] else match.start("y2") if match["y2"] else len(text)
    rivals = {d for at, _, documents in mentions for d in documents if start <= at < start + len(other)}
    subjects = {d for at, _, documents in mentions for d in documents if not start <= at < start + len(other)} - rivals
    rivals = rivals or {source.document for source in sources} - subjects
    names = {name for _, name, _ in mentions}
    wanted = [word for word in content_words(text) if not any(word in name or name in word for name in names)]
    timed = bool(_TIMES & {match[name] for name in ("zh", "alone", "en", "is")})
    homes = [_best(sources, documents, wanted, timed) for documents in (subjects, rivals)]
    units = {unit for home in homes for unit, _ in home}
    if not all(homes) or not any(all(compatible(one, two) for two in units) for one in units):
        return [], []
    return [value for _, value in homes[0]], [value for _, value in homes[1]]


def _best(
    sources: Sequence[Source], documents: Set[str], wanted: Sequence[str], timed: bool
) -> list[tuple[str, Decimal]]:
    """Return, for each of ``documents``, the unit and value of the figure (or date) that most of ``wanted`` stands by."""
    found = []
    for document in sorted(documents):
        rated = [
            (sum(len(word) for word in wanted if word in clause.text), unit, value)
            for source in sources
            if source.document == document
            for clause in source.clauses
            for unit, value in _values(clause, timed)
        ]
        best = max(rated, key=lambda one: one[0], default=None)
        if best is None or not best[0]:
            return []
        found.append((best[1], best[2]))
    return found


def _values(clause: Clause, timed: bool) -> list[tuple[str, Decimal]]:
    if timed:
        dates = [q.date for q in clause.quantities if q.kind is Kind.DATE]
        return [("", Decimal((d[0] or 0) * 10000 + (d[1] or 0) * 100 + (d[2] or 0))) for d in dates if d[1]]
    return [(q.unit, q.value) for q in clause.quantities if q.kind is Kind.NUMBER and not q.article and q.value is not None]


def _superlative(text: str, match: re.Match[str], sign: int, sources: Sequence[Source]) -> str | None:
    figures = _figures(text)
    if not figures:
        return f"{match[0]}: no figure shows it"
    figure = next((q for q in figures if q.start >= match.end()), figures[-1])
    rivals = _counterparts(figure, sources)
    if all(same(figure, rival) for rival in rivals):
        return f"{match[0]}: there is nothing to compare with"
    for rival in rivals:
        if rival.value is not None and figure.value is not None and sign * rival.value > sign * figure.value:
            return f"{match[0]}: the evidence also gives {rival.text}"
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


def _comparative(text: str, match: re.Match[str], sign: int, sources: Sequence[Source]) -> str | None:
    before = [q for q in _figures(text) if q.end <= match.start()]
    behind = [q for q in _figures(text) if q.start >= match.end()]
    if behind and not text[match.end() : behind[0].start].strip():
        return None  # "高于90%" is a bound of one figure, not a comparison of two
    if not before or not behind:
        return f"{match[0]}: no two figures show it"
    one, other = before[-1].value, behind[0].value
    if one is not None and other is not None and sign * one <= sign * other:
        return f"{match[0]}: {before[-1].text} and {behind[0].text} say otherwise"
    return None
