"""Features: what single ones say of a sentence, and the contract that every registered one keeps."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qa.pipeline import QA
from qa.question.analysis import analyse
from qa.question.query import Query
from qa.ranking import features
from qa.ranking.linear import LinearRanker, SentenceFeatures
from qa.ranking.model import shipped
from qa.ranking.query_terms import QueryTerms
from qa.ranking.sentence_context import opened_by
from vectorstore.types import Sentence

QUESTIONS = [
    "青山县配备了多少名专职网格员？",
    "白河市的冷链物流中心什么时候启动？",
    "How many people does Harbour Foods employ?",
]


def looked_at(qa: QA, ranker: LinearRanker, question: str) -> tuple[Query, SentenceFeatures]:
    query = qa.analyser.analyse(question)
    passages = [candidate.stored for candidate in qa.retriever.retrieve(query)]
    return query, ranker.features(query, query.parts[0], passages, 1)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", list(features.FEATURES))
def test_every_feature_is_a_plain_number_and_can_be_off(qa: QA, name: str, question: str) -> None:
    column = list(features.FEATURES).index(name)
    _, found = looked_at(qa, LinearRanker(qa.library), question)
    _, off = looked_at(qa, LinearRanker(qa.library, shipped().without(name)), question)
    assert np.isfinite(found.table[:, column]).all()
    assert np.abs(found.table[:, column]).max() <= 2.0 + math.log(1000)
    assert (off.table[:, column] == features.FEATURES[name].neutral).all()
    others = np.delete(found.table, column, axis=1)
    assert np.array_equal(others, np.delete(off.table, column, axis=1))


def test_no_feature_goes_without_a_description() -> None:
    assert [name for name, feature in features.FEATURES.items() if not feature.compute.__doc__] == []


def test_where_the_terms_of_a_question_stand(qa: QA) -> None:
    ranker = LinearRanker(qa.library)
    _, found = looked_at(qa, ranker, "青山县配备了多少名专职网格员？")
    best = int(np.argmax(ranker.model.scores(found.table)))
    places = dict(zip(found.terms, found.places[best].tolist(), strict=True))
    assert places["网格"] == features.IN_SENTENCE
    assert len(found.terms) == found.places.shape[1]


def test_a_lead_offers_what_it_opens() -> None:
    sentences = [Sentence(text, ((0, len(text)),)) for text in ("优化环境。", "设立窗口、专线、热线、网站。", "其他。")]
    vector = np.zeros(2)
    asks_much, asks_one = (QueryTerms(analyse(text), vector, vector) for text in ("采取了哪些措施", "有几个窗口"))
    assert "窗口、专线" in opened_by(asks_much, sentences, 0)
    assert opened_by(asks_one, sentences, 0) == ""
    assert opened_by(asks_much, sentences, 1) == ""
