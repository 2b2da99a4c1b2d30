"""How well a sentence answers a question: a registry of named features, none of which knows a document by name.

Every feature is a function from a sentence in its context to a plain number, mostly between 0 and 1. Which of them are
enabled, and their weights, stands in the fitted file (``qa.ranking.model``); one that is not enabled has its neutral
value. Adding one: a function with ``@feature`` here, and a fit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.ranking.answer_type import measured
from qa.ranking.query_terms import QueryTerms
from qa.ranking.sentence_context import PassageContext, SentenceContext, document_facts
from qa.text.quantities import number_strings
from vectorstore.types import StoredPassage

Compute = Callable[[SentenceContext], float]
IN_SENTENCE, IN_CONTEXT = 2, 1
"""Where a term of the question stands: in the sentence, or only in its passage, section or title."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A named number about a sentence."""

    name: str
    compute: Compute
    neutral: float
    """Its value where it says nothing either way, and where it is not enabled."""


FEATURES: dict[str, Feature] = {}
"""By name, in the order of the columns."""


def feature(neutral: float = 0.0) -> Callable[[Compute], Compute]:
    """Register the function below under its name."""

    def register(compute: Compute) -> Compute:
        FEATURES[compute.__name__] = Feature(compute.__name__, compute, neutral)
        return compute

    return register


def matrix(
    query_terms: QueryTerms,
    passages: Sequence[StoredPassage],
    vectors: Sequence[np.ndarray],
    cosines: Sequence[float],
    enabled: frozenset[str] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return the features of every sentence of ``passages`` (best first).

    Args:
        vectors: for each passage the vectors of its sentences, shape (n, d).
        cosines: question and passage in context, for each passage.
        enabled: names of the features that are computed; None for all.

    Returns:
        (sentences, len(FEATURES)) float64; and where each term of ``query_terms.terms`` stands, (sentences, terms)
        uint8: IN_SENTENCE, IN_CONTEXT or 0 for nowhere.
    """
    facts = document_facts(query_terms, passages)
    rows, places = [], []
    for rank, (stored, units, cosine) in enumerate(zip(passages, vectors, cosines, strict=True)):
        passage = PassageContext(query_terms, stored, rank, units, cosine, facts[stored.document_id])
        for index in range(len(passage.sentences)):
            sentence = SentenceContext(passage, index)
            rows.append(
                [f.compute(sentence) if enabled is None or f.name in enabled else f.neutral for f in FEATURES.values()]
            )
            places.append(
                [
                    IN_SENTENCE if t in sentence.terms else IN_CONTEXT if t in passage.terms else 0
                    for t in query_terms.terms
                ]
            )
    table = np.array(rows, dtype=np.float64).reshape(-1, len(FEATURES))
    return table, np.array(places, dtype=np.uint8).reshape(len(rows), len(query_terms.terms))


# Cosines


@feature()
def cosine(s: SentenceContext) -> float:
    """Question and sentence."""
    return float(s.passage.cosines[s.index])


@feature()
def cosine_focus(s: SentenceContext) -> float:
    """Question without the names of documents, and sentence."""
    return float(s.passage.focus_cosines[s.index])


@feature()
def cosine_passage(s: SentenceContext) -> float:
    """Question and passage in context."""
    return s.passage.cosine


# Terms: shares are weighted by idf


@feature()
def cover(s: SentenceContext) -> float:
    """Share of the question's terms that stand in the sentence."""
    return s.cover


@feature()
def cover_context(s: SentenceContext) -> float:
    """The same for the sentence with its passage, section and title."""
    return s.passage.cover


@feature()
def missing_term_context(s: SentenceContext) -> float:
    """The rarest term that the context lacks, as a share of the rarest there could be."""
    return s.passage.missing_term


@feature()
def cover_answer_type(s: SentenceContext) -> float:
    """Cover of the best stretch that offers the type of answer asked for.

    A stretch is read with the one before it: "村党组织书记、主任一肩挑后，占比达97%" names and counts in two.
    """
    covers = s.segment_covers
    near = [max(c, (covers[i - 1] if i else 0.0) * 0.7 + c * 0.6) for i, c in enumerate(covers)]
    return s.best_offer(near)


@feature(neutral=0.5)
def answer_type(s: SentenceContext) -> float:
    """The sentence offers the type of answer asked for."""
    return s.answer_type


@feature(neutral=0.5)
def measure(s: SentenceContext) -> float:
    """A number with the very measure word that the question counts in."""
    return measured(s.query.measure, s.text)


@feature(neutral=1.0)
def question_numbers(s: SentenceContext) -> float:
    """Share of the question's numbers that the sentence or its context has."""
    wanted = s.query.numbers
    return len(wanted & (number_strings(s.text) | s.passage.numbers)) / len(wanted) if wanted else 1.0


@feature()
def named_document(s: SentenceContext) -> float:
    """From the document that the question names: 1; from another although one is named: -1."""
    named = s.query_terms.documents
    return 0.0 if not named else 1.0 if s.passage.stored.document_id in named else -1.0


@feature()
def passage_rank(s: SentenceContext) -> float:
    """Reciprocal rank of the passage."""
    return 1.0 / (1 + s.passage.rank)


@feature()
def length(s: SentenceContext) -> float:
    """ln of the sentence's characters, over 5."""
    return math.log(max(1, len(s.text))) / 5


@feature()
def heading(s: SentenceContext) -> float:
    """A lead or heading: short, without a quantity or an end mark."""
    return float(len(s.text) < 16 and not re.search(r"[\d。！？；;:：]", s.text))


@feature()
def question_like(s: SentenceContext) -> float:
    """The sentence is itself a question."""
    return float(s.text.endswith(("?", "？")))


@feature()
def precision(s: SentenceContext) -> float:
    """Share of the sentence's terms that the question has."""
    return len(s.terms & s.query_terms.weights.keys()) / math.sqrt(len(s.terms) + 1)


@feature()
def cover_document(s: SentenceContext) -> float:
    """Cover of all candidate passages of the document together."""
    return s.passage.document.cover


@feature()
def unknown_name(s: SentenceContext) -> float:
    """The question has a proper name that stands nowhere in the document's candidate passages."""
    return float(s.passage.document.unknown_name)


@feature()
def missing_term(s: SentenceContext) -> float:
    """The rarest term that the sentence itself lacks, as a share of the rarest there could be."""
    return s.query_terms.missing_term(s.terms)


@feature()
def cover_clause(s: SentenceContext) -> float:
    """Cover of the best stretch that itself offers the type of answer."""
    return s.best_offer(s.segment_covers)


# The conversation


@feature()
def quoted_before(s: SentenceContext) -> float:
    """The conversation's last answer quoted this sentence."""
    return float(s.passage.quoted_before[s.index])


@feature()
def quoted_beside(s: SentenceContext) -> float:
    """Or another one of its passage."""
    return float(any(s.passage.quoted_before))


@feature()
def topic(s: SentenceContext) -> float:
    """Share of the terms of the conversation's last round that stand in the sentence."""
    return s.query_terms.topic_cover(s.terms)


@feature()
def topic_context(s: SentenceContext) -> float:
    """The same for the sentence's passage, section and title."""
    return s.passage.topic_cover
