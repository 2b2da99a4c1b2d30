"""The contract that every answerer keeps, whatever writes the sentences."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qa.answering.base import Answerer, Request
from qa.answering.builder import AnswerBuilder
from qa.answering.extractive import ExtractiveAnswerer
from qa.answering.llm import ModelAnswerer
from qa.pipeline import QA
from qa.ranking.base import Ranked
from tests.qa.conftest import REPORTS, Serve
from tests.support.scripted_openai import honest
from vectorstore.types import cut

QUESTIONS = [
    "青山县选派了多少名农技员？",
    "白河市和青山县的大棚各有多少？",
    "青山县有多少网格？白河市有多少网格？",
    "县长叫什么？",
]


def extractive(qa: QA, serve: Serve) -> Answerer:
    return ExtractiveAnswerer(qa.library)


def model(qa: QA, serve: Serve) -> Answerer:
    endpoint, _ = serve(honest)
    return ModelAnswerer(endpoint)


@pytest.fixture(params=[extractive, model])
def answerer(request: pytest.FixtureRequest, qa: QA, serve: Serve) -> Answerer:
    make: Callable[[QA, Serve], Answerer] = request.param
    return make(qa, serve)


def asked(qa: QA, question: str) -> Request:
    return qa.request(qa.analyser.analyse(question))


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_sentence_has_evidence_cut_from_the_raw_text(qa: QA, answerer: Answerer, question: str) -> None:
    request = asked(qa, question)
    for draft in answerer.draft(request):
        assert draft.text.strip()
        assert draft.evidence
        for evidence in draft.evidence:
            assert cut(REPORTS[evidence.stored.document], evidence.spans) == evidence.quote


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_request_gives_the_same_sentences(qa: QA, answerer: Answerer, question: str) -> None:
    request = asked(qa, question)
    assert list(answerer.draft(request)) == list(answerer.draft(request))


def test_it_answers_from_what_it_is_given_and_from_nothing_else(qa: QA, answerer: Answerer) -> None:
    request = asked(qa, QUESTIONS[0])
    nothing = Request(request.query, Ranked())
    builder = AnswerBuilder(nothing.candidates)
    assert list(builder.say(answerer.draft(nothing))) == []


def test_it_has_a_name_and_says_whether_a_model_writes(answerer: Answerer) -> None:
    assert answerer.name
    assert answerer.model is None or answerer.model.name
