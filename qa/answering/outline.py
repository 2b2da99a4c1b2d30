"""Outlines: the points under a heading, for a question that names the heading and asks what stands under it.

"强基铸魂，抓了哪三项？" is answered by the leads of that section's paragraphs ("抓组织建设强化体系。", ...): no one
sentence holds them all, and none of them need share a word with the question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from qa.question.query import AnswerType, Query
from qa.ranking.base import CandidateSentence
from qa.ranking.sentence_context import LEAD
from vectorstore.text.quotes import MARKS
from vectorstore.text.words import normalise

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

_NAMED = 0.7
"""Share of a heading's part that the question must have in one stretch."""
_SHORTEST = 4
"""Characters of such a stretch."""
_OPENS = 2
"""Times as long as a lead is the sentence that it opens, at least."""
_TELLING = 3
"""Characters that tell one point from another."""
_PARTS = re.compile(r"[，,、：:；;—]+|(?<![A-Za-z])\s+|\s+(?![A-Za-z])")
"""What parts a heading; a single English word of one names nothing."""
_MARKS = re.compile(f"[{MARKS}·]")
_COMMA = re.compile(r"[，,；;]")
_ENDED = re.compile(r"[。！!.]$")
_LENGTHS = 4
"""Characters by which points of one outline may differ from the middle one."""


def outline(query: Query, focus: str, units: Sequence[CandidateSentence], library: Corpus) -> list[CandidateSentence]:
    """Return the points of the section that ``focus`` names, in order; none when that is not what it asks for.

    Args:
        focus: the question without the names of documents.
        units: candidates, whose sections are looked at.
    """
    if query.answer_type is not AnswerType.LIST:
        return []
    wanted, asked = query.list_lengths, _MARKS.sub("", normalise(focus))
    sections = dict.fromkeys(
        (u.stored.document_id, u.stored.passage.section) for u in units if u.stored.passage.section
    )
    for document, section in sections:
        if not (stretch := _named(section, asked)):
            continue
        points = _points(library, document, section)
        fits = len(points) in wanted if wanted else len(points) > 1
        if fits and not _singles_out(asked.replace(stretch, " "), points):
            return points
    return []


def _named(section: str, asked: str) -> str:
    """Return the longest stretch of ``asked`` by which it names ``section``, or nothing."""
    stretches = (_common(part, asked) for part in _PARTS.split(_MARKS.sub("", normalise(section))))
    return max(stretches, key=len, default="")


def _common(part: str, asked: str) -> str:
    """Return the longest stretch that ``part`` shares with ``asked``, if that is most of it."""
    least = max(_SHORTEST, -int(-_NAMED * len(part) // 1))
    for size in range(len(part), least - 1, -1):
        for start in range(len(part) - size + 1):
            if part[start : start + size] in asked:
                return part[start : start + size]
    return ""


def _points(library: Corpus, document: str, section: str) -> list[CandidateSentence]:
    """Return the leads of a section's paragraphs that are alike in length and form."""
    passages = [stored for stored in library.passages_of(document) if stored.passage.section == section]
    leads = [
        lead
        for stored in passages
        for lead in _leads([CandidateSentence(stored, i) for i in range(len(stored.passage.sentences))])
    ]
    forms = Counter(_form(lead) for lead in leads)
    if not forms:
        return []
    form = forms.most_common(1)[0][0]
    alike = [lead for lead in leads if _form(lead) == form]
    middle = sorted(len(lead.sentence.text) for lead in alike)[len(alike) // 2]
    return [lead for lead in alike if abs(len(lead.sentence.text) - middle) <= _LENGTHS]


def _leads(units: Sequence[CandidateSentence]) -> Iterator[CandidateSentence]:
    """Yield the short sentences that open what stands behind them."""
    for unit, behind in pairwise(units):
        text = unit.sentence.text
        if (
            len(text) <= LEAD
            and len(behind.sentence.text) >= _OPENS * len(text)
            and _ENDED.search(text)
            and not re.search(r"\d", text)
            and not text[0].islower()  # the end of a sentence that something interrupts
        ):
            yield unit


def _form(unit: CandidateSentence) -> int:
    return len(_COMMA.findall(unit.sentence.text))


def _singles_out(rest: str, points: Sequence[CandidateSentence]) -> bool:
    """Whether ``rest`` of the question has a stretch of some points and not of others: then it asks about those."""
    texts = [normalise(point.sentence.text) for point in points]
    stretches = {rest[at : at + _TELLING] for at in range(len(rest) - _TELLING + 1)}
    return any(0 < sum(stretch in text for text in texts) < len(texts) for stretch in stretches)
