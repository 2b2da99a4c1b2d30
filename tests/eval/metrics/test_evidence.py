"""Citations and passages against the evidence: examples worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.datasets.questions import Quote
from eval.metrics import evidence
from eval.runs.records import CitationRecord, PassageRecord

TEXTS = {"a.txt": "0123456789甲乙丙丁0123456789", "b.txt": "甲乙丙丁"}


def cite(document: str, *spans: tuple[int, int], quote: str | None = None) -> CitationRecord:
    text = "".join(TEXTS[document][s:e] for s, e in spans) if quote is None else quote
    return CitationRecord(number=1, document=document, quote=text, spans=list(spans))


def passage(document: str, *spans: tuple[int, int]) -> PassageRecord:
    return PassageRecord(document=document, spans=list(spans), score=1.0)


def quote(document: str, text: str) -> Quote:
    return Quote(document=document, quote=text)


def test_validity_is_the_share_of_citations_that_cut_out() -> None:
    good, two = cite("a.txt", (10, 14)), cite("a.txt", (10, 12), (20, 22))
    assert two.quote == "甲乙67"
    assert evidence.citation_validity([good, two], TEXTS) == 1.0
    shifted = cite("a.txt", (11, 15), quote="甲乙丙丁")
    unknown = CitationRecord(number=1, document="c.txt", quote="甲", spans=[(0, 1)])
    assert evidence.citation_validity([good, shifted], TEXTS) == 0.5
    assert evidence.citation_validity([unknown], TEXTS) == 0.0
    assert evidence.citation_validity([], TEXTS) is None


def test_half_of_a_quote_is_enough_and_less_is_not() -> None:
    wanted = [quote("a.txt", "甲乙丙丁")]
    assert evidence.evidence_recall(wanted, [cite("a.txt", (12, 20))], TEXTS) == 1.0  # 丙丁
    assert evidence.evidence_recall(wanted, [cite("a.txt", (13, 20))], TEXTS) == 0.0  # 丁
    assert evidence.evidence_recall(wanted, [cite("a.txt", (10, 11)), cite("a.txt", (13, 14))], TEXTS) == 1.0
    assert evidence.evidence_recall(wanted, [cite("b.txt", (0, 4))], TEXTS) == 0.0  # the same words elsewhere
    assert evidence.evidence_recall([], [cite("b.txt", (0, 4))], TEXTS) is None
    assert evidence.evidence_recall(wanted, [], TEXTS) == 0.0


def test_characters_cited_twice_count_once() -> None:
    assert evidence.share_inside((0, 4), [(0, 1), (0, 1), (0, 1)]) == 0.25
    assert evidence.share_inside((0, 4), [(1, 3), (0, 2)]) == 0.75


def test_any_place_of_a_repeated_quote_will_do() -> None:
    wanted = [quote("a.txt", "0123456789")]
    assert evidence.occurrences(TEXTS["a.txt"], "0123456789") == [(0, 10), (14, 24)]
    assert evidence.evidence_recall(wanted, [cite("a.txt", (14, 24))], TEXTS) == 1.0
    # a third of one place and a third of the other are not half of the quote
    assert evidence.evidence_recall(wanted, [cite("a.txt", (0, 3)), cite("a.txt", (14, 17))], TEXTS) == 0.0


def test_precision_is_the_share_of_citations_that_touch() -> None:
    wanted = [quote("a.txt", "甲乙丙丁"), quote("b.txt", "丁")]
    touching, beside, other = cite("a.txt", (0, 11)), cite("a.txt", (14, 20)), cite("b.txt", (3, 4))
    assert evidence.evidence_precision(wanted, [touching, beside, other], TEXTS) == pytest.approx(2 / 3)
    assert evidence.evidence_precision(wanted, [], TEXTS) is None
    assert evidence.evidence_precision([], [touching], TEXTS) is None


def test_a_quote_has_the_rank_at_which_the_passages_so_far_cover_it() -> None:
    wanted = [quote("a.txt", "甲乙丙丁"), quote("b.txt", "甲乙丙丁"), quote("a.txt", "absent")]
    ranked = [passage("a.txt", (0, 11)), passage("b.txt", (0, 4)), passage("a.txt", (11, 24))]
    assert evidence.evidence_ranks(wanted, ranked, TEXTS) == [3, 2, None]


def test_each_index_by_itself() -> None:
    """One quote was the lexical index's second, the other only the dense one's 11th."""
    wanted = [quote("a.txt", "甲乙丙丁"), quote("b.txt", "甲乙丙丁")]
    handed = [
        passage("a.txt", (10, 14)).model_copy(update={"lexical_rank": 2}),
        passage("b.txt", (0, 4)).model_copy(update={"dense_rank": 11}),
    ]
    assert evidence.index_recall(wanted, handed, TEXTS, "lexical") == 0.5
    assert evidence.index_recall(wanted, handed, TEXTS, "dense") == 0.0
    assert evidence.index_recall(wanted, handed, TEXTS, "dense", k=11) == 0.5
    assert evidence.index_recall([], handed, TEXTS, "dense") is None
    assert evidence.index_recall(wanted, [passage("a.txt", (10, 14))], TEXTS, "dense") is None  # nobody noted ranks


def test_ranking_metrics_by_hand() -> None:
    ranks = [3, 2, None]
    assert evidence.retrieval_at(ranks, 1) == 0.0
    assert evidence.retrieval_at(ranks, 2) == pytest.approx(1 / 3)
    assert evidence.retrieval_at(ranks, 5) == pytest.approx(2 / 3)
    assert evidence.reciprocal_rank(ranks) == 0.5
    assert evidence.reciprocal_rank([11, None]) == 0.0
    found = 1 / math.log2(3) + 1 / math.log2(4)
    best = 1 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert evidence.ndcg(ranks) == pytest.approx(found / best)
    # two quotes in the first passage: nothing could be better
    assert evidence.ndcg([1, 1]) == 1.0
    # two at rank 2: as good an order has them at rank 1
    assert evidence.ndcg([2, 2]) == pytest.approx((2 / math.log2(3)) / 2)
    for metric in (evidence.reciprocal_rank, evidence.ndcg):
        assert metric([]) is None
        assert metric([None]) == 0.0
    assert evidence.retrieval_at([], 5) is None


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(1, 15)), min_size=1, max_size=8))
def test_ndcg_stays_within_its_bounds_and_grows_with_better_ranks(ranks: list[int | None]) -> None:
    value = evidence.ndcg(ranks)
    assert value is not None
    assert 0.0 <= value <= 1.0 + 1e-12
    first = evidence.ndcg([1 for _ in ranks])
    assert first == 1.0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6))
def test_the_share_inside_is_that_of_a_count_character_by_character(spans: list[tuple[int, int]]) -> None:
    inside = {i for start, end in spans for i in range(start, end)}
    assert evidence.share_inside((5, 25), spans) == len(inside & set(range(5, 25))) / 20
