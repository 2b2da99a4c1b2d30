"""Models run by sentence-transformers; the bundled model, written for it, stands for all of them."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from vectorstore.embeddings import Embedder, load_embedder
from vectorstore.embeddings.bundled.embedder import BundledEmbedder
from vectorstore.embeddings.bundled.nano import NanoEmbedder
from vectorstore.errors import EmbedderError, MissingExtra


@pytest.fixture
def library() -> None:
    pytest.importorskip("sentence_transformers", reason="the extra sentence-transformers is not installed")


def test_without_the_extra_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)  # as an import system without it behaves
    with pytest.raises(MissingExtra, match=r'pip install "report-qa\[sentence-transformers\]"'):
        load_embedder("some/model", tmp_path)


@pytest.mark.sentence_transformers
@pytest.mark.usefixtures("library")
class TestWithTheExtra:
    def test_the_exported_model_gives_the_bundled_ones_vectors(
        self, sentence_transformer: Embedder, nano: NanoEmbedder, bundled: BundledEmbedder, seed_lines: list[str]
    ) -> None:
        texts = [line[:150] for line in seed_lines[::25]] + ["A report in English.", "是。", "①～②"]
        for kind in ("query", "passage"):
            vectors = sentence_transformer.encode(texts, kind)
            with_nano = (vectors * nano.encode(texts, kind)).sum(axis=1)
            assert with_nano.min() > 0.999
            with_bundled = (vectors * bundled.encode(texts, kind)).sum(axis=1)
            assert with_bundled.min() > 0.996
            assert with_bundled.mean() > 0.998

    def test_its_fingerprint_is_the_models_not_the_paths(
        self, sentence_transformer: Embedder, exported: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "elsewhere").symlink_to(exported)
        again = load_embedder(str(tmp_path / "elsewhere"), tmp_path)
        assert again.fingerprint == sentence_transformer.fingerprint
        assert again.encode(["甲"], "query").tobytes() == sentence_transformer.encode(["甲"], "query").tobytes()

    def test_other_prompts_make_another_fingerprint(
        self, sentence_transformer: Embedder, exported: Path, tmp_path: Path
    ) -> None:
        other = tmp_path / "other"
        other.mkdir()
        for path in exported.iterdir():
            (other / path.name).symlink_to(path)
        (other / "config_sentence_transformers.json").unlink()
        (other / "config_sentence_transformers.json").write_text('{"prompts": {"query": "Q: "}}')
        changed = load_embedder(str(other), tmp_path)
        assert changed.fingerprint != sentence_transformer.fingerprint
        assert not np.array_equal(changed.encode(["甲"], "query"), sentence_transformer.encode(["甲"], "query"))

    def test_a_path_that_isnt_there_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(EmbedderError, match="doesn't exist"):
            load_embedder(str(tmp_path / "missing"), tmp_path)

    def test_a_directory_without_a_model_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text('{"model_type": "no-such-model"}')
        with pytest.raises(EmbedderError, match="can't be loaded"):
            load_embedder(str(tmp_path), tmp_path)
