"""Lists with a bullet before each item, and tables: a question for several things is answered by the whole of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qa.answering.lists import LONGEST, head_of_row, is_label, length
from qa.answering.quoting import FALLS_AWAY, several
from qa.question.query import AnswerType, Query
from qa.ranking.base import CandidateSentence, RankedSentences
from vectorstore.types import Document

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

_LOOKED_AT = 12
"""Best sentences that may stand in a list."""
_SEVERAL = 2
"""Of a list without the best sentence, so many of them."""
_BULLET = re.compile(r"[ \t\u3000>]*[-*+•●○■□◆◇▪‣➢✓√][ \t\u3000*_]*")


@dataclass(slots=True)
class _Items:
    lead: CandidateSentence | None
    """The line that leads in to it, if one does."""
    width: int
    """Of what stands before its first item, the bullet included: lines that are as far in go on with an item."""
    units: list[list[CandidateSentence]] = field(default_factory=list)
    """Of each item its sentences."""
    places: set[tuple[str, int, int]] = field(default_factory=set)
    """Of all their sentences."""

    def quoted(self, best: CandidateSentence) -> list[CandidateSentence]:
        """Return the lead and the first sentence of each item; of that of ``best`` all up to there."""
        found = [self.lead] if self.lead else []
        for item in self.units:
            at = next((at for at, unit in enumerate(item) if unit.place == best.place), 0)
            found += item[: at + 1]
        return found


def items(query: Query, found: RankedSentences, library: Corpus) -> list[CandidateSentence]:
    """Return the list that answers ``query``, under its lead, or the rows that do; nothing where there is none.

    That is the list in which the best sentence stands, or several of the best, if it is short enough to be quoted; of a
    table, the rows that score about as well as the best one, where ``several`` doesn't find more.
    """
    if query.answer_type is not AnswerType.LIST:
        return []
    first = found.sentences[0]
    near = [
        unit
        for unit, score in zip(found.sentences[:_LOOKED_AT], found.scores, strict=False)
        if found.scores[0] - score <= FALLS_AWAY and unit.stored.document_id == first.stored.document_id
    ]
    if head := head_of_row(first.sentence.text):
        rows = [unit for unit in near if head_of_row(unit.sentence.text) == head]
        # Numbered rows are one enumeration for ``several``, however they score.
        others = [unit for unit in several(query.answer_type, found) if head_of_row(unit.sentence.text) == head]
        most = len(rows) > 1 and len(rows) >= len(others)
        return sorted(rows, key=lambda unit: unit.place) if most and length(rows) <= LONGEST else []
    lists = _lists(library, first)
    several_of = (one for one in lists if sum(unit.place in one.places for unit in near) >= _SEVERAL)
    chosen = next((one for one in lists if first.place in one.places), None) or next(several_of, None)
    if chosen is None:
        return []
    whole = chosen.quoted(first)
    return whole if length(whole) <= LONGEST else []


def _lists(library: Corpus, unit: CandidateSentence) -> list[_Items]:
    """Return the lists of two items and more in the document of ``unit``, in order."""
    document = library.document_by_id(unit.stored.document_id)
    return [one for one in _all(document) if len(one.units) > 1]


def _goes_on(before: CandidateSentence | None, line: int) -> bool:
    """Whether the sentence before ends on the line that begins at ``line``."""
    return before is not None and before.sentence.spans[-1][1] > line


def _is_within(text: str, line: int, start: int, items: _Items) -> bool:
    """Whether a line of its own is as far in as the text of the items."""
    return start - line >= items.width and not text[line:start].strip()


def _all(document: Document) -> Iterator[_Items]:
    before: CandidateSentence | None = None
    open_one: _Items | None = None
    for stored in document.passages:
        for index in range(len(stored.passage.sentences)):
            unit = CandidateSentence(stored, index)
            start = unit.sentence.spans[0][0]
            line = document.text.rfind("\n", 0, start) + 1
            if _BULLET.fullmatch(document.text, line, start):
                if open_one is None:
                    lead = before if before is not None and is_label(before) else None
                    open_one = _Items(lead, start - line, places={lead.place} if lead else set())
                open_one.units.append([unit])
                open_one.places.add(unit.place)
            elif open_one is not None and (_goes_on(before, line) or _is_within(document.text, line, start, open_one)):
                open_one.units[-1].append(unit)  # the item's next sentence
                open_one.places.add(unit.place)
            elif open_one is not None:
                yield open_one
                open_one = None
            before = unit
    if open_one is not None:
        yield open_one
