"""Whether citations and passages hold the evidence: spans against the raw texts.

Every function takes ``texts``, the documents' raw texts by name. A quote's places are all those of its document where
it stands; it is covered when at one of them at least half of its characters lie inside the given spans.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from eval.datasets.questions import Quote
from eval.runs.records import CitationRecord, PassageRecord
from vectorstore.types import Span, cut

Texts = Mapping[str, str]
Ranks = list[int | None]
DEPTH = 10
"""The k of MRR@k and nDCG@k."""


def occurrences(text: str, quote: str) -> list[Span]:
    """Return the span of every occurrence of ``quote``, overlapping ones too."""
    found = []
    at = text.find(quote)
    while at >= 0:
        found.append((at, at + len(quote)))
        at = text.find(quote, at + 1)
    return found


def share_inside(span: Span, spans: Iterable[Span]) -> float:
    """Return the share of ``span``'s characters that lie inside the union of ``spans``."""
    start, end = span
    inside, reached = 0, start
    for low, high in sorted(spans):
        low, high = max(low, reached), min(high, end)
        if high > low:
            inside += high - low
            reached = high
    return inside / (end - start)


def covers(text: str, quote: str, spans: Sequence[Span]) -> bool:
    """Tell whether at one of its places at least half of ``quote`` lies inside ``spans``."""
    return any(share_inside(place, spans) >= 0.5 for place in occurrences(text, quote))


def citation_validity(citations: Sequence[CitationRecord], texts: Texts) -> float | None:
    """Return the share of citations whose spans, cut from the raw text and joined, equal their quote.

    None without citations. Anything but 1.0 is a bug.
    """
    if not citations:
        return None
    valid = sum(cut(texts.get(citation.document, ""), citation.spans) == citation.quote for citation in citations)
    return valid / len(citations)


def evidence_recall(evidence: Sequence[Quote], citations: Sequence[CitationRecord], texts: Texts) -> float | None:
    """Return the share of evidence quotes that the citations of their document cover; None without evidence."""
    if not evidence:
        return None
    cited = evidence_cited(evidence, citations, texts)
    return sum(cited) / len(cited)


def evidence_precision(evidence: Sequence[Quote], citations: Sequence[CitationRecord], texts: Texts) -> float | None:
    """Return the share of citations that touch any evidence quote; None without evidence or without citations."""
    if not evidence or not citations:
        return None
    return sum(_touches(citation, evidence, texts) for citation in citations) / len(citations)


def _touches(citation: CitationRecord, evidence: Sequence[Quote], texts: Texts) -> bool:
    return any(
        min(end, high) > max(start, low)
        for quote in evidence
        if quote.document == citation.document
        for start, end in occurrences(texts.get(quote.document, ""), quote.quote)
        for low, high in citation.spans
    )


def evidence_cited(evidence: Sequence[Quote], citations: Sequence[CitationRecord], texts: Texts) -> list[bool]:
    """Return, for each quote, whether the citations of its document together cover it."""
    spans: dict[str, list[Span]] = {}
    for citation in citations:
        spans.setdefault(citation.document, []).extend(citation.spans)
    return [covers(texts.get(q.document, ""), q.quote, spans.get(q.document, [])) for q in evidence]


def evidence_ranks(evidence: Sequence[Quote], passages: Sequence[PassageRecord], texts: Texts) -> Ranks:
    """Return, for each quote, the smallest k such that the first k passages together cover it; None when none do."""
    return [_rank(quote, passages, texts.get(quote.document, "")) for quote in evidence]


def _rank(quote: Quote, passages: Sequence[PassageRecord], text: str) -> int | None:
    places = occurrences(text, quote.quote)
    spans: list[Span] = []
    for rank, passage in enumerate(passages, start=1):
        if passage.document == quote.document:
            spans += passage.spans
            if any(share_inside(place, spans) >= 0.5 for place in places):
                return rank
    return None


def index_recall(
    evidence: Sequence[Quote], passages: Sequence[PassageRecord], texts: Texts, index: str, k: int = DEPTH
) -> float | None:
    """Return recall@k of one index alone, as far as its passages were handed over; None without quotes or ranks.

    Whatever comes after the two indexes may hide that one of them fails: this looks at each by itself.

    Args:
        index: "dense" or "lexical".
    """
    if not any(p.dense_rank or p.lexical_rank for p in passages):
        return None
    ranked = [(rank, p) for p in passages if (rank := getattr(p, f"{index}_rank")) is not None and rank <= k]
    chosen = [p for _, p in sorted(ranked, key=lambda pair: pair[0])]
    return retrieval_at(evidence_ranks(evidence, chosen, texts), k)


def retrieval_at(ranks: Ranks, k: int) -> float | None:
    """Return recall@k, the share of quotes that the first k passages cover; None without quotes."""
    if not ranks:
        return None
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(ranks: Ranks, depth: int = DEPTH) -> float | None:
    """Return 1 / (rank of the first passage that covers a quote), 0.0 beyond ``depth``; None without quotes.

    Its mean over questions is MRR@depth. Source: Voorhees, The TREC-8 question answering track report, 1999.
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
