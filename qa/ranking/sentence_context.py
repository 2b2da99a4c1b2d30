"""A candidate sentence with all that features look at: its passage, its neighbours, the question's terms, vectors.

Whatever several features need is computed once, when the first of them asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from qa.ranking.answer_type import offers
from qa.ranking.query_terms import QueryTerms
from qa.text.names import people
from qa.text.quantities import number_strings
from vectorstore.text.language import is_english
from vectorstore.text.words import normalise, term_set
from vectorstore.types import Sentence, StoredPassage

LEAD = 24
"""Characters: a first sentence this short is likely what its paragraph opens with."""
_SEGMENT = re.compile(r"(?:[，；;。！？!?：:\n]|(?<!\d),|,(?!\d))+")


class DocumentFacts(NamedTuple):
    """What holds for all candidate passages of one document together."""

    cover: float
    """Of the question's terms."""
    unknown_name: bool
    """The question has a proper name that stands nowhere in them."""


def document_facts(query_terms: QueryTerms, passages: Sequence[StoredPassage]) -> dict[str, DocumentFacts]:
    """Return document id -> what holds for its candidate passages together."""
    query, called = query_terms.query, query_terms.names.split()
    names = [name for name in query.names if not any(part in name or name in part for part in called)]
    texts: dict[str, str] = {}
    present: dict[str, set[str]] = {}
    for stored in passages:
        document = stored.document_id
        texts[document] = texts.get(document, stored.title) + stored.passage.text
        present.setdefault(document, set()).update(term_set(stored.passage.text), term_set(stored.title))
    return {
        document: DocumentFacts(
            query_terms.cover(frozenset(present[document])),
            any(name.rstrip("省市县区镇乡村") not in normalise(text) for name in names),
        )
        for document, text in texts.items()
    }


class PassageContext:
    """A candidate passage, as the features of its sentences look at it.

    Args:
        rank: of the passage, from 0.
        vectors: of its sentences, shape (n, d).
        cosine: question and passage in context.
    """

    def __init__(
        self,
        query_terms: QueryTerms,
        stored: StoredPassage,
        rank: int,
        vectors: np.ndarray,
        cosine: float,
        document: DocumentFacts,
    ) -> None:
        self.query = query_terms.query
        self.query_terms = query_terms
        self.stored = stored
        self.sentences = stored.passage.sentences
        self.rank = rank
        self.cosine = cosine
        self.document = document
        self.cosines = vectors @ query_terms.vector
        self.focus_cosines = vectors @ query_terms.focus_vector
        self.texts = [normalise(sentence.text) for sentence in self.sentences]
        self.covers = [query_terms.cover(term_set(sentence.text)) for sentence in self.sentences]
        heading = f"{stored.title}\n{stored.passage.section}"
        self.terms = term_set(heading) | term_set(stored.passage.text)
        self.cover = query_terms.cover(self.terms)
        self.missing_term = query_terms.missing_term(self.terms)
        self.topic_cover = query_terms.topic_cover(self.terms)
        self.quoted_before = [any(clause in text for clause in query_terms.previous_answer) for text in self.texts]

    @cached_property
    def numbers(self) -> frozenset[str]:
        heading = f"{self.stored.title} {self.stored.passage.section}"
        return number_strings(self.stored.passage.text) | number_strings(heading)


def opened_by(query_terms: QueryTerms, sentences: Sequence[Sentence], index: int) -> str:
    """Return what a lead ("优化营商环境。") opens, for a question that wants several sentences: that is its answer."""
    if index or len(sentences[0].text) > LEAD or not query_terms.query.wants_several:
        return ""
    return normalise("".join(sentence.text for sentence in sentences[1:3]))


class SentenceContext:
    """One sentence of a candidate passage."""

    def __init__(self, passage: PassageContext, index: int) -> None:
        self.passage = passage
        self.index = index
        self.query = passage.query
        self.query_terms = passage.query_terms
        self.sentence = passage.sentences[index]
        self.text = passage.texts[index]
        self.terms = term_set(self.sentence.text)
        self.cover = passage.covers[index]
        self._offers: dict[str, float] = {}
        """Segment -> how far it offers the type of answer asked for, where that was asked."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of people, where capitals tell them."""
        return people(self.sentence.text) if is_english(self.text) else frozenset()

    @cached_property
    def segments(self) -> list[str]:
        """Its stretches between marks."""
        return [part for part in _SEGMENT.split(self.text) if part.strip()] or [self.text]

    @cached_property
    def segment_covers(self) -> list[float]:
        if len(self.segments) == 1 or not self.cover:  # a segment has no term that its sentence lacks
            return [self.cover] * len(self.segments)
        return [self.query_terms.cover(term_set(part)) for part in self.segments]

    @cached_property
    def least_answer_type(self) -> float:
        """How far what it opens offers the type of answer asked for."""
        opened = opened_by(self.query_terms, self.passage.sentences, self.index)
        return offers(self.query.answer_type, opened, self.query.normal) if opened else 0.0

    @cached_property
    def answer_type(self) -> float:
        found = offers(self.query.answer_type, self.text, self.query.normal, self.names)
        return max(self.least_answer_type, found)

    def best_offer(self, shares: Sequence[float]) -> float:
        """Return the largest product of a segment's share and how far it offers the type of answer asked for.

        Segments are looked at by falling shares, until none can give more: an offer is 1 at most, and costs most here.

        Args:
            shares: of each segment, from 0.
        """
        best = 0.0
        for share, segment in sorted(zip(shares, self.segments, strict=True), key=lambda pair: -pair[0]):
            if share <= best:
                break
            best = max(best, share * self._offer(segment))
        return best

    def _offer(self, segment: str) -> float:
        if segment not in self._offers:
            found = offers(self.query.answer_type, segment, self.query.normal, self.names)
            self._offers[segment] = max(self.least_answer_type, found)
        return self._offers[segment]
