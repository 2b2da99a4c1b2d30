"""Which value of a quoted sentence is the one that was asked for, so that it can be shown in bold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from qa.question.query import LASTING, AnswerType, Query
from qa.ranking import quantity_match
from qa.text import quantities
from qa.text.quantities import Kind, Quantity
from qa.types import DraftSentence
from qa.verify.source import dated
from vectorstore.text.language import has_han
from vectorstore.text.words import normalise
from vectorstore.types import Span

_SURE = 0.75
"""Likeness of what a figure counts to what is asked, from which it is the one among several."""
_PERCENT = re.compile(r"[%％‰]|百分之|\bper ?cent\b", re.I)
_MONEY = re.compile(r"[$£€¥￥元块]|\b(?:dollars?|pounds?|euros?|yuan|USD|GBP|EUR|RMB)\b", re.I)
_TIME = re.compile(r"[年月日天周时分秒]|\b(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?)\b", re.I)


def marked(query: Query, counted: str, drafts: Iterable[DraftSentence]) -> Iterator[DraftSentence]:
    """Yield ``drafts`` with the span of the asked value, in those that have one.

    Args:
        counted: the thing whose number, amount or share is asked, as ``Part.counted``.
    """
    for draft in drafts:
        span = asked_value(query, counted, draft.text)
        yield draft if span is None else replace(draft, answer_span=span)


def asked_value(query: Query, counted: str, text: str) -> Span | None:
    """Return where the value that ``query`` asks for stands in ``text``; None where it asks for none, or it isn't sure.

    It is sure where just one value is of the kind that is asked, or just one counts the very thing.
    """
    if query.answer_type is AnswerType.DATE:
        found = [q for q in quantities.quantities(text) if q.kind is Kind.DATE]
    elif query.wants_quantity:
        found = _figures(query, counted, text)
    else:
        return None
    return (found[0].start, found[0].end) if len(found) == 1 else None


def _figures(query: Query, counted: str, text: str) -> list[Quantity]:
    """Return the figures of the kind that is asked; of several those that count the very thing, if any do."""
    numbers = [q for q in quantities.quantities(text) if q.kind is Kind.NUMBER and not q.article and not dated(q)]
    folded = normalise(text)
    if not has_han(text) or len(folded) != len(text):
        return [figure for figure in numbers if _fits(query, figure.text)]
    fitting = {b.start: b for b in quantity_match.bindings(folded) if quantity_match.fits(query, b.unit)}
    found = [figure for figure in numbers if any(at in fitting for at in range(figure.start, figure.end))]
    if len(found) < 2 or not counted:
        return found
    like = {
        figure: max(
            quantity_match.likeness(counted, fitting[at], query.normal)
            for at in range(figure.start, figure.end)
            if at in fitting
        )
        for figure in found
    }
    best = max(like.values())
    exact = [figure for figure in found if like[figure] == best] if best >= _SURE else found
    measured = [figure for figure in exact if query.measure and figure.text.endswith(query.measure)]
    return measured if best >= _SURE and measured else exact


def _fits(query: Query, figure: str) -> bool:
    """Whether a figure, as written with its unit, is of the kind that is asked."""
    kinds = {AnswerType.PERCENT: _PERCENT, AnswerType.MONEY: _MONEY}
    if query.answer_type in kinds:
        return bool(kinds[query.answer_type].search(figure))
    if query.measure == LASTING:
        return bool(_TIME.search(figure))
    return not _PERCENT.search(figure) and not _MONEY.search(figure)
