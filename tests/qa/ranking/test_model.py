"""What judges whether the best sentence answers."""

from __future__ import annotations

import numpy as np
import pytest

from qa.pipeline import QA
from qa.question.analysis import Kind
from qa.ranking import features, model


def forest() -> model.Forest:
    """Two trees: one looks at signal 1, then at signal 0; the other is a leaf."""
    return model.Forest(
        np.array([1, -1, 0, -1, -1, -1], np.int16),
        np.array([0.5, 0.2, 3.0, 0.4, 0.8, 0.6], np.float32),
        np.array([2, 0, 4, 0, 0, 0], np.int32),
        np.array([0, 5], np.int32),
    )


def test_trees_lead_to_their_leaves() -> None:
    found = np.zeros(len(model.SIGNALS))
    assert np.isclose(forest().share(found), (0.2 + 0.6) / 2)
    found[1] = 1.0
    assert np.isclose(forest().share(found), (0.4 + 0.6) / 2)
    found[0] = 4.0
    assert np.isclose(forest().share(found), (0.8 + 0.6) / 2)


def test_trees_are_the_same_after_packing() -> None:
    again = model.Forest.unpacked(forest().packed())
    for name in model.Forest.__slots__:
        assert np.array_equal(getattr(again, name), getattr(forest(), name))


def test_words_that_are_lacking_count_by_where_they_stand() -> None:
    words = {"国家级": (-0.5, -0.1), "一共": (0.2, 0.1)}
    held = np.array([0, features.IN_CONTEXT, features.IN_SENTENCE, 0], np.uint8)
    assert np.isclose(model.lacking(["国家级", "一共", "国家级", "生词"], held, words), -0.5 + 0.1)


def test_words_of_asking_speak_less_against_an_answer_than_words_of_content() -> None:
    words = model.weights().words
    assert words["一共"][0] > words["平均"][0]


def test_what_settles_it_whatever_the_judge_says() -> None:
    found = np.zeros(len(model.SIGNALS))
    held = {name: at for at, name in enumerate(model.SIGNALS)}
    found[[held["top_kind"], held["top_sort"], held["top_cover_kind"], held["top_attribute"]]] = 1.0
    asked = model.Asked(Kind.MONEY, True, 1, False, False)
    assert model.answerable(found, asked) >= 0.5  # one stretch has it all
    for name, value in (("top_sort", 0.0), ("top_narrower", 2.0), ("top_rival", 1.0)):
        other = found.copy()
        other[held[name]] = value
        assert model.answerable(other, asked) == 0.0


@pytest.mark.parametrize(
    ("text", "leaning"),
    [
        ("in 1990 they had been 212,000 tonnes.", True),
        ("we replaced 2,310 of them in the year.", True),
        ("其中17家实现收支平衡。", True),
        ("the council built 498 homes.", False),
        ("全县新建大棚1200个。", False),
    ],
)
def test_whether_a_sentence_leans_on_the_one_before(text: str, leaning: bool) -> None:
    assert features.leans(text) is leaning


@pytest.mark.parametrize(
    ("quotations", "text", "around", "held"),
    [
        ([], "坚持引领", "", 1.0),
        (["五为一家"], "注册“五为一家”商标", "", 1.0),
        (["五为一家"], "注册商标", "“五为一家”", 0.5),
        (["四个坚持"], "坚持引领", "", 0.5),
        (["五个一批"], "五个维度", "", 0.0),
    ],
)
def test_quoted_names(quotations: list[str], text: str, around: str, held: float) -> None:
    assert features._quoted(quotations, text, around) == held


def test_where_the_terms_of_a_question_stand(qa: QA) -> None:
    question = "青山县配备了多少名专职网格员？"
    table = qa.extractive.tables(_request(qa, question))[0]
    best = int(np.argmax(model.rank(table.features)))
    places = dict(zip(table.terms, table.held[best].tolist(), strict=True))
    assert places["网格"] == features.IN_SENTENCE
    assert len(table.terms) == table.held.shape[1]


def test_a_lead_offers_what_it_opens() -> None:
    from qa.question.analysis import analyse
    from qa.ranking.query_terms import Focus
    from vectorstore.types import Sentence

    sentences = [Sentence(text, ((0, len(text)),)) for text in ("优化环境。", "设立窗口、专线、热线、网站。", "其他。")]
    vector = np.zeros(2)
    asks_much, asks_one = (Focus(analyse(text), vector, vector) for text in ("采取了哪些措施", "有几个窗口"))
    assert "窗口、专线" in features._opened(asks_much, sentences, 0)
    assert features._opened(asks_one, sentences, 0) == ""
    assert features._opened(asks_much, sentences, 1) == ""
    assert asks_much.question.kind is Kind.LIST


def _request(qa: QA, question: str):  # type: ignore[no-untyped-def]
    from qa.types import Request

    return Request(question, question, tuple(qa.retriever.retrieve(question, None)))
