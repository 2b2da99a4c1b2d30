"""The embedders, each loaded once, and the bundled model in its other forms."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.scripted_openai import ScriptedOpenAI
from vectorstore.embeddings import Embedder, load_embedder
from vectorstore.embeddings.bundled.embedder import BundledEmbedder
from vectorstore.embeddings.bundled.export import export
from vectorstore.embeddings.bundled.nano import NanoEmbedder
from vectorstore.embeddings.bundled.weights import Weights, read, weight_file


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def weights() -> Weights:
    return read(weight_file())


@pytest.fixture(scope="session")
def bundled(model_cache: Path) -> BundledEmbedder:
    embedder = load_embedder("bundled", model_cache)
    assert isinstance(embedder, BundledEmbedder)
    return embedder


@pytest.fixture(scope="session")
def nano() -> NanoEmbedder:
    return NanoEmbedder()


@pytest.fixture(scope="session")
def exported() -> Iterator[Path]:
    """The bundled model as a sentence-transformers directory; 470 MB, so not left behind."""
    with tempfile.TemporaryDirectory() as directory:
        export(Path(directory) / "multilingual-e5-small")
        yield Path(directory) / "multilingual-e5-small"


@pytest.fixture(scope="session")
def sentence_transformer(request: pytest.FixtureRequest) -> Embedder:
    pytest.importorskip("sentence_transformers", reason="the extra sentence-transformers is not installed")
    exported: Path = request.getfixturevalue("exported")
    return load_embedder(str(exported), exported)


@pytest.fixture(scope="session")
def openai_embedder(model_cache: Path) -> Iterator[Embedder]:
    """A model behind a scripted endpoint; named like an e5 model, so that it gets prefixes."""
    with ScriptedOpenAI() as server:
        yield load_embedder("openai:scripted-e5-small", model_cache, base_url=server.url)


@pytest.fixture(scope="session")
def seed_lines(seeds_dir: Path) -> list[str]:
    """The lines of the five reports."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(seeds_dir.glob("*.txt"))]
    return [line for text in texts for line in text.splitlines() if line.strip()]
