"""A little of it again with the model that the product ships."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vectorstore.embeddings import Embedder, load_embedder
from vectorstore.errors import IndexMismatch
from vectorstore.library import Library
from vectorstore.reading import RawDocument

Open = Callable[..., Library]
TEXTS = {
    "water": "# 水利\n\n今年新修水渠三十公里，灌溉农田五千亩。",
    "school": "# 教育\n\n新建小学两所，招收学生八百人。",
    "english": "# Health\n\nThe county opened a new hospital with two hundred beds.",
}


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return load_embedder("bundled", tmp_path_factory.mktemp("models"))


def test_meaning_is_found_in_other_words(open_library: Open, bundled: Embedder) -> None:
    with open_library(embedder=bundled) as library:
        library.ingest(RawDocument.of(name, text) for name, text in TEXTS.items())
        for question, name in (
            ("有多少孩子上学", "school"),
            ("medical care for patients", "english"),
            ("農業灌溉", "water"),
        ):
            best = library.dense(bundled.encode([question], "query")[0], 1)[0]
            assert library.passages([best.passage_id])[0].document == name


def test_a_rebuild_gives_the_same_vectors(open_library: Open, bundled: Embedder, tmp_path: Path) -> None:
    def vectors(library: Library) -> list[object]:
        stored = [one for info in library.documents() for one in library.passages_of(info.id)]
        of_sentences = library.sentence_vectors([one.id for one in stored])
        of_passages = library.passage_vectors([one.id for one in stored])
        return [(of_sentences[one.id].tolist(), of_passages[one.id].tolist()) for one in stored]

    with open_library(embedder=bundled) as library:
        for name, text in TEXTS.items():
            library.ingest([RawDocument.of(name, text)])  # one by one, and below all together
        before = vectors(library)
    with open_library(embedder=bundled, rebuild=True) as library:
        assert vectors(library) == before
    with open_library(tmp_path / "fresh", embedder=bundled) as fresh:
        fresh.ingest(RawDocument.of(name, text) for name, text in TEXTS.items())
        assert vectors(fresh) == before


def test_a_library_remembers_that_it_was_the_bundled_one(open_library: Open, bundled: Embedder) -> None:
    with open_library(embedder=bundled) as library:
        library.ingest([RawDocument.of("water", TEXTS["water"])])
    with pytest.raises(IndexMismatch) as caught:
        open_library()
    assert bundled.fingerprint in str(caught.value)
    assert "toy-48" in str(caught.value)
