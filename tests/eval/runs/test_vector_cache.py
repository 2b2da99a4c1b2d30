"""The cache of vectors: what it gives back is what the embedder gave, once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from eval.errors import EvalError
from eval.runs.vector_cache import BATCH, CachedEmbedder
from vectorstore.embeddings import Embedder, Kind, Vectors


class Counting(Embedder):
    """An embedder of two dimensions that notes what it was asked."""

    name = "counting"
    dimensions = 2

    def __init__(self, fingerprint: str = "counting-1") -> None:
        self.fingerprint = fingerprint
        self.asked: list[tuple[Kind, list[str]]] = []

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self.asked.append((kind, list(texts)))
        angles = [sum(map(ord, text)) for text in texts]
        return np.array([[np.cos(angle), np.sin(angle)] for angle in angles], dtype=np.float32)


def test_passages_are_embedded_once_and_come_back_bit_by_bit(tmp_path: Path) -> None:
    inner = Counting()
    first = CachedEmbedder(inner, tmp_path).encode(["甲", "乙", "甲"], "passage")
    again = CachedEmbedder(inner, tmp_path).encode(["乙", "丙", "甲"], "passage")
    assert inner.asked == [("passage", ["甲", "乙"]), ("passage", ["丙"])]
    assert np.array_equal(first[[1, 0]], again[[0, 2]])
    assert again.dtype == np.float32


def test_questions_are_embedded_every_time(tmp_path: Path) -> None:
    inner = Counting()
    cached = CachedEmbedder(inner, tmp_path)
    cached.encode(["甲"], "passage")
    cached.encode(["甲"], "query")
    cached.encode(["甲"], "query")
    assert [kind for kind, _ in inner.asked] == ["passage", "query", "query"]


def test_questions_are_remembered_when_asked_for_and_are_no_passages(tmp_path: Path) -> None:
    inner = Counting()
    cached = CachedEmbedder(inner, tmp_path, queries=True)
    cached.encode(["甲"], "passage")
    cached.encode(["甲"], "query")
    cached.encode(["甲"], "query")
    assert [kind for kind, _ in inner.asked] == ["passage", "query"]


def test_another_model_does_not_get_these_vectors(tmp_path: Path) -> None:
    CachedEmbedder(Counting("one"), tmp_path).encode(["甲"], "passage")
    other = Counting("two")
    CachedEmbedder(other, tmp_path).encode(["甲"], "passage")
    assert other.asked == [("passage", ["甲"])]


def test_it_is_the_embedder_that_it_wraps_to_an_index(tmp_path: Path) -> None:
    inner = Counting()
    cached = CachedEmbedder(inner, tmp_path)
    assert (cached.name, cached.fingerprint, cached.dimensions) == ("counting", "counting-1", 2)
    assert cached.encode([], "passage").shape == (0, 2)


def test_many_texts_are_written_in_portions(tmp_path: Path) -> None:
    inner = Counting()
    texts = [f"第{number}句" for number in range(3 * BATCH)]
    vectors = CachedEmbedder(inner, tmp_path).encode(texts, "passage")
    assert [len(portion) for _, portion in inner.asked] == [BATCH] * 3
    assert np.array_equal(vectors, Counting().encode(texts, "passage"))


def test_what_is_no_cache_is_named(tmp_path: Path) -> None:
    (tmp_path / "vectors.sqlite").write_text("junk " * 1000, "utf-8")
    with pytest.raises(EvalError, match=r"vectors.sqlite can't be used as a cache of vectors: .*; delete it"):
        CachedEmbedder(Counting(), tmp_path)
