"""A cross-encoder as the ranker: it decides the order, and what can't be loaded is refused with the way out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qa.errors import RankerError
from qa.pipeline import QA, build
from qa.ranking import load_ranker
from qa.settings import Settings
from tests.support.tiny_cross_encoder import save_tiny_cross_encoder
from vectorstore.library import Library

installed = pytest.mark.sentence_transformers


@pytest.fixture
def extra() -> None:
    pytest.importorskip("sentence_transformers", reason="the extra sentence-transformers is not installed")


@installed
@pytest.mark.usefixtures("extra")
def test_its_scores_decide_the_order(library: Library, qa: QA, tmp_path: Path) -> None:
    model = save_tiny_cross_encoder(tmp_path / "model")
    other = build(Settings(answerer="extractive", ranker=str(model)), library)
    query = other.analyser.analyse("青山县选派了多少名农技员？")
    ranked = other.request(query).ranked.parts[0]

    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    pairs = [
        (query.parts[0].question, f"{s.stored.title} {s.stored.passage.section} {s.sentence.text}".replace("  ", " "))
        for s in ranked.sentences
    ]
    expected = CrossEncoder(str(model)).predict(pairs, activation_fn=Identity(), show_progress_bar=False)
    assert ranked.scores == pytest.approx(expected.tolist(), abs=1e-4)
    assert ranked.scores != qa.request(query).ranked.parts[0].scores
    other.ask("青山县选派了多少名农技员？")  # answered or not: that is the model's business, and nothing fails


@installed
@pytest.mark.usefixtures("extra")
def test_a_model_that_is_no_reranker_is_refused(library: Library, tmp_path: Path) -> None:
    classifier = save_tiny_cross_encoder(tmp_path / "three", labels=3)
    with pytest.raises(RankerError, match="has 3 outputs; a reranker has one"):
        load_ranker(str(classifier), library, tmp_path)


@installed
@pytest.mark.usefixtures("extra")
@pytest.mark.parametrize("name", ["/nowhere/model", "./nowhere"])
def test_a_folder_that_is_not_there_is_named(library: Library, tmp_path: Path, name: str) -> None:
    with pytest.raises(RankerError, match=f"there is no ranking model in {name}"):
        load_ranker(name, library, tmp_path)


@installed
@pytest.mark.usefixtures("extra")
def test_a_folder_without_a_model_is_named(library: Library, tmp_path: Path) -> None:
    with pytest.raises(RankerError, match="can't be loaded"):
        load_ranker(str(tmp_path), library, tmp_path)


def test_an_unknown_name_without_the_extra_says_what_to_install(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(RankerError, match=r"'lineal' is neither 'linear' .* pip install .* or set QA_RANKER=linear"):
        load_ranker("lineal", library, tmp_path)


def test_an_empty_name_is_refused(library: Library, tmp_path: Path) -> None:
    with pytest.raises(RankerError, match="QA_RANKER is empty"):
        load_ranker(" ", library, tmp_path)
