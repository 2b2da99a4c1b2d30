"""Comparisons: what each document says, side by side, and the conclusion that follows from their figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from qa import messages
from qa.answering.asked_value import marked
from qa.answering.lists import ALIKE
from qa.answering.quoting import FALLS_AWAY, best, document_name, instead_of_lead, quoted
from qa.question.answer_types import EARLY_OR_LATE
from qa.question.query import AnswerType, Order, Query
from qa.ranking import quantity_match
from qa.ranking.base import CandidateSentence, RankedSentences
from qa.text import quantities
from qa.text.quantities import Quantity
from qa.types import DraftSentence
from vectorstore.text.words import normalise, query_terms, terms

_LOOKED_AT = 8
"""Sentences of a document among which the one that stands for it is chosen."""
_LIKE = 0.3
"""Likeness of what a sentence counts to what is asked, below which it says nothing of that."""
_FEW = 2
"""Documents side by side, of which each may get a second sentence."""
_COUNTS = 10.0
"""What a figure counts decides; the words beside it only where that says nothing."""

_MARK = re.compile(r"[，；。、：！？!?;:\n]|[,.](?!\d)")

Choice = tuple[RankedSentences, int]
"""A document's sentences, and the place of the one that stands for it."""


@dataclass(frozen=True, slots=True)
class ComparedDocument:
    """What one document says."""

    name: str
    draft: DraftSentence
    counted: str
    """What the question counts, as it asks this document."""


def compare(query: Query, parts: Sequence[RankedSentences], by_figures: bool = True) -> Iterator[DraftSentence]:
    """Yield a sentence for each document that is asked, under its name, and what follows from their figures.

    Args:
        by_figures: whether sentences that state the very figure go before better-scoring ones.
    """
    sure = [part for part in parts if part.answers]
    named = any(part.part.names for part in parts)
    if not sure or (named and query.comparative and len(sure) < len(parts)):
        return
    chosen = [(found, _place(query, found, named) if by_figures else 0) for found in sure]
    if named:
        chosen = _counting_alike(query, chosen)
    elif by_figures:
        chosen = _to_the_point(query, chosen)
    briefly = query.wants_quantity or query.comparative or len(chosen) > _FEW
    compared = []
    for found, at in chosen:
        name = document_name(found.sentences[at], found.part)
        for unit in [found.sentences[at]] if briefly else best(found):
            shown = unit if query.wants_quantity else instead_of_lead(found, unit)
            compared.append(ComparedDocument(name, next(quoted(shown)), found.part.counted))
    yield from side_by_side(query, compared)


def _place(query: Query, found: RankedSentences, named: bool) -> int:
    """Return the place, among the sentences near the best one, of the one that stands for a document.

    That is the first with a figure that counts what is asked. Where a document that nobody named has none, the one with
    most of the question's words: whether it speaks of them at all is what is asked.
    """
    near = [at for at, score in enumerate(found.scores[:_LOOKED_AT]) if found.scores[0] - score < FALLS_AWAY]
    stating = next((at for at in near if _states(query, found, found.sentences[at])), None)
    if stating is not None:
        return stating
    return 0 if named else max(near, key=lambda at: found.covers[at])


def _states(query: Query, found: RankedSentences, unit: CandidateSentence) -> bool:
    return quantity_match.states(query, found.part.counted, normalise(unit.sentence.text))


def _counting_alike(query: Query, chosen: list[Choice]) -> list[Choice]:
    """Return the documents that count something like what is asked, where some count the very thing.

    Of the others nothing is quoted: a line beside the point says less than that they don't say.
    """
    if not query.wants_quantity or not any(_states(query, f, f.sentences[at]) for f, at in chosen):
        return chosen
    return [
        (f, at)
        for f, at in chosen
        if quantity_match.score(query, f.part.counted, normalise(f.sentences[at].sentence.text)) >= _LIKE
    ]


