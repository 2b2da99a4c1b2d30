"""Ranked passages against the evidence: examples worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.datasets.questions import Quote
from eval.metrics import ranking
from eval.runs.run_file import PassageRecord

TEXTS = {"a.txt": "0123456789甲乙丙丁0123456789", "b.txt": "甲乙丙丁"}


def passage(document: str, *spans: tuple[int, int]) -> PassageRecord:
    return PassageRecord(document=document, spans=list(spans), score=1.0)


def quote(document: str, text: str) -> Quote:
    return Quote(document=document, quote=text)


def test_a_quote_has_the_rank_at_which_the_passages_so_far_cover_it() -> None:
    wanted = [quote("a.txt", "甲乙丙丁"), quote("b.txt", "甲乙丙丁"), quote("a.txt", "absent")]
    ranked = [passage("a.txt", (0, 11)), passage("b.txt", (0, 4)), passage("a.txt", (11, 24))]
    assert ranking.evidence_ranks(wanted, ranked, TEXTS) == [3, 2, None]


def test_each_index_by_itself() -> None:
    """One quote was the lexical index's second, the other only the dense one's 11th."""
    wanted = [quote("a.txt", "甲乙丙丁"), quote("b.txt", "甲乙丙丁")]
    handed = [
        passage("a.txt", (10, 14)).model_copy(update={"lexical_rank": 2}),
        passage("b.txt", (0, 4)).model_copy(update={"dense_rank": 11}),
    ]
    assert ranking.index_recall(wanted, handed, TEXTS, "lexical") == 0.5
    assert ranking.index_recall(wanted, handed, TEXTS, "dense") == 0.0
    assert ranking.index_recall(wanted, handed, TEXTS, "dense", k=11) == 0.5
    assert ranking.index_recall([], handed, TEXTS, "dense") is None
    assert ranking.index_recall(wanted, [passage("a.txt", (10, 14))], TEXTS, "dense") is None  # nobody noted ranks


def test_ranking_metrics_by_hand() -> None:
    ranks = [3, 2, None]
    assert ranking.recall(ranks, 1) == 0.0
    assert ranking.recall(ranks, 2) == pytest.approx(1 / 3)
    assert ranking.recall(ranks, 5) == pytest.approx(2 / 3)
    assert ranking.reciprocal_rank(ranks) == 0.5
    assert ranking.reciprocal_rank([11, None]) == 0.0
    found = 1 / math.log2(3) + 1 / math.log2(4)
    best = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert ranking.ndcg(ranks) == pytest.approx(found / best)
    # two quotes in the first passage: nothing could be better
    assert ranking.ndcg([1, 1]) == 1.0
    # two at rank 2: as good an order has them at rank 1
    assert ranking.ndcg([2, 2]) == pytest.approx((2 / math.log2(3)) / 2)
    for metric in (ranking.reciprocal_rank, ranking.ndcg):
        assert metric([]) is None
        assert metric([None]) == 0.0
    assert ranking.recall([], 5) is None


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(1, 15)), min_size=1, max_size=8))
def test_ndcg_stays_within_its_bounds_and_grows_with_better_ranks(ranks: list[int | None]) -> None:
    value = ranking.ndcg(ranks)
    assert value is not None
    assert 0.0 <= value <= 1.0 + 1e-12
    first = ranking.ndcg([1 for _ in ranks])
    assert first == 1.0
