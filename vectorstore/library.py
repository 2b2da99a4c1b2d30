"""The library: documents in, passages out. Everything that questions need of this package goes through it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectorstore import dense as dense_index
from vectorstore.catalog import Catalog, PassageText, VectorBatch, document_id
from vectorstore.database import Database
from vectorstore.dense import Dense
from vectorstore.embeddings import Embedder
from vectorstore.errors import EmbedderError, IndexMismatch, VectorStoreError
from vectorstore.ingest import IngestReport, Prepared, Preparer
from vectorstore.lexical import Lexical
from vectorstore.lock import Lock
from vectorstore.readers import RawDocument
from vectorstore.records import IndexedDocument, Vectors
from vectorstore.types import Document, DocumentInfo, Hit, StoredPassage

__all__ = ["IngestReport", "Library", "Progress"]

Progress = Callable[[str, int, int], None]
"""Called with what is being worked on, how much of everything is done, and how much there is (in any unit)."""

_BATCH_TEXTS = 400  # about as many texts are embedded together, over several documents if they are short
_EXACT_BELOW = 20_000  # passages; so many are searched faster without Chroma, whose filters are slow
_CACHED_PASSAGES = 4096


class Library:
    """One process's open library. Threads may share it: they see a document as it was before a change, or after."""

    def __init__(self, lock: Lock, database: Database, data_dir: Path, embedder: Embedder, chunk_chars: int) -> None:
        """For :meth:`open`."""
        self._lock = lock
        self._data_dir = data_dir
        self.database = database
        self.embedder = embedder
        self._catalog = Catalog(database)
        self._preparer = Preparer(embedder, chunk_chars)
        self._lexical = Lexical(data_dir / "lexical", self._catalog)
        self._changes = threading.RLock()
        self._cache_lock = threading.Lock()
        self._passages: dict[int, StoredPassage] = {}
        self._sentence_vectors: dict[int, Vectors] = {}
        self._matrices: dict[str, VectorBatch] = {}

    @classmethod
    def open(
        cls,
        data_dir: Path,
        embedder: Embedder,
        *,
        chunk_chars: int = 350,
        chroma_url: str | None = None,
        owner_url: str | None = None,
        rebuild: bool = False,
        progress: Progress | None = None,
    ) -> Library:
        """Take the lock, open or create the library in ``data_dir``, and repair its indexes.

        Args:
            owner_url: where this process can be asked, for those who find the library locked.
            rebuild: cut and embed all documents again first, from the text that the catalogue holds.

        Raises:
            LibraryLocked: another process owns it.
            LibraryBroken: the catalogue is damaged or not ours.
            IndexMismatch: it was built with another embedder or another chunking, and ``rebuild`` is not set.
            LibraryError: a file can't be written, or the Chroma server doesn't answer.
        """
        lock = Lock(data_dir, owner_url)
        try:
            database = Database(data_dir / "library.sqlite3")
            try:
                library = cls(lock, database, data_dir, embedder, chunk_chars)
                library._open_indexes(chroma_url, rebuild, progress)
            except BaseException:
                database.close()
                raise
        except BaseException:
            lock.release()
            raise
        return library

    def _open_indexes(self, chroma_url: str | None, rebuild: bool, progress: Progress | None) -> None:
        self.database.check()
        if rebuild:
            self._rebuild(progress)
        self._check_built()
        self._dense = Dense(self._data_dir / "dense", self._catalog, self._preparer.built, chroma_url)
        self._dense.open(progress)
        self._lexical.open(progress)

    def _check_built(self) -> None:
        others = [built for built in self._catalog.built() if built != self._preparer.built]
        if others:
            raise IndexMismatch(
                f"the library in {self._data_dir} was built with {others[0]!r}, and the settings ask for "
                f"{self._preparer.built!r}; set QA_EMBEDDER and QA_CHUNK_CHARS as they were, "
                "or run `qa ingest --rebuild` to build it again from the texts that it holds"
            )

    def _rebuild(self, progress: Progress | None) -> None:
        """Cut and embed every document again, one transaction each; a killed run is simply run again."""
        for done, info in enumerate(infos := self._catalog.infos()):
            document = self._catalog.document(info.id)
            held = self._catalog.held(info.name)
            title = held.given_title if held else None
            prepared = self._preparer.prepare(RawDocument(info.name, document.text, info.sha256, "utf-8", title))
            indexed = self._preparer.embed([prepared], lambda *_: None)[0]
            self._catalog.put(indexed, self._catalog.reserve(len(indexed.passages)))
            if progress is not None:
                progress(info.name, done + 1, len(infos))

    # Changing

    def ingest(self, documents: Iterable[RawDocument], progress: Progress | None = None) -> IngestReport:
        """Add documents, each wholly or not at all. What is held already costs nothing; what fails doesn't stop others.

        A name whose text (or given title) changed is replaced. A new name with a text that is held already is left out.
        An interrupted run leaves whole documents behind and is completed by running it again.

        Args:
            progress: called with the current document's name, characters done and characters of all documents.

        Raises:
            LibraryError: the library itself failed (disk full, say); documents done by then stay.
        """
        everything = list(documents)
        with self._changes:
            run = _Run(self, progress, sum(len(raw.text) for raw in everything))
            for raw in everything:
                run.take(raw)
            run.flush()
            return run.report

    def remove(self, name_or_id: str) -> DocumentInfo:
        """Remove a document.

        Raises:
            UnknownDocument: there is none of that name or id.
        """
        with self._changes:
            self._catalog.info(name_or_id)
            self._begin()
            info, gone = self._catalog.remove(name_or_id)
            self._forget()
            self._drop(gone)
            self._finish()
        return info

    def _begin(self) -> None:
        self._dense.begin()
        self._lexical.begin()

    def _store(self, documents: Sequence[IndexedDocument]) -> list[bool]:
        """Put documents into the indexes, then into the catalogue, then take what they replace out of the indexes.

        In this order because hits that the catalogue doesn't know are dropped: a search beside this finds a document
        as it was until the moment of its transaction, and as it is from then on.

        Returns:
            for each whether it replaced one.
        """
        self._begin()
        firsts = [self._catalog.reserve(len(document.passages)) for document in documents]
        for document, first in zip(documents, firsts, strict=True):
            _add(self._dense, self._lexical, document, first)
        self._lexical.commit()
        replaced = [self._catalog.held(document.name) is not None for document in documents]
        gone: list[int] = []
        for document, first in zip(documents, firsts, strict=True):
            gone += self._catalog.put(document, first)
            self._forget()
        self._drop(gone)
        return replaced

    def _drop(self, gone: list[int]) -> None:
        if gone:
            self._dense.remove(gone)
            self._lexical.remove(gone)

    def _finish(self) -> None:
        self._dense.finish()
        self._lexical.finish()

    def _forget(self) -> None:
        with self._cache_lock:
            self._passages, self._sentence_vectors, self._matrices = {}, {}, {}

    # Documents and passages

    def documents(self) -> list[DocumentInfo]:
        """Return all documents, by name."""
        return self._catalog.infos()

    def document(self, name_or_id: str) -> Document:
        """Return a document whole.

        Raises:
            UnknownDocument: there is none of that name or id.
        """
        return self._catalog.document(name_or_id)

    def passages(self, ids: Sequence[int]) -> list[StoredPassage]:
        """Return passages in the order of ``ids``; ids of passages that are no more are left out."""
        cache = self._passages
        missing = [id for id in ids if id not in cache]
        found = self._catalog.passages(missing) if missing else {}
        self._keep(cache, found)
        return [passage for id in ids if (passage := found.get(id) or cache.get(id)) is not None]

    def passages_of(self, document_id: str) -> list[StoredPassage]:
        """Return a document's passages in order; none if there is no such document."""
        return self._catalog.passages_of(document_id)

    def sentence_vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors of passages' bare sentences, shape (sentences, dimensions) each.

        Ids of passages that are no more are left out.
        """
        cache = self._sentence_vectors
        missing = [id for id in ids if id not in cache]
        found = self._catalog.sentence_vectors(missing) if missing else {}
        self._keep(cache, found)
        return {id: vectors for id in ids if (vectors := found.get(id, cache.get(id))) is not None}

    def _keep(self, cache: dict[int, object] | dict[int, StoredPassage] | dict[int, Vectors], found: object) -> None:
        with self._cache_lock:
            if len(cache) > _CACHED_PASSAGES:
                cache.clear()
            cache.update(found)  # type: ignore[call-overload]

    # Searching

    def dense(self, vector: Vectors, k: int, documents: Sequence[str] | None = None) -> list[Hit]:
        """Return the ``k`` passages nearest to ``vector`` by cosine, best first; of some documents (ids) when given."""
        vector = dense_index.normalised(vector)
        if k < 1 or self._catalog.count(documents) == 0:
            return []
        if documents is not None and self._catalog.count(documents) < _EXACT_BELOW:
            return dense_index.exact([self._matrix(id) for id in documents], vector, k)
        return self._living(lambda more: self._dense.search(vector, more, documents), k)

    def lexical(self, query: str, k: int, documents: Sequence[str] | None = None) -> list[Hit]:
        """Return the ``k`` best passages by BM25, best first; of some documents (by id) when given."""
        if k < 1:
            return []
        return self._living(lambda more: self._lexical.search(query, more, documents), k)

    def idf(self, terms: Sequence[str]) -> NDArray[np.float64]:
        """Return ln(1 + (N - df + 0.5) / (df + 0.5)) of terms over passages, shape (len(terms),)."""
        return self._lexical.idf(terms)

    def _living(self, search: Callable[[int], list[Hit]], k: int) -> list[Hit]:
        """Return the ``k`` best hits of passages that the catalogue holds."""
        asked = k
        while True:
            hits = search(asked)
            live = self._catalog.live([hit.passage_id for hit in hits])
            kept = [hit for hit in hits if hit.passage_id in live]
            if len(kept) >= k or len(hits) < asked:
                return kept[:k]
            asked *= 2

    def _matrix(self, document: str) -> VectorBatch:
        cache = self._matrices
        batch = cache.get(document)
        if batch is None:
            batch = self._catalog.vectors_of(document)
            with self._cache_lock:
                cache[document] = batch
        return batch

    # About

    @property
    def generation(self) -> int:
        """Counts the changes of the library's content, from 0."""
        return self._catalog.generation

    @property
    def fingerprint(self) -> str:
        """A digest (hex) of the embedder, the chunking, and every document's name and text."""
        content = hashlib.sha256(self._preparer.built.encode())
        for info in self._catalog.infos():
            content.update(f"\n{info.sha256} {info.name}".encode())
        return content.hexdigest()[:32]

    def set_owner_url(self, url: str | None) -> None:
        """Note where this process can be asked, for those who find the library locked."""
        self._lock.set_url(url)

    def close(self) -> None:
        """Close everything and release the lock; once is enough, and again does nothing."""
        with self._changes:
            try:
                self._dense.close()
                self._lexical.close()
                self.database.close()
            finally:
                self._lock.release()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Run:
    """One call of ``ingest``: documents gather until there are enough texts to embed."""

    def __init__(self, library: Library, progress: Progress | None, total: int) -> None:
        self.report = IngestReport()
        self._library = library
        self._progress = progress
        self._done = 0
        self._total = total
        self._waiting: list[Prepared] = []
        self._texts = 0

    def take(self, raw: RawDocument) -> None:
        catalog = self._library._catalog
        if any(raw.name == other.raw.name or raw.sha256 == other.raw.sha256 for other in self._waiting):
            self.flush()
        held = catalog.held(raw.name)
        same = held is not None and held.sha256 == raw.sha256 and held.given_title == raw.title
        if same or (held is None and catalog.has_text(raw.sha256)):
            self.report.unchanged.append(raw.name)
            self._advance(raw.name, len(raw.text))
            return
        try:
            prepared = self._library._preparer.prepare(raw)
        except Exception as error:  # whatever a hostile text brings about is that document's failure alone
            self._fail(raw, error)
            return
        self._waiting.append(prepared)
        self._texts += len(prepared.texts)
        if self._texts >= _BATCH_TEXTS:
            self.flush()

    def flush(self) -> None:
        waiting, self._waiting, self._texts = self._waiting, [], 0
        if not waiting:
            return
        indexed = self._embedded(waiting)
        if not indexed:
            return
        for document, replaced in zip(indexed, self._library._store(indexed), strict=True):
            (self.report.replaced if replaced else self.report.added).append(document.name)
        self._library._finish()

    def _embedded(self, waiting: list[Prepared]) -> list[IndexedDocument]:
        """Embed all together, or one by one when that fails, to find out whose failure it is."""
        chars = sum(len(prepared.raw.text) for prepared in waiting)

        def advance(done: int, texts: int) -> None:
            self._show(waiting[min(done * len(waiting) // texts, len(waiting) - 1)].raw.name, chars * done // texts)

        try:
            indexed = self._library._preparer.embed(waiting, advance)
        except EmbedderError as error:
            if len(waiting) == 1:
                self._fail(waiting[0].raw, error)
                return []
            return [one for prepared in waiting for one in self._embedded([prepared])]
        self._advance(waiting[-1].raw.name, chars)
        return indexed

    def _fail(self, raw: RawDocument, error: Exception) -> None:
        message = str(error) if isinstance(error, VectorStoreError) else f"{type(error).__name__}: {error}"
        self.report.failed.append((raw.name, message))
        self._advance(raw.name, len(raw.text))

    def _advance(self, name: str, chars: int) -> None:
        self._done += chars
        self._show(name, 0)

    def _show(self, name: str, more: int) -> None:
        if self._progress is not None:
            self._progress(name, self._done + more, self._total)


def _add(dense: Dense, lexical: Lexical, document: IndexedDocument, first: int) -> None:
    ids = list(range(first, first + len(document.passages)))
    if not ids:
        return
    owner = document_id(document.name)
    dense.add(VectorBatch(ids, [owner] * len(ids), np.stack([indexed.vector for indexed in document.passages])))
    lexical.add(
        [
            PassageText(id, owner, document.title, indexed.passage.section, indexed.passage.text)
            for id, indexed in zip(ids, document.passages, strict=True)
        ]
    )
