"""A cache of vectors in the library's database, by the hash of their text: what is embedded again comes from there."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from vectorstore.embeddings.base import Embedder, Kind, Vectors
from vectorstore.storage.database import Database
from vectorstore.storage.tables import bindparam, delete, func, select, upsert, vector_cache

_LOOKUP = 500  # hashes in one query: old builds of SQLite allow 999 variables
_PORTION = 128  # texts embedded between two writes: what an interruption can lose
MOST = 500_000  # vectors; of 384 dimensions they take 800 MB
_CHECK_EVERY = 10_000  # vectors stored
_KEPT = 0.9  # share of the most that is left when there are more
_SAMPLE = 256  # hashes are spread evenly: one of so many is counted, as counting all takes longer the more there are
_PREFIXES = 1 << 16  # of hashes, two bytes
_KNOWN = select(vector_cache.c.sha256, vector_cache.c.vector).where(
    vector_cache.c.embedder == bindparam("embedder"),
    vector_cache.c.kind == bindparam("kind"),
    vector_cache.c.sha256.in_(bindparam("some", expanding=True)),
)


def text_hash(text: str) -> bytes:
    """Return the SHA-256 of ``text`` in UTF-8, lone surrogates included."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _prefix(number: int) -> bytes:
    return number.to_bytes(2, "big")


class VectorCache:
    """Vectors of one database, by embedder, kind and text hash. Threads may share one.

    They are stored as float32, as the embedder gave them: an answer must not depend on whether a vector was cached, and
    float16 would change it.
    """

    def __init__(self, database: Database, most: int = MOST) -> None:
        """Use a database's table; about ``most`` vectors of one kind are kept, whichever."""
        self._database = database
        self._most = most
        self._stored = 0  # since the last check

    def get_many(self, fingerprint: str, kind: Kind, hashes: Iterable[bytes]) -> dict[bytes, Vectors]:
        """Return the vectors known for ``hashes``, each of shape (dimensions,) and not to be written to."""
        wanted = list(dict.fromkeys(hashes))
        found: dict[bytes, Vectors] = {}
        with self._database.read():
            for start in range(0, len(wanted), _LOOKUP):
                part = wanted[start : start + _LOOKUP]
                rows = self._database.rows(_KNOWN, {"embedder": fingerprint, "kind": kind, "some": part})
                found |= {row.sha256: np.frombuffer(row.vector, dtype="<f4") for row in rows}
        return found

    def put_many(self, fingerprint: str, kind: Kind, vectors: Mapping[bytes, Vectors]) -> None:
        """Store ``vectors`` by their texts' hashes."""
        rows = [
            {"embedder": fingerprint, "kind": kind, "sha256": key, "vector": vector.astype("<f4").tobytes()}
            for key, vector in sorted(vectors.items())  # two processes that store the same can't block each other
        ]
        with self._database.transaction() as connection:
            upsert(connection, vector_cache, rows)
        self._stored += len(rows)
        if self._stored >= min(_CHECK_EVERY, self._most):
            self._stored = 0
            self._trim(fingerprint, kind)

    def _trim(self, fingerprint: str, kind: Kind) -> None:
        """Delete a random stretch of hashes where there are too many: who knows which texts will come again."""
        mine = (vector_cache.c.embedder == fingerprint, vector_cache.c.kind == kind)
        counting = select(func.count()).where(*mine, vector_cache.c.sha256 < _prefix(_PREFIXES // _SAMPLE))
        held = int(self._database.rows(counting)[0][0]) * _SAMPLE
        if held <= self._most:
            return
        first = random.randrange(_PREFIXES)
        last = first + round(_PREFIXES * (1 - _KEPT * self._most / held))
        with self._database.transaction() as connection:
            for low, high in ((first, min(last, _PREFIXES)), (0, last - _PREFIXES)):
                if low < high:
                    gone = [vector_cache.c.sha256 >= _prefix(low)]
                    gone += [vector_cache.c.sha256 < _prefix(high)] if high < _PREFIXES else []
                    connection.execute(delete(vector_cache).where(*mine, *gone))

    def keep_only(self, fingerprint: str) -> int:
        """Delete the vectors of all embedders but one; return how many were deleted."""
        with self._database.transaction() as connection:
            return connection.execute(delete(vector_cache).where(vector_cache.c.embedder != fingerprint)).rowcount


def cached_encode(
    embedder: Embedder,
    cache: VectorCache,
    texts: Sequence[str],
    kind: Kind,
    progress: Callable[[int, int], None] | None = None,
) -> Vectors:
    """Return what ``embedder.encode(texts, kind)`` does, embedding only what ``cache`` doesn't know, each text once.

    Args:
        progress: called with the number of distinct texts done and of all distinct texts.

    Raises:
        EmbedderError: the embedder failed; what it did before is remembered.
        LibraryError: the database failed.
    """
    if not texts:
        return embedder.encode([], kind)
    keys = [text_hash(text) for text in texts]
    distinct = dict(zip(keys, texts, strict=True))
    known = cache.get_many(embedder.fingerprint, kind, distinct)
    missing = sorted((key for key in distinct if key not in known), key=lambda key: -len(distinct[key]))
    for start in range(0, len(missing), _PORTION):
        if progress is not None:
            progress(len(known), len(distinct))
        part = missing[start : start + _PORTION]
        vectors = embedder.encode([distinct[key] for key in part], kind)
        made = dict(zip(part, vectors, strict=True))
        cache.put_many(embedder.fingerprint, kind, made)
        known |= made
    if progress is not None:
        progress(len(distinct), len(distinct))
    return np.stack([known[key] for key in keys])
