"""A cache of passage vectors on disk: a text that is indexed again is not embedded again."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from vectorstore.embeddings import Embedder, Kind, Vectors

from ..errors import EvalError

BATCH = 64
"""Texts embedded between two writes: what an interrupted run can lose."""
LOOKUP = 500
"""Keys in one query; SQLite allows 999 in old builds."""


class CachedEmbedder(Embedder):
    """An embedder that remembers the vectors of passages in ``folder``.

    Questions are embedded each time, so that their time is measured, unless ``queries`` says to remember them too.

    A vector is found again under the embedder's fingerprint and the text, so that chunking, layout repair and documents
    can change and only new passages cost anything. Processes may share the folder.
    """

    def __init__(self, inner: Embedder, folder: Path, queries: bool = False) -> None:
        """
        Raises:
            EvalError: ``folder`` can't be written, or what is in it is no cache.
        """
        self.inner = inner
        self.queries = queries
        self.name = inner.name
        self.fingerprint = inner.fingerprint
        self.dimensions = inner.dimensions
        self.path = folder / "vectors.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EvalError(f"{folder} can't be a cache of vectors: {error}") from error
        with self._connection() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = None
        try:
            connection = sqlite3.connect(self.path, timeout=60.0)
            with connection:
                yield connection
        except sqlite3.Error as error:
            raise EvalError(
                f"{self.path} can't be used as a cache of vectors: {error}; delete it if it is damaged"
            ) from error
        finally:
            if connection is not None:
                connection.close()

    def _encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        if kind == "query" and not self.queries:
            return self.inner.encode(texts, kind)
        keys = [self._key(text, kind) for text in texts]
        known = self._read(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        pending = list(new.items())
        for start in range(0, len(pending), BATCH):
            known |= self._embed(pending[start : start + BATCH], kind)
        return np.stack([known[key] for key in keys])

    def _key(self, text: str, kind: Kind) -> bytes:
        name = self.fingerprint if kind == "passage" else f"{self.fingerprint} {kind}"
        return hashlib.sha256(f"{name}\0{text}".encode()).digest()

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        with self._connection() as connection:
            for start in range(0, len(keys), LOOKUP):
                part = keys[start : start + LOOKUP]
                marks = ",".join("?" * len(part))
                rows = connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)
                found |= {key: np.frombuffer(vector, dtype=np.float32) for key, vector in rows}
        return found

    def _embed(self, batch: Sequence[tuple[bytes, str]], kind: Kind) -> dict[bytes, Vectors]:
        vectors = self.inner.encode([text for _, text in batch], kind)
        rows = {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}
        with self._connection() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO vectors VALUES (?, ?)", [(key, row.tobytes()) for key, row in rows.items()]
            )
        return rows
