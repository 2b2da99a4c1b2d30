"""The nearest extract: what is shown, as such, when no sentence of a model's draft could be verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from qa import messages
from qa.answering.asked_in_text import asks
from qa.answering.base import Request
from qa.answering.quoting import best, quoted_once
from qa.types import DraftSentence, Place


def nearest(request: Request) -> Iterator[DraftSentence]:
    """Yield the sentence that likeliest answers, verbatim, introduced as what it is; none where nothing is ranked."""
    parts = [part for one in request.questions or (request,) for part in one.ranked.parts]
    ranked = [part for part in parts if part.sentences and not asks(part.sentences[0].sentence.text)]
    if not ranked:
        return
    first, *more = quoted_once(best(max(ranked, key=lambda part: part.probability)))
    yield replace(first, place=Place(lead_in=messages.NEAREST_EXTRACT(request.query.language)))
    yield from more
