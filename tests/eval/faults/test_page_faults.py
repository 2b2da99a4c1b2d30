"""Pages and boxes of citations: scored for what they are, and the gate catches those that are wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eval.datasets.questions import Question, QuestionSet
from eval.faults.page_faults import FAULTS
from eval.faults.sandbox import Sandbox, open_sandbox
from eval.faults.selftest import Case, evaluate
from eval.metrics.registry import METRICS
from eval.runs.vector_cache import CachedEmbedder
from qa.settings import Settings
from tests.support.pdf_files import Page, pdf
from vectorstore.reading import read_bytes

TOWNS = ("Ashford", "Barwick", "Colby", "Denholm", "Elmtree", "Farley", "Gorton", "Hexham", "Ilkley", "Kelso")
SIZE, X, Y, HEIGHT = 12.0, 72.0, 640.0, 842.0


def said(number: int) -> str:
    return f"In 2023 the town of {TOWNS[number]} built {number + 12} bridges over its river."


def question(number: int) -> Question:
    width = len(said(number)) * SIZE / 2
    box = (X, HEIGHT - Y - SIZE * 0.8, X + width, HEIGHT - Y + SIZE * 0.2)
    return Question.model_validate(
        {
            "id": f"q{number}",
            "type": "single_fact",
            "question": f"How many bridges did the town of {TOWNS[number]} build in 2023?",
            "answerable": True,
            "must_contain": [[str(number + 12)]],
            "evidence": [{"document": "towns.pdf", "page": number + 1, "quote": said(number), "boxes": [box]}],
        }
    )


@pytest.fixture(scope="module")
def paged(embedder: CachedEmbedder) -> Iterator[Sandbox]:
    """One page and one question a town."""
    pages = [
        Page().text(X, 760, f"The town of {town}", 18, bold=True).text(X, Y, said(number), SIZE)
        for number, town in enumerate(TOWNS)
    ]
    documents = read_bytes(pdf(pages), "towns.pdf", "towns.pdf", pytest.fail)
    questions = QuestionSet("towns", "0" * 64, tuple(question(number) for number in range(len(TOWNS))))
    with open_sandbox(documents, questions, Settings(answerer="extractive", ranker="linear"), embedder) as opened:
        yield opened


def test_citations_stand_on_the_page_and_over_the_words(paged: Sandbox) -> None:
    scored = {metric.name: metric for metric in METRICS}
    for item, asked in zip(paged.run.items, paged.questions.questions, strict=True):
        assert scored["citation_page"](item, asked, paged.corpus.texts) == 1.0
        assert scored["citation_boxes"](item, asked, paged.corpus.texts) == 1.0


@pytest.mark.parametrize(("name", "what", "change"), FAULTS, ids=[name for name, _, _ in FAULTS])
def test_the_gate_catches_wrong_places(paged: Sandbox, name: str, what: str, change: object) -> None:
    (outcome,) = evaluate(paged, [Case(name, what, True, change)])  # type: ignore[arg-type]
    assert outcome.as_wanted
    assert any("citation_" in reason for reason in outcome.comparison.reasons())


def test_a_question_without_pages_is_the_same_as_before() -> None:
    plain = {"id": "q", "type": "single_fact", "question": "How long?", "answerable": True}
    asked = Question.model_validate({**plain, "evidence": [{"document": "a", "quote": "b"}]})
    assert asked.model_dump()["evidence"] == ({"document": "a", "quote": "b"},)
    paged = Question.model_validate({**plain, "evidence": [{"document": "a", "quote": "b", "page": 2}]})
    assert paged.fingerprint != asked.fingerprint
