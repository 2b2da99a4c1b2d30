"""Metrics of retrieval: do the ranked passages cover the evidence?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from vectorstore.types import Span

from ..datasets.questions import Question, Quote
from ..runs.run_file import Item, PassageRecord
from .base import Documents, Metric, metric
from .evidence import covers, occurrences

Ranks = list[int | None]
DEPTH = 10
"""The k of MRR@k and nDCG@k."""


def recall_at(k: int) -> Metric:
    """Return the metric retrieval@k: the share of evidence quotes that the first k passages cover."""
    shown = k == 5
    return Metric(
        f"retrieval@{k}",
        lambda item, question, documents: recall(evidence_ranks(question.evidence, item.passages, documents), k),
        tested=shown,
        answerable_only=True,
        column=f"retr@{k}" if shown else "",
        meaning=f"share of evidence quotes of which at least half lies inside the first {k} passages",
    )


def index_recall_at(index: Literal["dense", "lexical"], k: int) -> Metric:
    """Return the metric recall@k of one index by itself.

    Later steps may hide that an index fails; this looks at each of the two alone.
    """
    return Metric(
        f"{index}@{k}",
        lambda item, question, documents: index_recall(question.evidence, item.passages, documents, index, k),
        tested=True,
        answerable_only=True,
        column=f"{'dense' if index == 'dense' else 'lex.'}@{k}",
        meaning=f"share of evidence that the {index} index alone has among its first {k}",
    )


@metric(
    f"mrr@{DEPTH}",
    tested=True,
    answerable_only=True,
    column=f"mrr@{DEPTH}",
    meaning=f"one over the rank of the first passage with a quote, 0 beyond {DEPTH}",
)
def mean_reciprocal_rank(item: Item, question: Question, documents: Documents) -> float | None:
    """Return the reciprocal rank of this question, whose mean over questions is MRR@10."""
    return reciprocal_rank(evidence_ranks(question.evidence, item.passages, documents))


@metric(f"ndcg@{DEPTH}", answerable_only=True)
def normalised_gain(item: Item, question: Question, documents: Documents) -> float | None:
    """Return nDCG@10 of the ranked passages; see :func:`ndcg`."""
    return ndcg(evidence_ranks(question.evidence, item.passages, documents))


def evidence_ranks(evidence: Sequence[Quote], passages: Sequence[PassageRecord], documents: Documents) -> Ranks:
    """Return, for each quote, the smallest k such that the first k passages together cover it; None when none do."""
    return [_rank(quote, passages, documents.get(quote.document, "")) for quote in evidence]


def _rank(quote: Quote, passages: Sequence[PassageRecord], text: str) -> int | None:
    places = occurrences(text, quote.quote)
    spans: list[Span] = []
    for rank, passage in enumerate(passages, start=1):
        if passage.document == quote.document:
            spans += passage.spans
            if covers(places, spans):
                return rank
    return None


def index_recall(
    evidence: Sequence[Quote],
    passages: Sequence[PassageRecord],
    documents: Documents,
    index: Literal["dense", "lexical"],
    k: int = DEPTH,
) -> float | None:
    """Return recall@k of one index, over the passages in the run file; None without quotes or noted ranks."""
    if not any(p.dense_rank or p.lexical_rank for p in passages):
        return None
    ranked = [(p.dense_rank if index == "dense" else p.lexical_rank, p) for p in passages]
    chosen = sorted(((rank, p) for rank, p in ranked if rank is not None and rank <= k), key=lambda pair: pair[0])
    return recall(evidence_ranks(evidence, [p for _, p in chosen], documents), k)


def recall(ranks: Ranks, k: int) -> float | None:
    """Return recall@k, the share of quotes that the first k passages cover; None without quotes."""
    if not ranks:
        return None
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(ranks: Ranks, depth: int = DEPTH) -> float | None:
    """Return 1 / (rank of the first passage that covers a quote), 0.0 beyond ``depth``; None without quotes.

    Source: Voorhees, The TREC-8 question answering track report, 1999.
    """
    if not ranks:
        return None
    first = min((rank for rank in ranks if rank is not None), default=depth + 1)
    return 1 / first if first <= depth else 0.0


def ndcg(ranks: Ranks, depth: int = DEPTH) -> float | None:
    """Return nDCG@depth: DCG = sum over ranks r <= depth of gain(r) / log2(1 + r), over the DCG of the best order.

    gain(r) is the number of quotes that become covered at rank r, so that a second passage with the same quote gains
    nothing. The best order has the gains that were found in falling order, then 1 for each quote that was not found.
    None without quotes. Source: Järvelin and Kekäläinen, TOIS 20(4), 2002; gains by novelty as alpha-nDCG with
    alpha = 1, Clarke et al., SIGIR 2008.
    """
    if not ranks:
        return None
    gains: dict[int, int] = {}
    for rank in ranks:
        if rank is not None and rank <= depth:
            gains[rank] = gains.get(rank, 0) + 1
    missed = len(ranks) - sum(gains.values())
    best = [*sorted(gains.values(), reverse=True), *[1] * missed][:depth]
    found = sum(gain / math.log2(1 + rank) for rank, gain in gains.items())
    return found / sum(gain / math.log2(1 + rank) for rank, gain in enumerate(best, start=1))
