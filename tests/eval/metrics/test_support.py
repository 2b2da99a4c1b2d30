"""Numbers and sentences against what they cite: examples worked out by hand, with the real verifier."""

from __future__ import annotations

import pytest

from eval.datasets.questions import Question
from eval.metrics import support
from eval.runs.run_file import DerivedRecord, Item

TEXT = "青河全长120公里，流经五个镇。青河有桥12座，其中3座建于2019年。南山海拔845米。"
TEXTS = {"river.txt": TEXT}
ASKED = Question(id="q", type="single_fact", question="？", answerable=True)


def item(
    *sentences: tuple[str, list[int]], spans: list[list[tuple[int, int]]], passages: list[tuple[int, int]]
) -> Item:
    return Item.model_validate(
        {
            "id": "q",
            "question": "？",
            "answer": "".join(text + "".join(f"[{n}]" for n in numbers) for text, numbers in sentences),
            "sentences": [{"text": text, "citations": numbers} for text, numbers in sentences],
            "citations": [
                {"number": n, "document": "river.txt", "quote": "".join(TEXT[s:e] for s, e in pieces), "spans": pieces}
                for n, pieces in enumerate(spans, start=1)
            ],
            "passages": [{"document": "river.txt", "spans": [span], "score": 1.0} for span in passages],
        }
    )


def place(words: str) -> tuple[int, int]:
    return TEXT.index(words), TEXT.index(words) + len(words)


LENGTH, BRIDGES, HILL = (
    place(w) for w in ("青河全长120公里，流经五个镇。", "青河有桥12座，其中3座建于2019年。", "南山海拔845米。")
)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("青河有桥12座，其中3座建于2019年。", 1.0),
        ("桥有十二座。", 1.0),
        ("桥有１２座。", 1.0),
        ("桥有21座。", 0.0),
        ("三座桥建于2018年。", 0.0),
        ("青河上有桥。", 1.0),
    ],
)
def test_every_number_of_a_sentence_must_occur_in_what_it_cites(sentence: str, expected: float) -> None:
    assert (
        support.number_fidelity(item((sentence, [1]), spans=[[BRIDGES]], passages=[BRIDGES]), ASKED, TEXTS) == expected
    )


def test_the_passage_around_a_citation_counts_and_another_does_not() -> None:
    sentence = ("青河长120公里，有桥12座。", [1])
    assert support.number_fidelity(item(sentence, spans=[[BRIDGES]], passages=[(0, BRIDGES[1])]), ASKED, TEXTS) == 1.0
    assert support.number_fidelity(item(sentence, spans=[[BRIDGES]], passages=[BRIDGES, LENGTH]), ASKED, TEXTS) == 0.0


def test_a_sentence_is_held_against_its_own_citations_only() -> None:
    crossed = item(("桥有12座。", [1]), ("全长120公里。", [2]), spans=[[LENGTH], [BRIDGES]], passages=[LENGTH, BRIDGES])
    assert support.number_fidelity(crossed, ASKED, TEXTS) == 0.0
    right = item(("桥有12座。", [2]), ("全长120公里。", [1]), spans=[[LENGTH], [BRIDGES]], passages=[LENGTH, BRIDGES])
    assert support.number_fidelity(right, ASKED, TEXTS) == 1.0


def test_the_source_is_what_spans_cut_not_what_a_quote_claims() -> None:
    lying = item(("海拔999米。", [1]), spans=[[HILL]], passages=[HILL])
    lying.citations[0].quote = "南山海拔999米。"
    assert support.number_fidelity(lying, ASKED, TEXTS) == 0.0


def test_an_altered_answer_text_is_seen_beside_sound_sentences() -> None:
    altered = item(("青河有桥12座。", [1]), spans=[[BRIDGES]], passages=[BRIDGES])
    altered.answer = "青河有桥13座。[1]"
    assert support.number_fidelity(altered, ASKED, TEXTS) == 0.0


def test_abstentions_and_failures_have_no_score() -> None:
    for empty in (Item(id="q", question="？", abstained=True), Item(id="q", question="？", error="boom")):
        assert support.number_fidelity(empty, ASKED, TEXTS) is None
        assert support.citation_recall(empty, ASKED, TEXTS) is None
        assert support.citation_precision(empty, ASKED, TEXTS) is None


def test_citation_recall_is_the_share_of_supported_sentences() -> None:
    half = item(("南山海拔845米。", [1]), ("青河有桥12座。", [1]), spans=[[HILL], [BRIDGES]], passages=[HILL, BRIDGES])
    assert support.citation_recall(half, ASKED, TEXTS) == 0.5


def test_a_citation_that_is_not_needed_costs_precision() -> None:
    extra = item(("南山海拔845米。", [1, 2]), spans=[[HILL], [BRIDGES]], passages=[HILL, BRIDGES])
    assert support.citation_recall(extra, ASKED, TEXTS) == 1.0
    assert support.citation_precision(extra, ASKED, TEXTS) == 0.5


def test_two_citations_that_support_only_together_are_both_needed() -> None:
    halves = [[place("青河全长120公里，")], [place("流经五个镇。")]]
    both = item(("青河全长120公里，流经五个镇。", [1, 2]), spans=halves, passages=[LENGTH])
    assert support.citation_recall(both, ASKED, TEXTS) == 1.0
    assert support.citation_precision(both, ASKED, TEXTS) == 1.0


def test_citations_of_an_unsupported_sentence_and_of_nothing_do_not_count() -> None:
    wrong = item(("南山海拔548米。", [1]), spans=[[HILL]], passages=[HILL])
    assert (
        support.citation_recall(wrong, ASKED, TEXTS),
        support.citation_precision(wrong, ASKED, TEXTS),
    ) == (0.0, 0.0)
    invented = item(("南山海拔845米。", [7]), spans=[[HILL]], passages=[HILL])
    assert support.citation_recall(invented, ASKED, TEXTS) == 0.0
    bare = item(("南山海拔845米。", []), spans=[[HILL]], passages=[HILL])
    assert (
        support.citation_recall(bare, ASKED, TEXTS),
        support.citation_precision(bare, ASKED, TEXTS),
    ) == (0.0, None)


@pytest.mark.parametrize(
    ("expression", "inputs", "expected"),
    [
        ("12座 - 3座 = 9座", [1], 1.0),
        ("12座 - 3座 = 8座", [1], 0.0),
        ("14座 - 5座 = 9座", [1], 0.0),
        ("12座 - 3座 = 9座", [2], 0.0),
    ],
)
def test_a_derived_figure_is_right_when_its_expression_holds(
    expression: str, inputs: list[int], expected: float
) -> None:
    answer = item(("其余9座桥建得更早。", [1, 2]), spans=[[BRIDGES], [HILL]], passages=[BRIDGES, HILL])
    answer.sentences[0].derived = DerivedRecord(expression=expression, inputs=inputs)
    assert support.number_fidelity(answer, ASKED, TEXTS) == expected
