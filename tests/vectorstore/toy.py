"""A tiny embedder without a model, and a program that ingests with it until somebody kills it.

Run as ``python toy.py DATA_DIR TEXTS.jsonl [DATABASE_URL]``.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import chromadb  # noqa: F401  (a second's work that each child would do again)
import numpy as np

from vectorstore.embeddings import Embedder, Kind, Vectors
from vectorstore.errors import EmbedderError
from vectorstore.library import Library
from vectorstore.reading import read_source
from vectorstore.text.words import words

POISON = "毒药毒药"


class ToyEmbedder(Embedder):
    """Adds up one pseudo-random direction for each word: texts that share words are near each other."""

    def __init__(self, dimensions: int = 48, delay: float = 0.0) -> None:
        self.name = f"toy-{dimensions}"
        self.fingerprint = self.name
        self.dimensions = dimensions
        self.encoded: list[str] = []
        self._delay = delay

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        if any(POISON in text for text in texts):
            raise EmbedderError("the toy embedder can't stand that text")
        self.encoded += texts
        time.sleep(self._delay)
        rows = np.stack([np.sum([self._direction(word) for word in [*words(text), ""]], axis=0) for text in texts])
        unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def _direction(self, word: str) -> Vectors:
        return direction(word, self.dimensions)


@cache
def direction(word: str, dimensions: int) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)


def answers(library: Library, question: str) -> list[tuple[str, str, float]]:
    """Return what both searches find, without ids: a library built in another order has others."""
    vector = library.embedder.encode([question], "query")[0]
    hits = [*library.dense(vector, 5), *library.lexical(question, 5)]
    found = library.passages([hit.passage_id for hit in hits])
    assert len(found) == len(hits)
    return [(one.document, one.passage.text, hit.score) for hit, one in zip(hits, found, strict=True)]


def ingest(data_dir: str, source: str, database_url: str | None = None) -> None:
    """Open a library, and ingest a few documents at a time until somebody kills us."""
    with Library.open(Path(data_dir), ToyEmbedder(delay=0.002), database_url=database_url) as library:
        documents = read_source(Path(source))
        for start in range(0, len(documents), 3):
            library.ingest(documents[start : start + 3])


def main(data_dir: str, source: str, database_url: str | None = None) -> None:
    """For each line of standard input start a child that ingests (what it needs is imported already); print its id."""
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            ingest(data_dir, source, database_url)
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("over", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