def _to_the_point(query: Query, chosen: list[Choice]) -> list[Choice]:
    """Return the documents that really say something, of those that a question for "which" is asked of.

    Where some state the very figure, those; else those whose sentence has about as many of the question's words as the
    best one's.
    """
    counting = [(f, at) for f, at in chosen if _states(query, f, f.sentences[at])]
    if counting:
        return counting
    most = max(found.covers[at] for found, at in chosen)
    return [(found, at) for found, at in chosen if found.covers[at] >= ALIKE * most]


def side_by_side(query: Query, compared: Sequence[ComparedDocument]) -> Iterator[DraftSentence]:
    """Yield each document's sentence under its name, then the conclusion where the quoted figures force one."""
    for one in compared:
        yield from marked(query, one.counted, [replace(one.draft, document=one.name)])
    if (end := conclusion(query, compared)) is not None:
        yield end


def conclusion(query: Query, compared: Sequence[ComparedDocument]) -> DraftSentence | None:
    """Return "最高的是甲（97%）。" when every document has one comparable figure and no two tie for the first place.

    Figures are comparable when they are in one unit and the question's words that stand with one are in the other
    documents' sentences too: an income "a village" is none to set beside a total. What is earlier no figure says.
    """
    if len(compared) < 2 or query.order is None or EARLY_OR_LATE.search(query.normal):
        return None
    names = {term for one in compared for term in terms(one.name)}
    wanted = set(query_terms(query.normal)) - names
    found = [figure for one in compared if (figure := _figure(query, one, wanted)) is not None]
    if len(found) < len(compared) or len({figure.unit for figure, _ in found}) > 1:
        return None
    said = [set(terms(one.draft.text)) for one in compared]
    if any(beside - words for _, beside in found for words in said):
        return None
    figures = [figure for figure, _ in found]
    values = [_value(figure) for figure in figures]
    first = min(values) if query.order is Order.SMALLEST else max(values)
    if values.count(first) > 1:
        return None
    at = values.index(first)
    evidence = tuple(item for one in compared for item in one.draft.evidence)
    first_place = messages.first_place(query.order is Order.LARGEST, query.degree, len(compared))
    text = first_place(query.language, name=compared[at].name, figure=figures[at].text)
    return DraftSentence(text, evidence)


def _value(figure: Quantity) -> Decimal:
    return figure.value if figure.value is not None else Decimal(0)


def _figure(query: Query, one: ComparedDocument, wanted: set[str]) -> tuple[Quantity, set[str]] | None:
    """Return the figure of a document's sentence that the question asks for, with its words that stand beside it.

    That is the one, of its kind, that counts what is asked, or that most of ``wanted`` stand beside. None where two do
    alike: which of them is meant would be a guess.
    """
    text = one.draft.text
    folded = normalise(text)
    counts = {
        bound.start: quantity_match.likeness(one.counted, bound, query.normal)
        for bound in (quantity_match.bindings(folded) if one.counted and len(folded) == len(text) else ())
        if quantity_match.fits(query, bound.unit)
    }
    scored = []
    for figure in quantities.quantities(text):
        if figure.kind is not quantities.Kind.NUMBER or figure.value is None or figure.article:
            continue
        if query.answer_type is AnswerType.PERCENT and "%" not in figure.text:
            continue
        beside = wanted & set(terms(_clause(text, figure)))
        scored.append((_COUNTS * counts.get(figure.start, 0.0) + len(beside), figure, beside))
    scored.sort(key=lambda one: -one[0])
    if not scored or scored[0][0] == 0 or (len(scored) > 1 and scored[1][0] == scored[0][0]):
        return None
    return scored[0][1:]


def _clause(text: str, figure: Quantity) -> str:
    """Return what stands beside a figure: from the mark before it to the one behind it."""
    before = _MARK.split(text[: figure.start])[-1]
    return before + text[figure.start : figure.end] + _MARK.split(text[figure.end :])[0]
