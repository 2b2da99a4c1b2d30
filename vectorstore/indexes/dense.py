"""The dense index: passage vectors in Chroma, embedded in this process or behind a Chroma server.

It uses ``chromadb`` directly: ``langchain_chroma`` embeds texts itself, stores them a second time, and hides the
counts, ids and configuration that keeping two stores in step needs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from vectorstore.errors import IndexBroken, LibraryError, LibraryUnavailable
from vectorstore.indexes import chroma_client
from vectorstore.indexes.chroma_calls import ChromaCalls
from vectorstore.indexes.chroma_server import ChromaServer
from vectorstore.indexes.derived import Progress, SharedSlot, Slot
from vectorstore.indexes.portions import Portions
from vectorstore.storage.catalog import Catalog
from vectorstore.storage.records import VectorBatch, Vectors
from vectorstore.types import Hit

_SHARED = "2"
_LAYOUT = f"{_SHARED} chromadb-{version('chromadb')}"  # changes when what is stored here does, or how
# Of 10,000 random vectors, which are harder than texts', this finds 99 % of the nearest 40; (100, 256, 16) finds 95 %.
_HNSW = {"space": "cosine", "ef_construction": 100, "ef_search": 400, "max_neighbors": 24}
_BATCH = 2000
_FIRST = 50  # passages that an embedded Chroma is given, or told to remove, in the first call
_PAGE = 10_000  # ids that are listed at once
_SAMPLE = 9  # vectors that are looked up when the index is opened
_SELF = 1e-3  # cosine distance, or difference of a number, below which a vector is itself


class Dense:
    """Passage vectors, searched by cosine. Derived from the catalogue, and checked against it when opened."""

    def __init__(
        self, directory: Path, catalog: Catalog, fingerprint: str, url: str | None = None, shared: bool = False
    ) -> None:
        """Prepare; :meth:`open` does the work.

        Args:
            fingerprint: of what made the vectors; with another one the index is built again.
            url: of a Chroma server; without it Chroma runs in this process and keeps its files in ``directory``.
            shared: whether other processes use the same index on that server; changes hold ``catalog.changing``.

        Raises:
            LibraryError: ``url`` is none that Chroma's client takes.
        """
        self._shared = SharedSlot(catalog) if shared else None
        self._slot = self._shared or Slot(directory)
        self._directory = directory
        self._catalog = catalog
        self._server = None if url is None else ChromaServer.of(url)
        self._place = self._server.place if self._server else str(directory)
        at = self._server.place if self._server else "embedded"
        # A shared index may be known by several addresses, to clients of several versions.
        self._fingerprint = f"{_SHARED} {fingerprint}" if shared else f"{_LAYOUT} {fingerprint} {at}"
        self._client: Any = None
        self._collection: Any = None
        self._name = ""
        self._deferred: str | None = None  # the build that is still to be opened, empty for one still to be made
        self._opening = threading.RLock()
        self.gives_way = False
        """Whether others ask while it is changed: then changes take longer, and questions wait less."""
        self._added, self._removed = Portions(_FIRST), Portions(_FIRST)
        self._calls = ChromaCalls(self._place, embedded=url is None)

    def open(self, progress: Progress | None = None, *, lazy: bool = False) -> bool:
        """Open the current build if it is whole and agrees with the catalogue, else build a new one.

        Args:
            lazy: leave an embedded build closed until it is needed, if its files are unchanged or it is still empty
                (importing and starting Chroma takes a second).

        Returns:
            whether it was built anew.

        Raises:
            LibraryError: Chroma failed, or its server can't be reached.
        """
        with self._catalog.changing():
            return self._open(progress, lazy)

    def _open(self, progress: Progress | None, lazy: bool) -> bool:
        name = self._slot.current(self._fingerprint, self._catalog.stamp)
        if lazy and self._server is None and (name is not None or not self._catalog.count()):
            self._deferred = name or ""
            return False
        if name is not None and self._opened(name):
            return False
        self._rebuild(progress)
        return True

    def reopen(self) -> bool:
        """Open it again after a failure, or build it anew; see :meth:`open`.

        Raises:
            LibraryUnavailable: it is shared, and a process with other settings has built it anew.
        """
        with self._catalog.changing(), self._opening:
            self._refuse_others()
            with suppress(LibraryError):
                self._disconnect()
            try:
                rebuilt = self.open()
            except BaseException:
                self._calls.failed = self._server is None
                raise
            self._deferred = None
            return rebuilt

    def _refuse_others(self) -> None:
        if self._shared is not None and self._shared.is_others(self._fingerprint):
            raise LibraryUnavailable(
                "another version of this program, or one with another embedder, keeps the dense index on "
                f"{self._place} now; start this process again with the same version and settings"
            )

    @property
    def is_open(self) -> bool:
        """Whether it can be searched now."""
        return self._deferred is None and not self._calls.failed

    def ensure_open(self) -> None:
        """Do what a lazy :meth:`open` left undone.

        Raises:
            LibraryError: Chroma failed.
        """
        if self._deferred is None:
            return
        with self._opening:
            name = self._deferred
            if name is not None:
                if not name or not self._opened(name):
                    self._rebuild(None)
                self._deferred = None

    def expect(self) -> None:
        """Import Chroma in another thread, for a caller who will need it soon and has other work until then."""
        if self._deferred is not None:
            chroma_client.import_early()

    def _opened(self, name: str) -> bool:
        self._connect(name)
        try:
            with self._translated("open"):
                self._collection = self._client.get_collection(self._collection_name(name), embedding_function=None)
                self._name = name
                if self._shared is not None and self._collection.count() != self._catalog.count():
                    self._reconcile()
                whole = self._collection.count() == self._catalog.count() and self._finds_itself()
        except LibraryError as error:
            if self._shared is not None and type(error.__cause__).__name__ != "NotFoundError":
                raise  # the server may be well in a moment, and others may be using the index
            whole = False
        if whole:
            self._slot.renew(name)  # Chroma writes a line to its own catalogue whenever it is opened
        else:
            self._disconnect()
        return whole

    def _reconcile(self) -> None:
        """Take out of a shared index what processes that were killed left there, and put in what it lost."""
        wanted = set(self._catalog.passage_ids())
        held: set[int] = set()
        while found := self._collection.get(limit=_PAGE, offset=len(held), include=[])["ids"]:
            held.update(map(int, found))
        self.remove(sorted(held - wanted))
        missing = wanted - held
        for batch in self._catalog.vectors.batches(size=_BATCH) if missing else ():
            rows = [row for row, id in enumerate(batch.ids) if id in missing]
            if rows:
                owners = [batch.document_ids[row] for row in rows]
                self.add(VectorBatch([batch.ids[row] for row in rows], owners, batch.vectors[rows]))

    def _finds_itself(self) -> bool:
        """Check a few stored vectors: they must equal the catalogue's, and most must find themselves.

        Not all: the index is approximate, and may miss one in ten when there are many.
        """
        sample = self._catalog.vectors.sample(_SAMPLE)
        if not sample:
            return True
        wanted = np.stack(list(sample.values()))
        held = self._collection.get(ids=[str(id) for id in sample], include=["embeddings"])
        vectors = {int(id): vector for id, vector in zip(held["ids"], held["embeddings"], strict=True)}
        if vectors.keys() != sample.keys() or not np.allclose([vectors[id] for id in sample], wanted, atol=_SELF):
            return False
        answer = self._collection.query(query_embeddings=wanted, n_results=1, include=["distances"])
        found = sum(bool(distances) and distances[0] < _SELF for distances in answer["distances"])
        return bool(found * 2 > len(sample))

    def _rebuild(self, progress: Progress | None) -> None:
        self._disconnect()
        self._slot.begin()
        name = self._slot.new()
        total, done = self._catalog.count(), 0
        self._connect(name)
        with self._translated("build"):
            self._collection = self._client.create_collection(
                self._collection_name(name), configuration={"hnsw": _HNSW}, embedding_function=None
            )
        self._name = name
        for batch in self._catalog.vectors.batches(size=_BATCH):
            self._add(batch, slice(None))
            done += len(batch.ids)
            if progress is not None:
                progress("dense index", done, total)
        if self._shared is not None:
            self._shared.finish(self._name, self._fingerprint, "")
        self.finish()
        self._sweep()

    def _sweep(self) -> None:
        """Delete all builds but the current one."""
        self._slot.sweep(keep=self._name)
        if self._server is not None:
            mine, current = self._collection_name(""), self._collection_name(self._name)
            with self._translated("tidy up"):
                for collection in self._client.list_collections():
                    if collection.name.startswith(mine) and collection.name != current:
                        self._client.delete_collection(collection.name)

    def _connect(self, name: str) -> None:
        """Open the build's directory, or the way to the server.

        Raises:
            LibraryError: nothing answers at the server's address, or Chroma can't be started.
        """
        if self._server is not None:
            self._client = chroma_client.connected(self._server)
            return
        with self._translated("open"):
            self._client = chroma_client.embedded(self._slot.path(name))

    def _collection_name(self, name: str) -> str:
        return f"library-{self._catalog.library_id}-{name}" if self._server else "passages"

    # Writing

    def begin(self) -> None:
        """Mark the index as being changed: if it is opened before :meth:`finish`, it is built again.

        Raises:
            LibraryUnavailable: it is shared, and a process with other settings has built it anew.
        """
        if self._calls.failed:
            self.reopen()
        self.ensure_open()
        self._slot.begin()
        if self._shared is not None and self._shared.current(self._fingerprint, "") != self._name:
            self.reopen()

    def add(self, batch: VectorBatch) -> None:
        """Add passages; in an index that isn't shared, ids that are there already must not be among them.

        Chroma's ``add`` would ignore those silently. Its ``upsert``, which is slower, overwrites what a process left
        there that was killed before the database was restored to an earlier time.
        """
        for portion in self._portions(len(batch.ids), self._added):
            self._add(batch, portion)

    def _add(self, batch: VectorBatch, portion: slice) -> None:
        with self._translated("write"):
            add = self._collection.add if self._shared is None else self._collection.upsert
            add(
                ids=[str(id) for id in batch.ids[portion]],
                embeddings=batch.vectors[portion],
                metadatas=[{"document": document_id} for document_id in batch.document_ids[portion]],
            )

    def remove(self, ids: Sequence[int]) -> None:
        for portion in self._portions(len(ids), self._removed):
            with self._translated("write"):
                self._collection.delete(ids=[str(id) for id in ids[portion]])

    def _portions(self, count: int, short: Portions) -> Iterator[slice]:
        """Yield portions of a change: an embedded Chroma lets no question go on during a call."""
        if self._server is None and self.gives_way:
            return short.of(count)
        return (slice(start, start + _BATCH) for start in range(0, count, _BATCH))

    def finish(self) -> None:
        """Mark the changes as done, unless the index and the catalogue differ."""
        if self._shared is not None:  # others may be changing it; ``open`` compares the two
            return
        with self._translated("count"):
            whole = self._collection.count() == self._catalog.count()
        if whole:
            self._slot.finish(self._name, self._fingerprint, self._catalog.stamp)

    # Reading

    def search(self, vector: Vectors, k: int, documents: Sequence[str] | None = None) -> list[Hit]:
        """Return about the ``k`` nearest passages by cosine, in any order; of some documents only when given.

        Raises:
            LibraryError: Chroma failed.
        """
        self.ensure_open()
        where = None if documents is None else {"document": {"$in": list(documents)}}
        with self._translated("search"):
            answer = self._collection.query(
                query_embeddings=vector.reshape(1, -1), n_results=k, where=where, include=["distances"]
            )
        found = zip(answer["ids"][0], answer["distances"][0], strict=True)
        return [Hit(int(id), _score(1.0 - distance)) for id, distance in found]

    def close(self) -> None:
        """Release Chroma; the files can then be deleted, or opened by another process."""
        with self._opening:
            self._deferred = None
            self._disconnect()

    def _disconnect(self) -> None:
        client, self._client, self._collection = self._client, None, None
        try:
            if client is not None:
                with self._translated("close"):
                    client.close()
                    for session in chroma_client.sessions(client):
                        session.close()  # Chroma leaves its connections to the garbage collector
        finally:
            self._calls.failed = False

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        """See :class:`~vectorstore.indexes.chroma_calls.ChromaCalls`."""
        with self._calls.calling(what):
            if self._client is None and what not in ("open", "close"):
                raise IndexBroken("the library has been closed")
            yield


def exact(batches: Sequence[VectorBatch], vector: Vectors, k: int) -> list[Hit]:
    """Return the ``k`` nearest of the given passages by cosine to a unit vector, in any order, without an index."""
    scored = [(batch.ids, batch.vectors @ vector) for batch in batches if batch.ids]
    if not scored:
        return []
    ids = [id for some, _ in scored for id in some]
    scores = np.concatenate([part for _, part in scored])
    best = np.argpartition(-scores, k)[:k] if k < len(ids) else range(len(ids))
    return [Hit(ids[at], _score(scores[at])) for at in best]


def _score(cosine: float) -> float:
    """Round a cosine: its last digits depend on how it was computed."""
    return round(float(cosine), 6)


def normalised(vector: Vectors, dimensions: int) -> Vectors:
    """Return ``vector`` as float32 of unit length.

    Raises:
        ValueError: it has another shape than (dimensions,), no length, or a value that is no number.
    """
    vector = np.asarray(vector, dtype=np.float32)
    length = float(np.linalg.norm(vector))
    if vector.shape != (dimensions,) or not 0 < length < np.inf:
        raise ValueError(f"a vector of shape {vector.shape} and length {length}; one of ({dimensions},) was wanted")
    return vector / np.float32(length)
