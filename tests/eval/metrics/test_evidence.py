"""Citations against the evidence: examples worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.datasets.questions import Question, Quote
from eval.metrics import evidence
from eval.metrics.base import Metric
from eval.runs.run_file import CitationRecord, Item

TEXTS = {"a.txt": "0123456789甲乙丙丁0123456789", "b.txt": "甲乙丙丁"}


def cite(document: str, *spans: tuple[int, int], quote: str | None = None) -> CitationRecord:
    text = "".join(TEXTS[document][s:e] for s, e in spans) if quote is None else quote
    return CitationRecord(number=1, document=document, quote=text, spans=list(spans))


def quote(document: str, text: str) -> Quote:
    return Quote(document=document, quote=text)


def score(metric: Metric, wanted: list[Quote], citations: list[CitationRecord]) -> float | None:
    question = Question(id="q", type="single_fact", question="？", answerable=True, evidence=tuple(wanted))
    return metric(Item(id="q", question="？", citations=citations), question, TEXTS)


def test_validity_is_the_share_of_citations_that_cut_out() -> None:
    good, two = cite("a.txt", (10, 14)), cite("a.txt", (10, 12), (20, 22))
    assert two.quote == "甲乙67"
    assert score(evidence.citation_validity, [], [good, two]) == 1.0
    shifted = cite("a.txt", (11, 15), quote="甲乙丙丁")
    unknown = CitationRecord(number=1, document="c.txt", quote="甲", spans=[(0, 1)])
    assert score(evidence.citation_validity, [], [good, shifted]) == 0.5
    assert score(evidence.citation_validity, [], [unknown]) == 0.0
    assert score(evidence.citation_validity, [], []) is None


def test_half_of_a_quote_is_enough_and_less_is_not() -> None:
    wanted = [quote("a.txt", "甲乙丙丁")]
    assert score(evidence.evidence_recall, wanted, [cite("a.txt", (12, 20))]) == 1.0  # 丙丁
    assert score(evidence.evidence_recall, wanted, [cite("a.txt", (13, 20))]) == 0.0  # 丁
    assert score(evidence.evidence_recall, wanted, [cite("a.txt", (10, 11)), cite("a.txt", (13, 14))]) == 1.0
    assert score(evidence.evidence_recall, wanted, [cite("b.txt", (0, 4))]) == 0.0  # the same words elsewhere
    assert score(evidence.evidence_recall, [], [cite("b.txt", (0, 4))]) is None
    assert score(evidence.evidence_recall, wanted, []) == 0.0


def test_characters_cited_twice_count_once() -> None:
    assert evidence.share_inside((0, 4), [(0, 1), (0, 1), (0, 1)]) == 0.25
    assert evidence.share_inside((0, 4), [(1, 3), (0, 2)]) == 0.75


def test_any_place_of_a_repeated_quote_will_do() -> None:
    wanted = [quote("a.txt", "0123456789")]
    assert evidence.occurrences(TEXTS["a.txt"], "0123456789") == [(0, 10), (14, 24)]
    assert score(evidence.evidence_recall, wanted, [cite("a.txt", (14, 24))]) == 1.0
    # a third of one place and a third of the other are not half of the quote
    assert score(evidence.evidence_recall, wanted, [cite("a.txt", (0, 3)), cite("a.txt", (14, 17))]) == 0.0


def test_precision_is_the_share_of_citations_that_touch() -> None:
    wanted = [quote("a.txt", "甲乙丙丁"), quote("b.txt", "丁")]
    touching, beside, other = cite("a.txt", (0, 11)), cite("a.txt", (14, 20)), cite("b.txt", (3, 4))
    assert score(evidence.evidence_precision, wanted, [touching, beside, other]) == pytest.approx(2 / 3)
    assert score(evidence.evidence_precision, wanted, []) is None
    assert score(evidence.evidence_precision, [], [touching]) is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6))
def test_the_share_inside_is_that_of_a_count_character_by_character(spans: list[tuple[int, int]]) -> None:
    inside = {i for start, end in spans for i in range(start, end)}
    assert evidence.share_inside((5, 25), spans) == len(inside & set(range(5, 25))) / 20
