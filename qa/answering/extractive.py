"""The extractive answerer: verbatim sentences that answer, side by side where documents are compared, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qa.answering import comparison
from qa.answering.lists import ALIKE, LONGEST, Unit, enumerated, is_label, led, length
from qa.answering.outline import outline
from qa.question.analysis import Kind, Question, analyse
from qa.question.decompose import Part, plan
from qa.question.documents import Subjects, short_name
from qa.ranking import features, model, quantity_match
from qa.ranking.query_terms import prepare
from qa.text import dictionary, english
from qa.types import Candidate, DraftSentence, Evidence, Request
from vectorstore.text.words import normalise

if TYPE_CHECKING:
    from vectorstore.library import Library

MOST_CHARACTERS = {Kind.LIST: LONGEST, Kind.MANNER: 520, Kind.REASON: 520, Kind.SUMMARY: 600}
MOST_SENTENCES = {Kind.LIST: 3, Kind.MANNER: 4, Kind.REASON: 3, Kind.SUMMARY: 5}
_FALLS_AWAY = 2.5
_PAIR_CHARACTERS = 220
_LOOKED_AT = 8
_COVER = features.FEATURES.index("cover")
_LIKE = 0.3
"""Likeness of what a sentence counts to what is asked, below which it says nothing of that."""
_FEW = 2
"""Documents side by side, of which each may get a second sentence."""
_SECOND = 1.8
"""A second sentence is quoted too when its score is this near: either may then be the one that answers."""


@dataclass(frozen=True, slots=True)
class Table:
    """The sentences that one part of a question chooses from, with their features, shape (units, len(FEATURES))."""

    question: Question
    part: Part
    units: list[Unit]
    features: np.ndarray
    thing: str
    """What is counted, when a quantity is asked for."""
    terms: tuple[str, ...]
    """Of the question."""
    held: np.ndarray
    """Where they stand, shape (units, terms); see :func:`qa.ranking.features.matrix`."""
    translated: bool
    """Whether the documents are in another language than the question."""

    def asked(self, parts: int, later: bool) -> model.Asked:
        alike = english.is_english(self.part.question) and not self.translated
        return model.Asked(self.question.kind, bool(self.part.names), parts, self.translated, later, alike)


@dataclass(frozen=True, slots=True)
class Found:
    """What one part of the question came to: its sentences, best first, and how sure the best one answers."""

    table: Table
    units: list[Unit]
    scores: list[float]
    covers: list[float]
    """How much of the question's words each sentence has."""
    probability: float


class ExtractiveAnswerer:
    """Answers without a language model. Thread-safe."""

    name = "extractive"

    def __init__(self, library: Library) -> None:
        self.library = library

    def draft(self, request: Request) -> Iterator[DraftSentence]:
        """Yield the sentences that answer; none when the probability that they do is too low."""
        if request.parts:
            drafts = (draft for part in request.parts for draft in self.draft(part))
            yield from {(draft.text, draft.evidence): draft for draft in drafts}.values()
            return
        question = analyse(request.question)
        tables = request.tables or self.tables(request)
        found = [
            answer
            for table in tables
            if (
                answer := _weighed(table, len(tables), bool(request.history) and request.question != request.asked)
            ).units
        ]
        if len(tables) > 1:
            yield from _side_by_side(question, request.question, tables, found)
        elif found and (points := outline(question, found[0].table.part.focus, found[0].units, self.library)):
            yield from (draft for point in points for draft in _quoted(point))
        elif found and found[0].probability >= 0.5:
            yield from _one(question, found[0])

    def tables(self, request: Request) -> list[Table]:
        """Return a table for each part of the question."""
        question = analyse(request.question)
        parts = plan(request.question, Subjects.of(self.library))
        if comparison.asks_which(request.question) and not any(part.documents for part in parts):
            parts = _each_document(parts[0], request.candidates)
        last: dict[str, str] = {turn.role: turn.content for turn in request.history}
        return [self._table(question, part, request.candidates, last) for part in parts]

    def _table(self, question: Question, part: Part, candidates: Sequence[Candidate], last: dict[str, str]) -> Table:
        stored = [c.stored for c in candidates if not part.documents or c.stored.document_id in part.documents]
        ids = [s.id for s in stored]
        translated = dictionary.crosses(part.question, [s.passage.text for s in stored])
        vector, focus_vector = self.library.question_vectors([part.question, part.focus])
        focus = prepare(
            question,
            " ".join(part.names),
            part.focus,
            vector,
            focus_vector,
            dict.fromkeys(part.documents, 1.0),
            self.library.idf,
            last.get("user", ""),
            last.get("assistant", ""),
            translated,
        )
        sentences, passages = self.library.sentence_vectors(ids), self.library.passage_vectors(ids)
        table, keys, held = features.matrix(
            focus, stored, [sentences[i] for i in ids], [float(passages[i] @ vector) for i in ids]
        )
        units = [Unit(stored[at], index) for at, index in keys]
        return Table(question, part, units, table, focus.thing, focus.terms, held, translated)


