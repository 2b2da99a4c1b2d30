"""Retrieval: dense and lexical search fused by reciprocal rank; ``qa.integrations`` has LangChain's retriever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from qa.question.analysis import QueryAnalyser
from qa.question.query import Query
from qa.types import Candidate, PassageHit
from vectorstore.text.words import asked_in, is_across
from vectorstore.types import Hit

if TYPE_CHECKING:
    from qa.settings import Settings
    from vectorstore.corpus import Corpus

RRF_K = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""


PER_DOCUMENT = 25
"""Passages of a document that the question names."""
DOCUMENTS, EACH = 8, 6
"""Documents that are compared when the question names none, and passages of each."""
ACROSS = 20
"""Passages in the other language than the question's that are looked for by themselves."""


def _in_turns(rankings: Sequence[Sequence[Hit]]) -> list[int]:
    """Return the passages of the rankings, the best of each first, then the second of each, and so on."""
    turns = zip_longest(*rankings)
    return [hit.passage_id for turn in turns for hit in turn if hit is not None]


def fuse(rankings: Sequence[Sequence[Hit]], weights: Sequence[float] | None = None) -> list[Hit]:
    """Fuse rankings by reciprocal rank: score(d) = sum of weight / (60 + rank of d), rank from 1.

    Ties go to the smaller passage id, so that the same input gives the same order.
    """
    scores: dict[int, float] = {}
    for ranking, weight in zip(rankings, weights or [1.0] * len(rankings), strict=True):
        for rank, hit in enumerate(ranking, start=1):
            scores[hit.passage_id] = scores.get(hit.passage_id, 0.0) + weight / (RRF_K + rank)
    return [Hit(passage, score) for passage, score in sorted(scores.items(), key=lambda kv: (-kv[1], kv[0]))]


@dataclass(slots=True)
class Ranks:
    """Best rank, from 1, of each passage in each index, over the searches for one question."""

    dense: dict[int, int] = field(default_factory=dict)
    lexical: dict[int, int] = field(default_factory=dict)


def _noted(hits: list[Hit], ranks: dict[int, int]) -> list[Hit]:
    for rank, hit in enumerate(hits, start=1):
        ranks[hit.passage_id] = min(rank, ranks.get(hit.passage_id, rank))
    return hits


class Retriever:
    """Finds passages for a question in a library.

    Args:
        k: passages returned.
        depth: hits taken from each index.
    """

    def __init__(self, library: Corpus, k: int = 40, depth: int = 40) -> None:
        self.library = library
        self.k = k
        self.depth = depth

    @classmethod
    def over(cls, library: Corpus, settings: Settings) -> Retriever:
        return cls(library, k=settings.candidates_k, depth=settings.candidates_k)

    def search(self, question: str, documents: Sequence[str] | None = None) -> list[Candidate]:
        """Return candidates for a question outside of any conversation, best first; see ``retrieve``.

        Args:
            documents: ids of the documents to look in; None for all.
        """
        return self.retrieve(QueryAnalyser(self.library).analyse(question, (), documents))

    def retrieve(self, query: Query) -> list[Candidate]:
        """Return candidates for ``query``, best first.

        Documents that the question names come first, in turns when it names several; so do the documents that it asks
        to compare without naming them. What the whole library has to offer follows.
        """
        question, also, scope, without = query.normal, query.also, query.scope, query.without
        # All that this question will ever need embedded, at once
        self.library.question_vectors(query.searched)
        parts = [part for part in query.parts if part.documents and set(part.documents).isdisjoint(without)]
        if scope is not None:
            parts = [part for part in parts if set(part.documents) <= set(scope)]
        ranks = Ranks()
        everywhere = self._search((question, *also), scope, ranks, without)
        if parts:
            quotas = [self._search((p.question, *also), p.documents, ranks)[:PER_DOCUMENT] for p in parts]
        elif query.asks_each_document:
            quotas = self._each_document(question, everywhere, ranks)
        else:
            quotas = []
        fused = list(dict.fromkeys([*_in_turns(quotas), *(hit.passage_id for hit in everywhere)]))
        stored = self.library.passages(fused[: self._most(quotas)])
        return [
            Candidate(passage, 1.0 / rank, ranks.dense.get(passage.id), ranks.lexical.get(passage.id))
            for rank, passage in enumerate(stored, start=1)
        ]

    def _most(self, quotas: Sequence[Sequence[Hit]]) -> int:
        return max(self.k, sum(map(len, quotas)))

    def _search(
        self, texts: Sequence[str], documents: Sequence[str] | None, ranks: Ranks, without: Sequence[str] = ()
    ) -> list[Hit]:
        vectors = self.library.question_vectors(texts)
        rankings: list[list[Hit]] = []
        for text, vector in zip(texts, vectors, strict=True):
            rankings.append(_noted(self.library.dense(vector, self.depth, documents, without), ranks.dense))
            rankings.append(_noted(self.library.lexical(text, self.depth, documents, without), ranks.lexical))
        rankings.append(_noted(self._across(texts[0], documents, without), ranks.dense))
        return fuse(rankings)

    def _across(self, text: str, documents: Sequence[str] | None, without: Sequence[str]) -> list[Hit]:
        """Return the nearest passages in the other language, among those nearest to the question as if asked in it."""
        own = asked_in(text)
        if own is None:
            return []
        (vector,) = self.library.question_vectors([text], "en" if own == "zh" else "zh")
        hits = self.library.dense(vector, self.depth, documents, without)
        stored = {one.id: one for one in self.library.passages([hit.passage_id for hit in hits])}
        away = [
            hit for hit in hits if hit.passage_id in stored and is_across(text, stored[hit.passage_id].passage.text)
        ]
        return away[:ACROSS]

    def _each_document(self, question: str, everywhere: Sequence[Hit], ranks: Ranks) -> list[list[Hit]]:
        """Return a few passages of each of the documents that have the most to say."""
        found = self.library.passages([hit.passage_id for hit in everywhere])
        documents = list(dict.fromkeys(stored.document_id for stored in found))[:DOCUMENTS]
        return [self._search((question,), [document], ranks)[:EACH] for document in documents]


def passage_hit(candidate: Candidate) -> PassageHit:
    """Return a candidate as callers see it."""
    stored = candidate.stored
    return PassageHit(
        document=stored.document,
        document_id=stored.document_id,
        title=stored.title,
        section=stored.passage.section,
        text=stored.passage.text,
        spans=list(stored.passage.spans),
        score=round(candidate.score, 6),
        dense_rank=candidate.dense,
        lexical_rank=candidate.lexical,
    )
