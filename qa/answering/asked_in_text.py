"""Questions that a document asks itself (a FAQ's headings, an interview's "Q:"): what stands below them answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from qa.question.analysis import analyse
from qa.question.query import Query
from qa.ranking.base import CandidateSentence, RankedSentences
from vectorstore.text.sentences import CLOSERS
from vectorstore.text.words import query_terms, terms
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

_ASKS = re.compile(rf"[?？][{re.escape(CLOSERS)}*_\s]*$")
_BEFORE = re.compile(r"^(?:\W*(?:\d{1,3}|[一二三四五六七八九十]{1,3}|[A-Za-z]{1,8}|问|答)\s*[.．、:：)）])+\s*")
"""A number, or whoever speaks ("Q:"), before a question."""
_EITHER = re.compile(r"(\w)[不没]\1")
_NEGATION = re.compile(r"[不没未非无]|\b(?:not?|never|without|cannot)\b|n['’]t\b")
"""Stop words for the most part; "能不能" and "有没有" deny nothing."""
_MOST_CHARACTERS, _MOST_SENTENCES = 220, 3
"""Of an answer below a question."""


def asks(text: str) -> bool:
    """Whether a line or sentence is a question."""
    return _ASKS.search(text) is not None


def answering(found: RankedSentences, library: Corpus) -> RankedSentences:
    """Return ``found`` with what follows in place of sentences that say nothing: questions, and marks or bare numbers.

    A question at the end of its section is left out: nothing follows it. Where it was the best one, nothing answers.
    """
    chosen: dict[CandidateSentence, tuple[float, float]] = {}
    for unit, score, cover in zip(found.sentences, found.scores, found.covers, strict=True):
        says = _stating(unit, library)
        if says is not None:
            chosen.setdefault(says, (score, cover))
    if len(chosen) == len(found.sentences):
        return found
    scores = tuple(score for score, _ in chosen.values())
    covers = tuple(cover for _, cover in chosen.values())
    probability = found.probability if _stating(found.sentences[0], library) is not None else 0.0
    return replace(found, sentences=tuple(chosen), scores=scores, covers=covers, probability=probability)


def below_same_question(query: Query, found: RankedSentences, library: Corpus) -> list[CandidateSentence]:
    """Return what stands below the very question that ``query`` asks, where a document asks it; else nothing."""
    sections: set[tuple[str, str]] = set()
    for unit in found.sentences:
        place = unit.stored.document_id, unit.stored.passage.section
        heading = place[1].rpartition(" / ")[2]
        if place not in sections and asks(heading) and _is_same(query, found, heading, unit.stored):
            passages = [p for p in library.passages_of(place[0]) if p.passage.section == place[1]]
            return _until_next_question(CandidateSentence(passages[0], 0), library)
        sections.add(place)
        if asks(unit.sentence.text) and _is_same(query, found, unit.sentence.text, unit.stored):
            following = _next(unit, library)
            return _until_next_question(following, library) if following else []
    return []


def _is_same(query: Query, found: RankedSentences, text: str, stored: StoredPassage) -> bool:
    """Whether ``text`` asks the same: an answer of the same type, in the same words but for stop words.

    What the title says may be left out: "When did you open?" of an interview with the baker Dora Finch.
    """
    other = analyse(_BEFORE.sub("", text))
    if other.answer_type is not query.answer_type or _denies(other.normal) != _denies(query.normal):
        return False
    title, words = frozenset(terms(stored.title)), frozenset(query_terms(other.normal))
    wordings = [frozenset(query_terms(asked)) for asked in (query.normal, found.part.focus)]
    return any(wording == words or (bool(words - title) and wording - title == words - title) for wording in wordings)


def _denies(text: str) -> bool:
    """Whether a question (normalised) has a negation: "Who may not vote?"."""
    return _NEGATION.search(_EITHER.sub("", text)) is not None


def _stating(unit: CandidateSentence, library: Corpus) -> CandidateSentence | None:
    """Return ``unit``, or the next sentence that is no question where it is one; None where none follows."""
    while asks(unit.sentence.text):
        following = _next(unit, library)
        if following is None:
            return None
        unit = following
    return unit if any(character.isalpha() for character in unit.sentence.text) else None


def _until_next_question(unit: CandidateSentence, library: Corpus) -> list[CandidateSentence]:
    found: list[CandidateSentence] = []
    for sentence in _from(unit, library):
        length = sum(len(one.sentence.text) for one in [*found, sentence])
        if asks(sentence.sentence.text) or (found and length > _MOST_CHARACTERS) or len(found) == _MOST_SENTENCES:
            break
        found.append(sentence)
    return found


def _from(unit: CandidateSentence | None, library: Corpus) -> Iterator[CandidateSentence]:
    while unit is not None:
        yield unit
        unit = _next(unit, library)


def _next(unit: CandidateSentence, library: Corpus) -> CandidateSentence | None:
    """Return the sentence behind ``unit`` in its section."""
    passage = unit.stored.passage
    if unit.index + 1 < len(passage.sentences):
        return CandidateSentence(unit.stored, unit.index + 1)
    passages = library.passages_of(unit.stored.document_id)
    after = next((p for p in passages if p.passage.ordinal == passage.ordinal + 1), None)
    same = after is not None and after.passage.section == passage.section
    return CandidateSentence(after, 0) if after is not None and same else None