def _weighed(table: Table, parts: int, follow_up: bool) -> Found:
    if not table.units:
        return Found(table, [], [], [], 0.0)
    scores = model.rank(table.features)
    order = np.argsort(-scores, kind="stable")
    lacks = model.lacking(table.terms, table.held[order[0]], model.weights().words)
    asked = table.asked(parts, follow_up)
    signals = model.signals(table.features, scores, asked, lacks)
    return Found(
        table,
        [table.units[i] for i in order],
        [float(scores[i]) for i in order],
        [float(table.features[i, _COVER]) for i in order],
        model.answerable(signals, asked),
    )


def _one(question: Question, found: Found) -> Iterator[DraftSentence]:
    """Yield the sentences of one document; under its name, where that is what is asked for."""
    chosen = _several(question.kind, found) if question.wants_much else _unsure(found)
    drafts = [draft for unit in chosen for draft in _quoted(unit)]
    drafts = list({draft.evidence: draft for draft in drafts}.values())  # a label's text may be chosen by itself too
    name = short_name(chosen[0].stored.title) or chosen[0].stored.document
    if (
        not found.table.part.names
        and comparison.wants_document(question.text)
        and not any(name in d.text for d in drafts)
    ):
        drafts[0] = replace(drafts[0], text=f"{name}：{drafts[0].text}")
    yield from drafts


def _unsure(found: Found) -> list[Unit]:
    """Return the best sentence; with the second best, where that is about as good and both are short.

    Or with the one that it leans on: "In 1990 they had been 212,000 tonnes." doesn't say what.
    """
    best = found.units[0]
    if features.leans(normalise(best.sentence.text)) and best.index > 0:
        both = [Unit(best.stored, best.index - 1), best]
        return both if length(both) <= _PAIR_CHARACTERS else [best]
    near = len(found.units) > 1 and found.scores[0] - found.scores[1] < _SECOND
    return found.units[:2] if near and length(found.units[:2]) <= _PAIR_CHARACTERS else found.units[:1]


def _side_by_side(
    question: Question, text: str, tables: Sequence[Table], found: Sequence[Found]
) -> Iterator[DraftSentence]:
    """Yield a sentence for each document that is asked, under its name, and what follows from their figures."""
    sure = [answer for answer in found if answer.probability >= 0.5]
    named = any(table.part.names for table in tables)
    if not sure or (named and question.comparative and len(sure) < len(tables)):
        return
    chosen = [(answer, _place(question, answer, named)) for answer in sure]
    chosen = _stating(question, chosen) if named else _telling(question, chosen)
    briefly = question.wants_quantity or question.comparative or len(chosen) > _FEW
    lines = []
    for answer, at in chosen:
        name = short_name(answer.units[at].stored.title) or answer.units[at].stored.document
        for unit in [answer.units[at]] if briefly else _unsure(answer):
            told = unit if question.wants_quantity else _told(answer, unit)
            lines.append(comparison.Line(name, next(_quoted(told)), answer.table.thing))
    yield from comparison.side_by_side(question, text, lines)


