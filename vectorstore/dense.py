"""The dense index: passage vectors in Chroma, embedded in this process or behind a Chroma server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from vectorstore.catalog import Catalog, VectorBatch
from vectorstore.derived import Slot
from vectorstore.errors import LibraryError
from vectorstore.records import Vectors
from vectorstore.types import Hit

Progress = Callable[[str, int, int], None]

_LAYOUT = "chroma-1"  # changes when what is stored here does
_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 256, "max_neighbors": 24}
_BATCH = 2000
_SELF = 1e-3  # cosine distance below which a vector has found itself


class Dense:
    """Passage vectors by cosine. What it holds follows from the catalogue, and is checked against it when opened."""

    def __init__(self, directory: Path, catalog: Catalog, fingerprint: str, url: str | None = None) -> None:
        """Prepare; :meth:`open` does the work.

        Args:
            fingerprint: of what made the vectors; another one means another build.
            url: of a Chroma server; without it Chroma runs in this process and keeps its files in ``directory``.
        """
        self._slot = Slot(directory)
        self._catalog = catalog
        self._fingerprint = f"{_LAYOUT} {fingerprint} {url or 'embedded'}"
        self._url = url
        self._client: Any = None
        self._collection: Any = None
        self._name = ""

    def open(self, progress: Progress | None = None) -> bool:
        """Open the current build if it is whole and agrees with the catalogue, else build a new one.

        Returns:
            whether it was built anew.

        Raises:
            LibraryError: Chroma failed, or its server can't be reached.
        """
        name = self._slot.current(self._fingerprint, self._catalog.stamp)
        if name is not None and self._opened(name):
            return False
        self._rebuild(progress)
        return True

    def _opened(self, name: str) -> bool:
        try:
            with self._translated("open"):
                self._connect(name)
                self._collection = self._client.get_collection(self._collection_name(name), embedding_function=None)
                self._name = name
                return bool(self._collection.count() == self._catalog.count()) and self._finds_itself()
        except LibraryError:
            if self._url is not None:
                raise_if_unreachable(self._url, self._client)
        self.close()
        return False

    def _finds_itself(self) -> bool:
        """Look a few stored vectors up: each must find itself, or another just like it."""
        batch = next(self._catalog.vectors(batch=3), None)
        if batch is None:
            return True
        answer = self._collection.query(query_embeddings=batch.vectors, n_results=1, include=["distances"])
        return all(found and found[0] < _SELF for found in answer["distances"])

    def _rebuild(self, progress: Progress | None) -> None:
        self.close()
        self._slot.begin()
        name = self._slot.new()
        total, done = self._catalog.count(), 0
        with self._translated("build"):
            self._connect(name)
            self._collection = self._client.create_collection(
                self._collection_name(name), configuration={"hnsw": _HNSW}, embedding_function=None
            )
        self._name = name
        for batch in self._catalog.vectors(batch=_BATCH):
            self.add(batch)
            done += len(batch.ids)
            if progress is not None:
                progress("dense index", done, total)
        self.finish()
        self._slot.sweep(keep=name)

    def _connect(self, name: str) -> None:
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if self._url is None:
            self._client = chromadb.PersistentClient(path=str(self._slot.path(name)), settings=settings)
        else:
            parts = urlsplit(self._url)
            self._client = chromadb.HttpClient(
                host=parts.hostname or "127.0.0.1",
                port=parts.port or 8000,
                ssl=parts.scheme == "https",
                settings=settings,
            )

    def _collection_name(self, name: str) -> str:
        return f"library-{self._catalog.library_id}-{name}" if self._url else "passages"

    # Writing

    def begin(self) -> None:
        """Announce changes: whoever opens the index before :meth:`finish` builds it anew."""
        self._slot.begin()

    def add(self, batch: VectorBatch) -> None:
        """Add passages; ids that are there already must not be among them (Chroma would ignore them silently)."""
        with self._translated("write"):
            for start in range(0, len(batch.ids), _BATCH):
                end = start + _BATCH
                self._collection.add(
                    ids=[str(id) for id in batch.ids[start:end]],
                    embeddings=batch.vectors[start:end],
                    metadatas=[{"document": document_id} for document_id in batch.document_ids[start:end]],
                )

    def remove(self, ids: Sequence[int]) -> None:
        with self._translated("write"):
            for start in range(0, len(ids), _BATCH):
                self._collection.delete(ids=[str(id) for id in ids[start : start + _BATCH]])

    def finish(self) -> None:
        """Declare the changes done. An index that doesn't hold what the catalogue does stays undeclared."""
        with self._translated("count"):
            whole = self._collection.count() == self._catalog.count()
        if whole:
            self._slot.finish(self._name, self._fingerprint, self._catalog.stamp)

    # Reading

    def search(self, vector: Vectors, k: int, documents: Sequence[str] | None = None) -> list[Hit]:
        """Return the ``k`` nearest passages by cosine, best first, ties by id; of some documents only when given.

        Raises:
            LibraryError: Chroma failed.
        """
        where = None if documents is None else {"document": {"$in": list(documents)}}
        with self._translated("search"):
            answer = self._collection.query(
                query_embeddings=vector.reshape(1, -1), n_results=k, where=where, include=["distances"]
            )
        found = zip(answer["ids"][0], answer["distances"][0], strict=True)
        return best([Hit(int(id), 1.0 - float(distance)) for id, distance in found], k)

    def close(self) -> None:
        """Let go of Chroma; the files can then be deleted or opened by another process."""
        client, self._client, self._collection = self._client, None, None
        if client is not None:
            with self._translated("close"):
                client.close()

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        """Turn whatever Chroma raises into a LibraryError: its own errors, httpx's, and its Rust core's panics."""
        try:
            yield
        except LibraryError:
            raise
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            where = self._url or str(self._slot.directory)
            raise LibraryError(
                f"the dense index ({where}) failed to {what}: {type(error).__name__}: {error}; "
                "start again, and it is rebuilt from the catalogue"
            ) from error


def exact(batches: Sequence[VectorBatch], vector: Vectors, k: int) -> list[Hit]:
    """Return the ``k`` nearest of the given passages by cosine, best first, ties by id, without an index."""
    hits: list[Hit] = []
    for batch in batches:
        if batch.ids:
            scores = batch.vectors @ vector
            hits += [Hit(id, float(score)) for id, score in zip(batch.ids, scores, strict=True)]
    return best(hits, k)


def best(hits: list[Hit], k: int) -> list[Hit]:
    """Return the ``k`` best of ``hits``, best first, ties by passage id."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))[:k]


def raise_if_unreachable(url: str, client: Any) -> None:
    """Tell a Chroma server that is away from a collection that is.

    Raises:
        LibraryError: nothing answers at ``url``.
    """
    try:
        client.heartbeat()
    except Exception as error:
        raise LibraryError(
            f"no Chroma server answers at {url} ({error}); start it, or unset QA_CHROMA_URL to use the embedded one"
        ) from error


def normalised(vector: Vectors) -> Vectors:
    """Return ``vector`` as float32 of unit length (a zero vector stays as it is)."""
    vector = np.asarray(vector, dtype=np.float32).reshape(-1)
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length else vector
