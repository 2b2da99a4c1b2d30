"""Vectors remembered by their text: the same bytes, each text embedded once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.embeddings import Embedder, Kind, Vectors
from vectorstore.embeddings.cache import VectorCache, cached_encode, text_hash
from vectorstore.errors import EmbedderError
from vectorstore.storage.database import Database


class HashEmbedder(Embedder):
    """Vectors from a text's hash, and a list of all texts that were embedded."""

    def __init__(self, fingerprint: str = "hash-1", fails_on: str | None = None) -> None:
        self.name = self.fingerprint = fingerprint
        self.dimensions = 8
        self.embedded: list[str] = []
        self._fails_on = fails_on

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        if self._fails_on in texts:
            raise EmbedderError(f"can't embed {self._fails_on!r}")
        self.embedded.extend(texts)
        digests = [hashlib.sha256(f"{self.fingerprint} {kind} {text}".encode()).digest() for text in texts]
        rows = np.array([np.frombuffer(digest, dtype="<u4") for digest in digests]).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    with Database(place) as opened:
        yield opened


def test_the_second_time_embeds_nothing_and_gives_the_same_bytes(database: Database) -> None:
    embedder, cache = HashEmbedder(), VectorCache(database)
    texts = ["甲", "乙", "甲", "", "\ud800"]
    first = cached_encode(embedder, cache, texts, "passage")
    assert sorted(embedder.embedded) == sorted(["甲", "乙", "", "\N{REPLACEMENT CHARACTER}"])
    assert first.tobytes() == HashEmbedder().encode(texts, "passage").tobytes()
    second = cached_encode(embedder, cache, texts[::-1], "passage")
    assert len(embedder.embedded) == 4
    assert second.tobytes() == first[::-1].tobytes()


def test_another_process_remembers_too(tmp_path: Path) -> None:
    with Database(tmp_path / "library.sqlite3") as database:
        first = cached_encode(HashEmbedder(), VectorCache(database), ["甲"], "passage")
    with Database(tmp_path / "library.sqlite3") as database:
        embedder = HashEmbedder()
        assert cached_encode(embedder, VectorCache(database), ["甲"], "passage").tobytes() == first.tobytes()
        assert embedder.embedded == []


def test_kinds_and_embedders_are_kept_apart(database: Database) -> None:
    cache = VectorCache(database)
    vectors = {
        cached_encode(HashEmbedder(fingerprint), cache, ["甲"], kind).tobytes()
        for fingerprint in ("hash-1", "hash-2")
        for kind in ("query", "passage")
    }
    assert len(vectors) == 4
    assert cache.keep_only("hash-2") == 2
    assert cache.get_many("hash-1", "query", [text_hash("甲")]) == {}
    assert len(cache.get_many("hash-2", "query", [text_hash("甲")])) == 1


def test_what_was_done_before_a_failure_is_remembered(database: Database) -> None:
    cache = VectorCache(database)
    texts = [f"{number:04d}" for number in range(300)] + ["坏"]  # shorter ones come last
    with pytest.raises(EmbedderError, match="坏"):
        cached_encode(HashEmbedder(fails_on="坏"), cache, texts, "passage")
    again = HashEmbedder()
    cached_encode(again, cache, texts, "passage")
    assert len(again.embedded) == 301 - 256
    assert "坏" in again.embedded


def test_progress_is_told(database: Database) -> None:
    told: list[tuple[int, int]] = []
    texts = [str(number) for number in range(200)] + ["0"]
    cached_encode(HashEmbedder(), VectorCache(database), texts, "query", lambda done, all: told.append((done, all)))
    assert told[0] == (0, 200)
    assert told[-1] == (200, 200)
    assert told == sorted(told)


def test_no_texts(database: Database) -> None:
    assert cached_encode(HashEmbedder(), VectorCache(database), [], "query").shape == (0, 8)


@given(st.lists(st.text(st.characters(), max_size=5), max_size=30))
@settings(max_examples=30, deadline=None)
def test_remembered_or_not_the_bytes_are_the_same(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("cache") / "library.sqlite3"
    with Database(path) as database:
        cache = VectorCache(database)
        cached_encode(HashEmbedder(), cache, texts[::2], "passage")
        mixed = cached_encode(HashEmbedder(), cache, texts, "passage")
    assert mixed.tobytes() == HashEmbedder().encode(texts, "passage").tobytes()


def test_a_cache_that_is_full_forgets_some(database: Database) -> None:
    cache, rows = VectorCache(database, most=2000), HashEmbedder()
    texts = [str(number) for number in range(12_000)]
    for start in range(0, len(texts), 2000):
        part = texts[start : start + 2000]
        vectors = rows.encode(part, "passage")
        cache.put_many("hash-1", "passage", dict(zip(map(text_hash, part), vectors, strict=True)))
    found = cache.get_many("hash-1", "passage", map(text_hash, texts))
    assert 0 < len(found) < 6000
    for text in texts[:2000]:
        if (kept := found.get(text_hash(text))) is not None:
            assert kept.tobytes() == rows.encode([text], "passage")[0].tobytes()