def _told(found: Found, unit: Unit) -> Unit:
    """Return ``unit``, or of a lead ("数字工具助力治理。") the better of the two sentences that it opens."""
    opened = [u for u in led(unit, found.units, found.covers)[1:3] if u in found.units]
    is_lead = unit.index == 0 and len(unit.sentence.text) <= features.LEAD
    return min(opened, key=found.units.index) if is_lead and opened else unit


def _place(question: Question, found: Found, named: bool) -> int:
    """Return the place, among the sentences near the best one, of the line that stands for a document.

    That is the first with a figure that counts what is asked. Where a document that nobody named has none, the one with
    most of the question's words: whether it speaks of them at all is what is asked.
    """
    near = [at for at, score in enumerate(found.scores[:_LOOKED_AT]) if found.scores[0] - score < _FALLS_AWAY]
    stating = next((at for at in near if _states(question, found, found.units[at])), None)
    if stating is not None:
        return stating
    return 0 if named else max(near, key=lambda at: found.covers[at])


def _states(question: Question, found: Found, unit: Unit) -> bool:
    return quantity_match.states(question, found.table.thing, normalise(unit.sentence.text))


def _stating(question: Question, chosen: list[tuple[Found, int]]) -> list[tuple[Found, int]]:
    """Return the documents that count something like what is asked, where some count the very thing.

    Of the others nothing is quoted: a line beside the point says less than that they don't say.
    """
    if not question.wants_quantity or not any(_states(question, f, f.units[at]) for f, at in chosen):
        return chosen
    return [
        (f, at)
        for f, at in chosen
        if quantity_match.score(question, f.table.thing, normalise(f.units[at].sentence.text)) >= _LIKE
    ]


def _telling(question: Question, chosen: list[tuple[Found, int]]) -> list[tuple[Found, int]]:
    """Return the documents that really say something, of those that a question for "which" is asked of.

    Where some state the very figure, those; else those whose sentence has about as many of the question's words as the
    best one's.
    """
    counting = [(f, at) for f, at in chosen if _states(question, f, f.units[at])]
    if counting:
        return counting
    most = max(found.covers[at] for found, at in chosen)
    return [(found, at) for found, at in chosen if found.covers[at] >= ALIKE * most]


def _each_document(part: Part, candidates: Sequence[Candidate], most: int = 8) -> list[Part]:
    """Return one part for each document among the candidates, best first: the question asks which of them."""
    documents = list(dict.fromkeys(c.stored.document_id for c in candidates))[:most]
    if len(documents) < 2:
        return [part]
    return [Part(part.question, part.focus, (document,), part.weight) for document in documents]


def _quoted(unit: Unit) -> Iterator[DraftSentence]:
    """Yield the unit; a bare label ("主诉：") together with what stands under it."""
    sentences = unit.stored.passage.sentences
    yield DraftSentence(unit.sentence.text, (Evidence.of(unit.stored, unit.sentence),))
    if is_label(unit) and unit.index + 1 < len(sentences):
        following = sentences[unit.index + 1]
        yield DraftSentence(following.text, (Evidence.of(unit.stored, following),))


def _several(kind: Kind, found: Found) -> list[Unit]:
    """Return the best sentence with the next best that add to it, in the document's order.

    They come from one document, repeat nothing, and stop where the scores fall away.
    """
    best = found.units[0]
    chosen = enumerated(best, found.units, found.covers) if kind is Kind.LIST else [best]
    if len(best.sentence.text) <= features.LEAD and len(chosen) == 1:
        chosen = led(best, found.units, found.covers)
    for unit, score in zip(found.units[1:12], found.scores[1:12], strict=True):
        if len(chosen) >= MOST_SENTENCES[kind] or found.scores[0] - score > _FALLS_AWAY:
            break
        if unit in chosen or unit.stored.document_id != best.stored.document_id or _repeats(unit, chosen):
            continue
        if length([*chosen, unit]) <= MOST_CHARACTERS[kind]:
            chosen.append(unit)
    return sorted(chosen, key=lambda unit: unit.place)


def _repeats(unit: Unit, chosen: Sequence[Unit]) -> bool:
    mine = features.term_set(unit.sentence.text)
    others = [features.term_set(other.sentence.text) for other in chosen]
    return any(len(mine & other) > 0.6 * max(1, min(len(mine), len(other))) for other in others)
