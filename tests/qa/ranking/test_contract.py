"""The contract that every ranker keeps: those of the package, and a cross-encoder of sentence-transformers."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.pipeline import QA
from qa.ranking import RANKERS, load_ranker
from qa.ranking.base import Ranker
from tests.support.tiny_cross_encoder import save_tiny_cross_encoder
from tests.support.tiny_reader import save_tiny_reader
from vectorstore.library import Library

QUESTIONS = [
    "青山县选派了多少名农技员？",
    "白河市和青山县的大棚各有多少？",
    "哪个地方的大棚最多？",
    "How many people does Harbour Foods employ?",
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(params=[*RANKERS, pytest.param("cross-encoder", marks=pytest.mark.sentence_transformers)])
def ranker(request: pytest.FixtureRequest, library: Library, tmp_path: Path, cache: Path) -> Ranker:
    name: str = request.param
    if name == "cross-encoder":
        pytest.importorskip("sentence_transformers", reason="the extra sentence-transformers is not installed")
        name = str(save_tiny_cross_encoder(tmp_path / "model"))
    if name == "reader":
        name = f"reader:{save_tiny_reader(tmp_path / 'tiny.npz')}"
    return load_ranker(name, library, cache)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_candidate_sentence_is_ranked_once(qa: QA, ranker: Ranker, question: str) -> None:
    query = qa.analyser.analyse(question)
    candidates = qa.retriever.retrieve(query)
    ranked = ranker.rank(query, candidates)
    for part in ranked.parts:
        passages = [
            c.stored for c in candidates if not part.part.documents or c.stored.document_id in part.part.documents
        ]
        places = [(sentence.stored.id, sentence.index) for sentence in part.sentences]
        assert sorted(places) == sorted((p.id, i) for p in passages for i in range(len(p.passage.sentences)))
        assert list(part.scores) == sorted(part.scores, reverse=True)
        assert len(part.scores) == len(part.covers) == len(part.sentences)
        assert 0.0 <= part.probability <= 1.0
        assert all(0.0 <= cover <= 1.0 + 1e-9 for cover in part.covers)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_candidates_come_back_in_a_new_order_and_none_is_lost(qa: QA, ranker: Ranker, question: str) -> None:
    query = qa.analyser.analyse(question)
    candidates = qa.retriever.retrieve(query)
    ranked = ranker.rank(query, candidates)
    assert sorted(c.stored.id for c in ranked.candidates) == sorted(c.stored.id for c in candidates)
    assert [c.score for c in ranked.candidates] == [1.0 / place for place in range(1, len(candidates) + 1)]
    assert ranked.candidates[0].stored.id == ranked.parts[0].sentences[0].stored.id
    assert ranked.probability == max(part.probability for part in ranked.parts)


def test_the_same_question_is_ranked_the_same(qa: QA, ranker: Ranker) -> None:
    query = qa.analyser.analyse(QUESTIONS[0])
    candidates = qa.retriever.retrieve(query)
    assert ranker.rank(query, candidates) == ranker.rank(query, candidates)


def test_nothing_to_rank_answers_nothing(qa: QA, ranker: Ranker) -> None:
    ranked = ranker.rank(qa.analyser.analyse(QUESTIONS[0]), [])
    assert ranked.candidates == ()
    assert ranked.probability == 0.0
