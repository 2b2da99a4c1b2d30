"""Which sentences of a document are quoted together: the best one, a second one when unsure, a list, a lead's text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.answering.lists import LONGEST, enumerated, head_of_row, is_label, led, length
from qa.question.documents import as_written, short_name
from qa.question.query import AnswerType, Part
from qa.ranking.base import CandidateSentence, RankedSentences
from qa.ranking.sentence_context import LEAD
from qa.types import DraftSentence, Evidence
from vectorstore.text.words import normalise, term_set

MOST_CHARACTERS = {
    AnswerType.LIST: LONGEST,
    AnswerType.MANNER: 520,
    AnswerType.REASON: 520,
    AnswerType.SUMMARY: 600,
}
MOST_SENTENCES = {AnswerType.LIST: 3, AnswerType.MANNER: 4, AnswerType.REASON: 3, AnswerType.SUMMARY: 5}
FALLS_AWAY = 2.5
"""A sentence that scores less than the best one by more than this adds nothing to it."""
_PAIR_CHARACTERS = 220
SECOND = 1.8
"""A second sentence is quoted too when its score is this near: either may then be the one that answers."""
_NEEDS_ANTECEDENT = re.compile(
    r"^(?:其|该|这|此|它|他|她|上述|同时|同期|另|当年|前者|后者)"
    r"|^(?:(?:in|by|on|at|of|for|from|with|since|until|after|before|against|and|but|so|yet|while)\b\s+)?(?:[\w,]+\s+){0,5}?"
    r"(?:it|its|they|them|their|these|those|this|that|he|she|his|her|him|both|another|the others?)\b"
)


def quoted(unit: CandidateSentence) -> Iterator[DraftSentence]:
    """Yield the unit; a bare label ("主诉：") together with what stands under it."""
    sentences = unit.stored.passage.sentences
    yield DraftSentence(unit.sentence.text, (Evidence.of(unit.stored, unit.sentence),))
    if is_label(unit) and unit.index + 1 < len(sentences):
        following = sentences[unit.index + 1]
        yield DraftSentence(following.text, (Evidence.of(unit.stored, following),))


def quoted_once(units: Sequence[CandidateSentence]) -> list[DraftSentence]:
    """Return ``units`` as quotations, none of them twice: a label's text may be among them too."""
    drafts = [draft for unit in units for draft in quoted(unit)]
    return list({draft.evidence: draft for draft in drafts}.values())


def best(found: RankedSentences, second: float = SECOND) -> Sequence[CandidateSentence]:
    """Return the best sentence; with the second best, where that is about as good and both are short.

    Or a heading with the sentence below it. Or a sentence with the one that it leans on: "In 1990 they had been 212,000
    tonnes." doesn't say what.

    Args:
        second: how near the second one must score.
    """
    first = found.sentences[0]
    if is_heading(first) and first.index + 1 < len(first.stored.passage.sentences):
        return [first, CandidateSentence(first.stored, first.index + 1)]
    if needs_antecedent(normalise(first.sentence.text)) and first.index > 0:
        both = [CandidateSentence(first.stored, first.index - 1), first]
        return both if length(both) <= _PAIR_CHARACTERS else [first]
    near = len(found.sentences) > 1 and found.scores[0] - found.scores[1] < second
    return found.sentences[:2] if near and length(found.sentences[:2]) <= _PAIR_CHARACTERS else found.sentences[:1]


def needs_antecedent(text: str) -> bool:
    """Whether a sentence (normalised) leans on the one before it ("In 1990 they had been 212,000 tonnes")."""
    return bool(_NEEDS_ANTECEDENT.match(text))


def is_heading(unit: CandidateSentence) -> bool:
    """Whether ``unit`` is the heading of its own section: a numbered one stands among the sentences too."""
    heading = unit.stored.passage.section.rpartition(" / ")[2]
    return bool(heading) and " ".join(unit.sentence.text.split()).rstrip("：:") == heading


def several(answer_type: AnswerType, found: RankedSentences) -> list[CandidateSentence]:
    """Return the best sentence with the next best that add to it, in the document's order.

    They come from one document, repeat nothing, and stop where the scores fall away.
    """
    first = found.sentences[0]
    chosen = enumerated(first, found.sentences, found.covers) if answer_type is AnswerType.LIST else [first]
    if first.index == 0 and len(first.sentence.text) <= LEAD and len(chosen) == 1:
        chosen = led(first, found.sentences, found.covers)
    for unit, score in zip(found.sentences[1:12], found.scores[1:12], strict=True):
        if len(chosen) >= MOST_SENTENCES[answer_type] or found.scores[0] - score > FALLS_AWAY:
            break
        if unit in chosen or unit.stored.document_id != first.stored.document_id or _repeats(unit, chosen):
            continue
        if length([*chosen, unit]) <= MOST_CHARACTERS[answer_type]:
            chosen.append(unit)
    return sorted(chosen, key=lambda unit: unit.place)


def _repeats(unit: CandidateSentence, chosen: Sequence[CandidateSentence]) -> bool:
    mine, *others = (
        term_set(text[len(head_of_row(text)) :]) for text in (one.sentence.text for one in (unit, *chosen))
    )
    return any(len(mine & other) > 0.6 * max(1, min(len(mine), len(other))) for other in others)


def instead_of_lead(found: RankedSentences, unit: CandidateSentence) -> CandidateSentence:
    """Return ``unit``, or of a lead ("数字工具助力治理。") the better of the two sentences that it opens."""
    opened = [u for u in led(unit, found.sentences, found.covers)[1:3] if u in found.sentences]
    is_lead = unit.index == 0 and len(unit.sentence.text) <= LEAD
    return min(opened, key=found.sentences.index) if is_lead and opened else unit


def document_name(unit: CandidateSentence, part: Part) -> str:
    """Return the name by which people know the document that ``unit`` stands in.

    That is the name in its title, or else what the question calls it, or else the document's own.
    """
    title = unit.stored.title
    called = next((as_written(name, title) for name in part.names if name in normalise(title)), "")
    return short_name(title) or called or unit.stored.document
