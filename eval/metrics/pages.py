"""Metrics of places: do citations name the page of the evidence, and mark it where it stands?

They are of questions whose evidence has a page (and boxes); only citations that touch such a quote count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vectorstore.places import Box

from ..datasets.questions import Question, Quote
from ..runs.run_file import CitationRecord, Item
from .base import Documents, metric
from .evidence import touches


@metric(
    "citation_page",
    tested=True,
    answerable_only=True,
    column="page",
    meaning="share of citations of an evidence quote that name its page",
)
def citation_page(item: Item, question: Question, documents: Documents) -> float | None:
    """Return the share of citations that touch a quote with a page, and stand on it; None where there are none."""
    return _share([_on_page(citation, quote) for citation, quote in _pairs(item, question, documents)])


@metric(
    "citation_boxes",
    tested=True,
    answerable_only=True,
    column="boxes",
    meaning="share of citations of an evidence quote whose boxes cover at least half of its place on the page",
)
def citation_boxes(item: Item, question: Question, documents: Documents) -> float | None:
    """Return the share of citations that touch a quote with boxes, and cover at least half of their area.

    None where there are none.
    """
    pairs = ((citation, quote) for citation, quote in _pairs(item, question, documents) if quote.boxes)
    return _share([_covered(citation, quote) >= 0.5 for citation, quote in pairs])


def _pairs(item: Item, question: Question, documents: Documents) -> Iterator[tuple[CitationRecord, Quote]]:
    for quote in question.evidence:
        if quote.page is not None:
            yield from ((citation, quote) for citation in item.citations if touches(citation, [quote], documents))


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def _on_page(citation: CitationRecord, quote: Quote) -> bool:
    return any(place.page == quote.page for place in citation.places)


def _covered(citation: CitationRecord, quote: Quote) -> float:
    """Return the share of the area of a quote's boxes that lies in the citation's; neither's overlap each other."""
    ours = [box for place in citation.places if place.page == quote.page for box in place.boxes]
    area = sum(_area(box) for box in quote.boxes)
    return sum(_area(_common(box, other)) for box in quote.boxes for other in ours) / area


def _common(one: Box, other: Box) -> Box:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
