"""Who says what in interviews and minutes: a question that names a speaker is answered by what that one says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from qa.answering.asked_in_text import asks
from qa.question.query import Query
from qa.ranking.base import CandidateSentence, RankedSentences
from qa.text.entities import named
from vectorstore.layout.pieces import label_of
from vectorstore.text.words import normalise
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.library import Library

_TURNS = 2
"""Lines that a label must begin to be a speaker's ("Present:" begins one)."""
_LOOKED_AT = 8
"""Best sentences whose documents are looked at."""

_Place = tuple[str, int, int]


def spoken_by(query: Query, found: RankedSentences, library: Library) -> RankedSentences:
    """Return ``found`` without what others say, where ``query`` names one speaker of a document.

    A question in the text gives way to what that speaker answers to it. What nobody says in person stays.
    """
    named_words = [set(normalise(name.text).split()) for name in named(query.text)]
    if not named_words or not found.sentences:
        return found
    dropped: set[_Place] = set()
    instead: dict[_Place, CandidateSentence] = {}
    for document in dict.fromkeys(unit.stored.document_id for unit in found.sentences[:_LOOKED_AT]):
        turns = _turns(library.passages_of(document))
        asked = {who for _, who in turns if any(words & set(who.split()) for words in named_words)}
        if len(asked) == 1:
            speaker = asked.pop()
            dropped |= {unit.place for unit, who in turns if who not in ("", speaker)}
            instead |= _answers(turns, speaker)
    if not dropped:
        return found
    chosen: dict[CandidateSentence, tuple[float, float]] = {}
    for unit, score, cover in zip(found.sentences, found.scores, found.covers, strict=True):
        if unit.place not in dropped or unit.place in instead:
            chosen.setdefault(instead.get(unit.place, unit), (score, cover))
    scores = tuple(score for score, _ in chosen.values())
    covers = tuple(cover for _, cover in chosen.values())
    return replace(found, sentences=tuple(chosen), scores=scores, covers=covers)


def _turns(passages: Sequence[StoredPassage]) -> list[tuple[CandidateSentence, str]]:
    """Return a document's sentences in order, each with who says it, in normal form; nobody, outside of a turn."""
    units = [CandidateSentence(stored, index) for stored in passages for index in range(len(stored.passage.sentences))]
    labels = [normalise(label_of(unit.sentence.text) or "") for unit in units]
    speakers = {label for label, times in Counter(labels).items() if label and times >= _TURNS}
    if len(speakers) < 2:
        return []
    found, speaker = [], ""
    for unit, label in zip(units, labels, strict=True):
        if label:
            # In a dialogue, whoever speaks but once is a speaker too; what stands before it has labels of another sort.
            speaker = label if label in speakers or speaker else ""
        found.append((unit, speaker))
    return found


def _answers(turns: Sequence[tuple[CandidateSentence, str]], speaker: str) -> dict[_Place, CandidateSentence]:
    """Return for each question that others ask the first sentence that ``speaker`` says before the next question."""
    found: dict[_Place, CandidateSentence] = {}
    question: _Place | None = None
    for unit, who in turns:
        if who != speaker and asks(unit.sentence.text):
            question = unit.place
        elif who == speaker and question is not None:
            found[question], question = unit, None
    return found
