"""Metrics of citations: are their quotes exact, and do they cover the evidence?

A quote's places are all those of its document where it stands; it is covered when at one of them at least half of its
characters lie inside the given spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vectorstore.types import Span, cut

from ..datasets.questions import Question, Quote
from ..runs.run_file import CitationRecord, Item
from .base import Documents, metric


def occurrences(text: str, quote: str) -> list[Span]:
    """Return the span of every occurrence of ``quote``, overlapping ones too."""
    found = []
    at = text.find(quote)
    while at >= 0:
        found.append((at, at + len(quote)))
        at = text.find(quote, at + 1)
    return found


def share_inside(span: Span, spans: Iterable[Span]) -> float:
    """Return the share of ``span``'s characters that lie inside the union of ``spans``."""
    start, end = span
    inside, reached = 0, start
    for low, high in sorted(spans):
        low, high = max(low, reached), min(high, end)
        if high > low:
            inside += high - low
            reached = high
    return inside / (end - start)


def covers(places: Iterable[Span], spans: Sequence[Span]) -> bool:
    """Return whether at least half of a quote lies inside ``spans`` at one of its ``places``."""
    return any(share_inside(place, spans) >= 0.5 for place in places)


@metric(
    "citation_validity",
    kind="perfect",
    column="valid",
    meaning="share of citations whose spans cut exactly their quote out of the source; must be 1",
)
def citation_validity(item: Item, _: Question, documents: Documents) -> float | None:
    """Return the share of citations whose spans, cut from the raw text and joined, equal their quote.

    None without citations.
    """
    if not item.citations:
        return None
    valid = sum(cut(documents.get(c.document, ""), c.spans) == c.quote for c in item.citations)
    return valid / len(item.citations)


@metric(
    "evidence_recall",
    tested=True,
    answerable_only=True,
    column="ev.recall",
    meaning="share of evidence quotes of which at least half lies inside a citation",
)
def evidence_recall(item: Item, question: Question, documents: Documents) -> float | None:
    """Return the share of evidence quotes that the citations of their document cover; None without evidence."""
    if not question.evidence:
        return None
    cited = evidence_cited(question.evidence, item.citations, documents)
    return sum(cited) / len(cited)


@metric(
    "evidence_precision",
    tested=True,
    answerable_only=True,
    column="ev.prec.",
    meaning="share of citations that touch an evidence quote",
)
def evidence_precision(item: Item, question: Question, documents: Documents) -> float | None:
    """Return the share of citations that touch any evidence quote; None without evidence or without citations."""
    if not question.evidence or not item.citations:
        return None
    return sum(touches(c, question.evidence, documents) for c in item.citations) / len(item.citations)


def touches(citation: CitationRecord, evidence: Sequence[Quote], documents: Documents) -> bool:
    """Return whether a citation has a character of one of the quotes, at any of its places."""
    return any(
        min(end, high) > max(start, low)
        for quote in evidence
        if quote.document == citation.document
        for start, end in occurrences(documents.get(quote.document, ""), quote.quote)
        for low, high in citation.spans
    )


def evidence_cited(evidence: Sequence[Quote], citations: Sequence[CitationRecord], documents: Documents) -> list[bool]:
    """Return, for each quote, whether the citations of its document together cover it."""
    spans: dict[str, list[Span]] = {}
    for citation in citations:
        spans.setdefault(citation.document, []).extend(citation.spans)
    return [covers(occurrences(documents.get(q.document, ""), q.quote), spans.get(q.document, [])) for q in evidence]
