"""More of the last answer: what follows its sentences in their source, or the next best ones; never the same again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from qa.answering.base import Answerer, Request
from qa.answering.overview import OverviewAnswerer
from qa.answering.quoting import FALLS_AWAY, document_name
from qa.question.query import Part
from qa.ranking.base import CandidateSentence, RankedSentences
from qa.text.quantities.numerals import CHINESE_DIGITS, ENGLISH_ORDINALS, chinese_value
from qa.types import DraftSentence, Evidence
from vectorstore.types import BlockKind

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

MOST_SENTENCES = 4
MOST_CHARACTERS = 400
NEXT_BEST = 3
"""Sentences where nothing follows the last answer's."""
_DOCUMENTS = 8
"""Documents in which the last answer's sentences are looked for, those of the best candidates."""
_BEGINNING = 40
"""Characters, without white space, by which a sentence is known again: an overview may have cut it short."""
_CHINESE = re.compile(rf"第\s*(\d{{1,2}}|[{CHINESE_DIGITS}]{{1,3}})|(最后)")
_ENGLISH = re.compile(rf"\b(?:({'|'.join(ENGLISH_ORDINALS)})|(\d{{1,2}})(?:st|nd|rd|th)|(last))\b", re.I)


class MoreAnswerer(Answerer):
    """Goes on with the last answer of a conversation, in the documents' own words."""

    name = "extractive"
    verbatim = True

    def __init__(self, library: Corpus) -> None:
        self.library = library
        self.overview = OverviewAnswerer(library)

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        """Yield sentences that were not said before; none when there are no more."""
        continues = request.query.continues
        if continues is None or not continues.said:
            return
        point = ordinal(continues.wording)
        if request.query.overview_of and point is None:
            yield from self.overview.compose(request)
            return
        said = [_squashed(text) for text in continues.said]
        documents = [self._sentences(document) for document in self._documents(request)]
        quoted = _quoted(documents, said[-1])
        if point is not None:
            # Its points may stand in an answer before the last: "the second one" after "tell me more"
            listed = next((units for text in reversed(said) if len(units := _quoted(documents, text)) > 1), quoted)
            quoted = [listed[point]] if -len(listed) <= point < len(listed) else []
        found = _following(quoted, documents, "".join(said))
        if not found and point is None:
            parts = [part for one in request.questions or (request,) for part in one.ranked.parts]
            found = _next_best(parts, "".join(said))
        several = len({unit.stored.document_id for unit in found}) > 1
        for unit in found:
            name = document_name(unit, Part("", "")) if several else ""
            yield DraftSentence(unit.sentence.text, (Evidence.of(unit.stored, unit.sentence),), document=name)

    def _documents(self, request: Request) -> list[str]:
        candidates = (candidate.stored.document_id for candidate in request.candidates)
        return list(dict.fromkeys(request.query.overview_of or candidates))[:_DOCUMENTS]

    def _sentences(self, document: str) -> list[CandidateSentence]:
        passages = [p for p in self.library.passages_of(document) if p.passage.kind is BlockKind.PARAGRAPH]
        return [CandidateSentence(stored, at) for stored in passages for at in range(len(stored.passage.sentences))]


def ordinal(text: str) -> int | None:
    """Return the place, from 0, of the point that ``text`` names ("第二点", "the second one"); -1 is the last one."""
    if match := _CHINESE.search(text):
        if match[2]:
            return -1
        value = int(match[1]) if match[1].isdecimal() else chinese_value(match[1])
        return int(value) - 1 if value else None
    if match := _ENGLISH.search(text):
        return -1 if match[3] else (ENGLISH_ORDINALS[match[1].lower()] if match[1] else int(match[2])) - 1
    return None


def _quoted(documents: Sequence[Sequence[CandidateSentence]], answer: str) -> list[CandidateSentence]:
    """Return the sentences that ``answer`` (without white space) quotes, in its order."""
    places: dict[int, CandidateSentence] = {}
    for units in documents:
        for unit in units:
            at = answer.find(_beginning(unit))
            if at >= 0:
                places.setdefault(at, unit)
    return [places[at] for at in sorted(places)]


def _following(
    quoted: Sequence[CandidateSentence], documents: Sequence[Sequence[CandidateSentence]], said: str
) -> list[CandidateSentence]:
    """Return what follows each of ``quoted`` in its section, up to what was said already."""
    share = max(1, MOST_SENTENCES // max(1, len(quoted)))
    places = {unit.place: (units, at) for units in documents for at, unit in enumerate(units)}
    found: dict[tuple[str, int, int], CandidateSentence] = {}
    for unit in quoted:
        units, at = places[unit.place]
        for behind in units[at + 1 : at + 1 + share]:
            if behind.stored.passage.section != unit.stored.passage.section or _beginning(behind) in said:
                break
            found.setdefault(behind.place, behind)
    return _short(list(found.values()))


def _next_best(parts: Sequence[RankedSentences], said: str) -> list[CandidateSentence]:
    """Return the next best sentences that the question found, where it found any that answer."""
    found = [
        unit
        for part in parts
        if part.answers
        for unit, score in zip(part.sentences, part.scores, strict=True)
        if part.scores[0] - score <= FALLS_AWAY and _beginning(unit) not in said
    ]
    return _short(list(dict.fromkeys(found))[:NEXT_BEST])


def _short(units: Sequence[CandidateSentence]) -> list[CandidateSentence]:
    """Return the first of ``units`` that are short enough together; at least one, if there is one."""
    kept: list[CandidateSentence] = []
    for unit in units[:MOST_SENTENCES]:
        if kept and sum(len(one.sentence.text) for one in kept) + len(unit.sentence.text) > MOST_CHARACTERS:
            break
        kept.append(unit)
    return kept


def _beginning(unit: CandidateSentence) -> str:
    return _squashed(unit.sentence.text)[:_BEGINNING]


def _squashed(text: str) -> str:
    return "".join(text.split())
