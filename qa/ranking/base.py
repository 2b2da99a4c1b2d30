"""The interface of a ranker: which sentences answer a question, and how likely it is that the reports answer it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qa.question.query import Part, Query
from qa.reader.model import Reader
from qa.text import dictionary
from qa.types import Candidate
from vectorstore.cores import each
from vectorstore.text.spans import SpanMap, merge
from vectorstore.text.tables import kept_columns
from vectorstore.text.words import is_across
from vectorstore.types import Sentence, Span, StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

Floats = NDArray[np.float64]

MOST_DOCUMENTS = 8
"""Documents that are compared when a question asks "which" and names none."""


@dataclass(frozen=True, slots=True)
class CandidateSentence:
    """A sentence of a candidate passage, or a part of one."""

    stored: StoredPassage
    index: int
    characters: int | None = None
    """As many of its characters as are meant; None for all."""
    columns: frozenset[int] | None = None
    """Of a table's row, the columns that are meant, from 0; None for all."""

    @property
    def sentence(self) -> Sentence:
        whole = self.stored.passage.sentences[self.index]
        if self.columns is not None and (kept := kept_columns(whole.text, self.columns)):
            return _cut(whole, kept)
        return whole if self.characters is None else _cut(whole, [(0, self.characters)])

    @property
    def place(self) -> tuple[str, int, int]:
        """Where it stands: sorts sentences of one document into its order."""
        return self.stored.document_id, self.stored.passage.ordinal, self.index


def _cut(whole: Sentence, kept: Sequence[Span]) -> Sentence:
    """Return stretches of a sentence's text, in order."""
    places = SpanMap(whole.spans)
    spans = merge(span for start, end in kept for span in places.slice(start, end))
    return Sentence("".join(whole.text[start:end] for start, end in kept), spans)


class PartScores(NamedTuple):
    """What a ranker makes of the sentences that one part of a question chooses from."""

    scores: Floats
    """Shape (sentences,); only comparable inside one question."""
    covers: Floats
    """Share of the question's words that each sentence has, weighed by how rare they are; shape (sentences,)."""
    probability: float
    """That the best sentence answers, calibrated, from 0 to 1."""
    columns: Mapping[int, frozenset[int]] = MappingProxyType({})
    """Of sentences that are rows of tables, by their number: the columns to quote, where those are sure."""


