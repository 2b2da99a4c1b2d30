"""Verification of comparisons: a figure stands with its owner's name, and "highest" and "higher" follow from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from decimal import Decimal

from qa.text.quantities import Kind, Quantity, same
from qa.text.quantities.units import compatible
from qa.verify.counted import SHARES, counted_noun
from qa.verify.lexicon import COMMON_IN_NAMES, PLACE_SUFFIXES
from qa.verify.frames import Region, forms, frames, sentences
from qa.verify.meaning import nearest
from qa.verify.source import Clause, Source, clauses, content_words, quantities_of, squash
from vectorstore.text.names import ENTITY_TAGS, MASKED_NAME, PERSON_TAGS, PLACE_TAGS, proper_names
from vectorstore.text.words import normalise, stem

_MOST = re.compile(r"最[高多大长](?!人民|限度|检)|\b(?:highest|most|largest|biggest|longest)\b")
_LEAST = re.compile(r"最[低少小短](?!生活)|\b(?:lowest|least|smallest|fewest|shortest)\b")
_GREATER = re.compile(r"(?<!不)(?:高于|多于|大于)|\b(?:more|higher|greater|larger) than\b")
_LESS = re.compile(r"(?<!不)(?:低于|少于|小于)|不及|不如|\b(?:less|lower|fewer|smaller) than\b")
_RELATIVE = re.compile(
    r"(?<![同环占对])比(?![例重率较赛])(?P<y>[^，,。；;：:\d]{1,24}?)更?(?<![提降减增扩缩升成])(?P<zh>[多少高低大小早晚长短])(?![数量年期度])"
    r"|更(?P<alone>[多少高低大小早晚长短])(?=[，,。；;：:]|$)"
    r"|(?<!no )(?<!not )\b(?P<en>more|fewer|less|higher|lower|larger|bigger|smaller|greater|earlier|later|longer|shorter)\b"
    r"(?=[^,;.\d]*\bthan\b(?!\s*[£$€\d]))(?:[^,;.]*?\bthan (?P<y2>[^,;.(]*))?"
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
    for quantity, name, documents in _owned(normalise(claim), sources):
        if name and not any(same(quantity, q) for s in sources if s.document in documents for q in s.quantities):
            return f"{quantity.text} is not what the evidence gives for {name}"
    return None


def _owned(text: str, sources: Sequence[Source]) -> Iterator[tuple[Quantity, str, frozenset[str]]]:
    """Yield the figures and dates of a text with the name that each belongs to, and the documents of that name.

    That is the name among a figure's own words; else the nearest.
    """
    for sentence in sentences(text):
        mentions = _mentions(sentence, sources)
        own = {frame.quantity.start: frame.own.squashed for frame in frames(sentence)}
        for quantity in quantities_of(sentence):
            if quantity.kind not in (Kind.NUMBER, Kind.DATE) or quantity.article:
                continue
            beside = [mention for mention in mentions if squash(mention[1]) in own.get(quantity.start, "")]
            several = len({documents for _, _, documents in beside}) > 1
            name, documents = beside[0][1:] if beside and not several else _nearest(sentence, quantity, mentions)
            yield quantity, name, documents


def _figures(text: str) -> list[Quantity]:
    return [quantity for quantity in quantities_of(text) if quantity.kind is Kind.NUMBER and not quantity.article]


def _mentions(text: str, sources: Sequence[Source]) -> list[tuple[int, str, frozenset[str]]]:
    """Where the claim names some of the documents, but not all: (offset, name, documents' ids), by offset."""
    titles = {source.document: normalise(source.context.split("\n")[0]) for source in sources}
    names = set(_names(text))
    for title in titles.values():
        names.update(_names(title) or [word for word in content_words(title) if word not in COMMON_IN_NAMES])
    found = []
    for name in {form for name in names for form in forms(name)}:
        documents = frozenset(document for document, title in titles.items() if name in title)
        if documents and len(documents) < len(titles):
            found += [(match.start(), name, documents) for match in re.finditer(re.escape(name), text)]
    return sorted(found)


def _names(text: str) -> list[str]:
    masked = re.findall(MASKED_NAME, text)
    return [*masked, *(name for name in proper_names(text, ENTITY_TAGS) if len(name) > 1)]


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


def conclusions_follow(claim: str, sources: Sequence[Source], premise: str = "") -> str | None:
    """A superlative or comparative that is not the evidence's own shows its figures, and they bear it out.

    Args:
        premise: verified sentences beside the claim, whose figures it may rest on.
    """
    text = normalise(claim)
    for pattern, sign in ((_MOST, 1), (_LEAST, -1)):
        match = pattern.search(text)
        if match and not any(match[0] in normalise(source.text) for source in sources):
            return _superlative(text, match, sign, sources)
    for pattern, sign in ((_GREATER, 1), (_LESS, -1)):
        match = pattern.search(text)
        if match and not any(match[0] in normalise(source.text) for source in sources):
            return _comparative(text, match, sign, sources)
    return _relation(text, sources, normalise(premise))


def _relation(text: str, sources: Sequence[Source], premise: str) -> str | None:
    """Check that "A has more than B" is said by the evidence, or follows from the figures of A and B."""
    match = _RELATIVE.search(text)
    if not match:
        return None
    up = _word(match) in _UPWARDS
    told = _told_alike(text, match, sources)
    if any(_SAME_WAY[up].search(clause) for clause in told):
        return None
    if any(_SAME_WAY[not up].search(clause) for clause in told):
        return f"{match[0]}: the evidence says the opposite"
    if len({source.document for source in sources}) < 2:
        return _comparative(text, match, 1 if up else -1, sources) if len(_figures(text)) > 1 else None
    subjects, rivals = _compared(text, match, sources)
    sides = _stated(f"{premise} {text}", subjects, rivals, match, sources) or _given(text, subjects, rivals, match, sources)
    sign = 1 if up else -1
    if sides and all(sign * one > sign * other for one in sides[0] for other in sides[1]):
        return None
    return f"{match[0]}: no figures show it"


def _word(match: re.Match[str]) -> str:
    return next(match[name] for name in ("zh", "alone", "en", "is") if match[name])


def _told_alike(text: str, match: re.Match[str], sources: Sequence[Source]) -> list[str]:
    """Return the clauses of the evidence that share most with the clause of a comparison."""
    mine = next((clause for clause in clauses(text) if match[0][:6].strip() in clause.text), None)
    return [clause.text for clause in nearest(mine, [c for s in sources for c in s.clauses])] if mine else []


def _compared(text: str, match: re.Match[str], sources: Sequence[Source]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the documents of what is said to be more or less, and of what it is compared with."""
    side = "y" if match["y"] else "y2"
    start, end = match.span(side) if match[side] else (len(text), len(text))
    mentions = _mentions(text, sources)
    rivals = frozenset(d for at, _, documents in mentions for d in documents if start <= at < end)
    subjects = frozenset(d for at, _, documents in mentions for d in documents if at < start) - rivals
    if not match[side] and len(subjects) > 1:  # "A is higher: A has 5, B has 3"
        subjects = next((documents for at, _, documents in mentions if at < match.end()), mentions[-1][2])
    return subjects, rivals or frozenset(source.document for source in sources) - subjects


_Sides = tuple[list[Decimal], list[Decimal]]


def _stated(
    text: str, subjects: Set[str], rivals: Set[str], match: re.Match[str], sources: Sequence[Source]
) -> _Sides | None:
    """Return the figures that a claim, or what is said beside it, gives for both sides."""
    timed = _word(match) in _TIMES
    sides: tuple[list[tuple[str, Decimal]], list[tuple[str, Decimal]]] = ([], [])
    for quantity, _, documents in _owned(text, sources):
        values = _value(quantity, timed)
        for documents_of_side, side in zip((subjects, rivals), sides, strict=True):
            if documents and documents <= documents_of_side:
                side += values
    return _of_one_unit(*sides)


def _given(
    text: str, subjects: Set[str], rivals: Set[str], match: re.Match[str], sources: Sequence[Source]
) -> _Sides | None:
    """Return the figures that the evidence gives for both sides of what a claim speaks of."""
    names = {name for _, name, _ in _mentions(text, sources)}
    wanted = [word for word in content_words(text) if not any(word in name or name in word for name in names)]
    timed = _word(match) in _TIMES
    return _of_one_unit(*(_best(sources, documents, wanted, timed) for documents in (subjects, rivals)))


def _of_one_unit(one: Sequence[tuple[str, Decimal]], other: Sequence[tuple[str, Decimal]]) -> _Sides | None:
    """Return the values of both sides in a unit that both have; None where there is none."""
    unit = next((unit for unit, _ in one if any(compatible(unit, theirs) for theirs, _ in other)), None)
    if unit is None:
        return None
    first, second = ([value for theirs, value in side if compatible(unit, theirs)] for side in (one, other))
    return first, second


def _best(
    sources: Sequence[Source], documents: Set[str], wanted: Sequence[str], timed: bool
) -> list[tuple[str, Decimal]]:
    """Return, for each of ``documents``, the unit and value of the figure (or date) that most of ``wanted`` stands by."""
    found = []
    for document in sorted(documents):
        rated = [
            (sum(len(word) for word in wanted if Region(frame.own.text).has(word)), value)
            for source in sources
            if source.document == document
            for sentence in sentences(source.text)
            for frame in frames(sentence)
            for value in _value(frame.quantity, timed)
        ]
        rated += [
            (sum(len(word) for word in wanted if word in clause.text), value)
            for source in sources
            if timed and source.document == document
            for clause in source.clauses
            for quantity in clause.quantities
            for value in _value(quantity, timed)
        ]
        best = max(rated, key=lambda one: one[0], default=None)
        if best is None or not best[0]:
            return []
        found.append(best[1])
    return found


def _value(quantity: Quantity, timed: bool) -> list[tuple[str, Decimal]]:
    """Return the unit and value of a quantity that can be compared, as a list of one; empty for another kind."""
    if timed:
        year, month, day = quantity.date
        known = quantity.kind is Kind.DATE and month is not None
        return [("", Decimal((month or 0) * 100 + (day or 0)) + (year or 0) * 0)] if known else []
    known = quantity.kind is Kind.NUMBER and not quantity.article and quantity.value is not None
    return [(quantity.unit, quantity.value)] if known and quantity.value is not None else []


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