@dataclass(frozen=True, slots=True)
class RankedSentences:
    """The sentences that one part of a question chooses from, best first, and how sure the best one answers."""

    part: Part
    sentences: tuple[CandidateSentence, ...] = ()
    scores: tuple[float, ...] = ()
    covers: tuple[float, ...] = ()
    probability: float = 0.0
    columns: Mapping[tuple[str, int, int], frozenset[int]] = field(default_factory=dict, hash=False)
    """Of sentences that are rows of tables, by their place: the columns to quote, where those are sure."""

    @property
    def answers(self) -> bool:
        """Whether it is likelier than not that the best sentence answers."""
        return self.probability >= 0.5

    def asked(self, sentence: CandidateSentence) -> CandidateSentence:
        """Return a sentence; of a wide table's row only what is asked for, where that is sure."""
        columns = self.columns.get(sentence.place)
        return sentence if columns is None else replace(sentence, columns=columns)


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a ranker returns."""

    candidates: tuple[Candidate, ...] = ()
    """In the order of their best sentences; the parts of a question take turns."""
    parts: tuple[RankedSentences, ...] = ()
    """One for each part of the query, or for each document that it asks."""

    @property
    def probability(self) -> float:
        """Return how likely it is that the reports answer, from 0 to 1."""
        return max((part.probability for part in self.parts), default=0.0)


class Ranker(ABC):
    """Ranks the sentences of candidate passages. Threads may share one.

    A subclass scores the sentences of one part of a question; parts, order and empty input are dealt with here.
    """

    name: str
    library: Corpus
    claim_reader: Reader | None = None
    """The reader that was taught claims; None where it has none. Verification shares it."""

    @abstractmethod
    def score(self, query: Query, part: Part, passages: Sequence[StoredPassage], compared: int) -> PartScores:
        """Return the scores of all sentences of ``passages``, of which there is at least one, in their order.

        Args:
            part: what is asked of these passages.
            compared: documents that the question asks side by side, 1 when it compares none.

        Raises:
            RankerError: the model behind it failed.
        """

    def over(self, library: Corpus) -> Ranker:
        """Return the same ranker for another corpus, whose statistics it uses; what was loaded is shared.

        A ranker that hands its library on to others overrides this.
        """
        other = copy(self)
        other.library = library
        return other

    def rank(self, query: Query, candidates: Sequence[Candidate]) -> Ranked:
        """Return the sentences of ``candidates`` ranked for each part of ``query``, and the candidates in that order.

        Raises:
            RankerError: the model behind it failed.
        """
        parts = parts_of(query, candidates)
        ranked = tuple(each(lambda part: self._ranked(query, part, candidates, len(parts)), parts))
        return Ranked(order_passages(candidates, ranked), ranked)

    def _ranked(self, query: Query, part: Part, candidates: Sequence[Candidate], compared: int) -> RankedSentences:
        stored = [c.stored for c in candidates if not part.documents or c.stored.document_id in part.documents]
        if is_translated(part, stored):
            part = replace(part, counted="")  # what is counted has another name there
        sentences = [CandidateSentence(p, index) for p in stored for index in range(len(p.passage.sentences))]
        if not sentences:
            return RankedSentences(part)
        scores, covers, probability, columns = self.score(query, part, stored, compared)
        order = np.argsort(-scores, kind="stable").tolist()
        return RankedSentences(
            part,
            tuple(sentences[i] for i in order),
            tuple(scores[order].tolist()),
            tuple(covers[order].tolist()),
            probability,
            {sentences[at].place: kept for at, kept in columns.items()},
        )


def is_translated(part: Part, passages: Sequence[StoredPassage]) -> bool:
    """Whether ``passages`` are in another language than the question, so that words meet only in a dictionary."""
    return dictionary.crosses(part.question, [stored.passage.text for stored in passages])


def parts_of(query: Query, candidates: Sequence[Candidate]) -> tuple[Part, ...]:
    """Return the parts of ``query``; where it asks "which" and names no document, one for each that was found.

    Of documents in two languages those in the question's, if they are several: asked one by one, one in the other is
    seldom meant.
    """
    if not query.asks_each_document or any(part.documents for part in query.parts):
        return query.parts
    found = [candidate.stored for candidate in candidates]
    own = [stored for stored in found if not is_across(query.normal, stored.passage.text)]
    several = len({stored.document_id for stored in own}) > 1
    documents = list(dict.fromkeys(stored.document_id for stored in (own if several else found)))[:MOST_DOCUMENTS]
    if len(documents) < 2:
        return query.parts
    return tuple(replace(query.parts[0], documents=(document,)) for document in documents)


def order_passages(candidates: Sequence[Candidate], parts: Sequence[RankedSentences]) -> tuple[Candidate, ...]:
    """Return ``candidates`` with those first whose best sentence scores highest; the parts of a question take turns.

    Retrieval looks at whole passages and does so for thousands of them; of those that it leaves, every sentence has
    been compared with the question in detail. Candidates that no part looks at keep their order behind the others.
    """
    by_id = {candidate.stored.id: candidate for candidate in candidates}
    turns = zip_longest(*(dict.fromkeys(s.stored.id for s in part.sentences) for part in parts))
    first = [id for turn in turns for id in turn if id is not None]
    order = dict.fromkeys([*first, *by_id])
    return tuple(replace(by_id[id], score=1.0 / place) for place, id in enumerate(order, start=1))
