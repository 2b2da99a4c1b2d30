"""The library: documents in, passages out. The package's entry point for everything that answers questions."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Ids
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from vectorstore.embeddings import Embedder
from vectorstore.embeddings.cache import VectorCache
from vectorstore.embeddings.languages import gap, moved
from vectorstore.errors import EmbedderError, IndexBroken, IndexMismatch, LibraryError
from vectorstore.indexes.dense import Dense, normalised
from vectorstore.indexes.derived import Progress
from vectorstore.indexes.directory import Directory
from vectorstore.indexes.following import Follower, FollowingLexical
from vectorstore.indexes.lexical import Lexical
from vectorstore.indexes.search import Searcher
from vectorstore.ingestion.membership import Membership
from vectorstore.ingestion.prepare import Preparer
from vectorstore.ingestion.swaps import SharedSwaps, Swaps
from vectorstore.ingestion.writer import Fence, IngestReport, Writer
from vectorstore.injection import Screened, screened, shipped
from vectorstore.page_images import PageImages
from vectorstore.places import PagePlace, Places
from vectorstore.reading import RawDocument
from vectorstore.scoped import Parts, ScopedLibrary, Scopes
from vectorstore.storage.cache import Cache, Remembered
from vectorstore.storage.catalog import CHECKED, Catalog
from vectorstore.storage.changelog import ChangeLog
from vectorstore.storage.collections import Scope
from vectorstore.storage.database import Database
from vectorstore.storage.lock import Lock, read_owner
from vectorstore.storage.origins import Origins
from vectorstore.storage.place import place, refuse_orphans
from vectorstore.storage.records import Vectors
from vectorstore.storage.scoped import ScopedCatalog
from vectorstore.storage.versions import Versions
from vectorstore.text.language import Language
from vectorstore.text.words import asked_in, normalise
from vectorstore.types import Collection, Document, DocumentInfo, Hit, Span, StoredPassage

log = logging.getLogger("vectorstore.library")

_QUESTIONS = 64  # texts; the steps of one question need the same ones
_REPAIR_SECONDS = 30.0  # between two tries to repair an index that a search found broken
_REPAIR_TRIES = 10
_REPAIR_WAIT = 1.0  # seconds, for a change at hand to end; then the search is tried again

Result = TypeVar("Result")

__all__ = ["IngestReport", "Library", "Progress", "read_owner"]


class Library:
    """One process's open library. Threads may share it: they see a document as it was before a change, or after.

    With Postgres and a Chroma server, any number of processes open it side by side, each with a data directory of its
    own, which holds its lexical index.
    """

    def __init__(
        self,
        lock: Lock,
        database: Database,
        data_dir: Path,
        embedder: Embedder,
        chunk_chars: int,
        chroma_url: str | None,
        shared: bool,
    ) -> None:
        """For :meth:`open`."""
        self.database = database
        self.shared = shared
        """Whether other processes may use, and change, the library too."""
        self.embedder = embedder
        self.versions = Versions(database)
        self.origins = Origins(database)
        self._lock = lock
        self._data_dir = data_dir
        self._catalog = Catalog(database)
        self._preparer = Preparer(embedder, chunk_chars, VectorCache(database))
        self._dense = Dense(data_dir / "dense", self._catalog, self._preparer.built, chroma_url, shared)
        self._lexical = Lexical(data_dir / "lexical", self._catalog)
        self.swaps = Swaps()
        self._follower: Follower | None = None
        if shared:
            log = ChangeLog(database)
            self._lexical = following = FollowingLexical(data_dir / "lexical", self._catalog, log, self._forget)
            self._follower = Follower(following)
            self.swaps = SharedSwaps(log)
        self._writer = Writer(self._catalog, self._preparer, self._dense, self._lexical, self.swaps, self._forget)
        self._searcher = Searcher(self._catalog, self._dense, self._lexical)
        self.directory = Directory(self._catalog, self._lexical, self._repairing)
        self._changes = threading.RLock()
        self.membership = Membership(self._catalog, self._writer, self._changes, self._forget)
        self._repair_after = 0.0
        self._cache = Cache()
        self.page_images = PageImages(self._catalog, data_dir / "pages")
        """Images of the pages of documents whose files are kept."""
        self._questions = Remembered[str, Vectors](_QUESTIONS)
        parts = Parts(self._dense, self._lexical, lambda: self._cache, self._repairing, self._digest, self.within)
        self._scopes = Scopes(lambda scope: ScopedLibrary(self, ScopedCatalog(database, self._catalog, scope), parts))

    @classmethod
    def open(
        cls,
        data_dir: Path,
        embedder: Embedder,
        *,
        chunk_chars: int = 350,
        database_url: str | None = None,
        chroma_url: str | None = None,
        owner_url: str | None = None,
        rebuild: bool = False,
        lazy: bool = False,
        progress: Progress | None = None,
    ) -> Library:
        """Take the lock, open or create the library in ``data_dir``, and repair its indexes.

        Args:
            chunk_chars: longest passage.
            database_url: of a Postgres database that holds the catalogue; without it, a SQLite file in ``data_dir``.
            chroma_url: of a Chroma server; without it Chroma runs in this process.
            owner_url: where this process can be asked, for those who find the library locked.
            rebuild: cut and embed all documents again first, from the texts that the catalogue holds.
            lazy: start an embedded Chroma only when it is needed or :meth:`warm_up` is called; until then a small
                library's vectors are compared one by one, which finds the same passages.

        Raises:
            LibraryLocked: another process owns it; with ``rebuild``, also when others share it.
            LibraryBroken: the catalogue is damaged or not ours.
            IndexMismatch: it was built with another embedder or another chunking, and ``rebuild`` is not set.
            LibraryError: a file can't be written, or the Chroma server doesn't answer.
        """
        lock = Lock(data_dir, owner_url)
        try:
            if database_url is None:
                refuse_orphans(data_dir)
            database = Database(place(data_dir, database_url))
            try:
                shared = database_url is not None and chroma_url is not None
                database.own(shared=shared and not rebuild)
                database.check(CHECKED)
                library = cls(lock, database, data_dir, embedder, chunk_chars, chroma_url, shared)
                library._open_indexes(rebuild, lazy, progress)
            except BaseException:
                database.close()
                raise
        except BaseException:
            lock.release()
            raise
        return library

    def _open_indexes(self, rebuild: bool, lazy: bool, progress: Progress | None) -> None:
        if rebuild:
            self._writer.rebuild(progress)
            self.database.own(self.shared)
        self._check_built()
        if not self.shared and self._catalog.shared_build is not None:
            self._catalog.share_build(None)  # it does not follow what this process changes
        try:
            self._dense.open(progress, lazy=lazy)
            self._lexical.open(progress)
        except BaseException:
            self._dense.close()
            raise

    def _check_built(self) -> None:
        others = [built for built in self._catalog.built() if built != self._preparer.built]
        if others:
            raise IndexMismatch(
                f"the library in {self._data_dir} was built with {others[0]!r}, and the settings ask for "
                f"{self._preparer.built!r}; set QA_EMBEDDER and QA_CHUNK_CHARS as they were, "
                "or run `qa ingest --rebuild` to build it again from the texts that it holds"
            )

    # Changing

    def ingest(
        self,
        documents: Iterable[RawDocument],
        progress: Progress | None = None,
        collections: Sequence[str] | None = None,
        within: Scope | None = None,
        fence: Fence | None = None,
    ) -> IngestReport:
        """Add documents, each wholly or not at all. Known ones are skipped, and one that fails doesn't stop the others.

        A document whose text (or given title) changed is replaced. A new name for a text that is there already is left
        out. An interrupted run leaves whole documents behind; running it again completes it.

        Args:
            progress: called with the current document's name, characters done and characters of all documents.
            collections: names or ids of those to put the documents into; ones that are there already stay in theirs
                too. Without it, new documents go into the default collection, or into all of ``within``.
            within: ids of the collections that the caller may see; documents that are elsewhere, too, are not
                replaced, and fail.
            fence: called in each transaction before it changes documents, with their names; what it raises undoes that
                transaction, and what it writes is committed with it.

        Raises:
            LibraryError: the library itself failed (disk full, say); documents done by then stay.
            UnknownCollection: one isn't there, or not in ``within``; nothing was changed.
        """
        with self._changes:
            into = None if collections is None else self.membership.scope(collections, within)
            return self._writer.ingest(documents, progress, into, within, fence)

    def remove(self, name_or_id: str, fence: Fence | None = None, within: Scope | None = None) -> DocumentInfo:
        """Remove a document; returns what it was. ``fence`` and ``within``: as ``ingest`` has them.

        Raises:
            UnknownDocument: there is none of that name or id, in ``within``.
            AmbiguousDocument: the name is another's id.
            SharedDocument: it is elsewhere, too.
        """
        with self._changes:
            return self._writer.remove(self._catalog.info(name_or_id, to_change=True).name, fence, within)

    def remove_named(self, name: str, fence: Fence | None = None, within: Scope | None = None) -> DocumentInfo:
        """Remove the document of that name, as ``remove`` does: never one of that id."""
        with self._changes:
            return self._writer.remove(name, fence, within)

    def settle_later(self) -> None:
        """Let changes give way to questions, and leave to :meth:`settle` what takes longer the larger a library is.

        Whoever changes it calls that.
        """
        self._lexical.settles_later = True
        self._dense.gives_way = True

    def settle(self) -> None:
        """Do what changes left for later; where a library is shared, each process's follower does.

        Raises:
            LibraryError: the database or an index failed.
        """
        if not self.shared:
            with self._changes:
                self._lexical.settle()

    def _forget(self) -> None:
        self._cache = Cache()
        self.page_images.forget_others()

    # Collections

    def collections(self) -> list[Collection]:
        """Return all collections, by name; ``membership`` changes them."""
        return self.membership.all()

    def collections_of(self, document_ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the names of documents' collections, by document id."""
        return self.membership.names(document_ids)

    def scope(self, collections: Sequence[str]) -> Scope:
        """Return the ids of some collections, given by names or ids.

        Raises:
            UnknownCollection
        """
        return self.membership.scope(collections)

    def within(self, scope: Scope) -> ScopedLibrary:
        """Return the part of the library that is in any of some collections, given by ids; others hold nothing."""
        return self._scopes.of(scope)

    # Documents and passages

    def documents(self) -> list[DocumentInfo]:
        """Return all documents, by name: for a list of them; ``directory`` looks some up."""
        return self._catalog.infos()

    def document_info(self, name_or_id: str, to_change: bool = False) -> DocumentInfo:
        """Return a document's entry: that of the name, where the name is another's id.

        Raises:
            UnknownDocument: there is none of that name or id.
            AmbiguousDocument: it is ``to_change``, and the name is another's id.
        """
        return self._catalog.info(name_or_id, to_change)

    def document(self, name_or_id: str) -> Document:
        """Return a document whole; its passages are those of ``passages_of``.

        Raises:
            UnknownDocument: there is none of that name or id.
        """
        return self._without_orders(self._catalog.document(name_or_id))

    def document_by_id(self, id: str) -> Document:
        """Return the document of that id whole: where an id is known, another document may have it as its name.

        Raises:
            UnknownDocument: there is none of that id.
        """
        return self._without_orders(self._catalog.document_by_id(id))

    def _without_orders(self, document: Document) -> Document:
        found = self._screened([stored.id for stored in document.passages]).values()
        orders = tuple(sorted(span for one in found for span in one.orders))
        return replace(document, passages=tuple(one.stored for one in found if one.kept), orders=orders)

    def text(self, info: DocumentInfo) -> str:
        """Return a document's raw text.

        Raises:
            UnknownDocument: it was removed meanwhile.
        """
        return self._catalog.text(info)

    def places(self, document_id: str, spans: Iterable[Span]) -> tuple[PagePlace, ...]:
        """Return on which pages, and where on them, some characters of a document stand; nothing where it has no pages.

        Args:
            spans: in the document's raw text.
        """
        known = self.pages(document_id)
        return known.of_spans(spans) if known is not None else ()

    def pages(self, document_id: str) -> Places | None:
        """Return a document's pages, and where its characters stand on them; None where it has no pages."""
        return self._cache.places.some([document_id], self._places_of).get(document_id)

    def _places_of(self, ids: Sequence[str]) -> dict[str, Places]:
        found = {id: self._catalog.places_of(id) for id in ids}
        return {id: places for id, places in found.items() if places is not None}

    def passages(self, ids: Sequence[int], having: str = "") -> list[StoredPassage]:
        """Return passages in the order of ``ids``, without orders to whoever answers.

        Ids of passages that are no more, or are nothing but such orders, are left out.

        Args:
            having: a text in normal form; passages without it are left out, which is told before orders are looked for.
        """
        if having:
            read = self._read(ids)
            ids = [id for id in ids if id in read and having in normalise(read[id].passage.text)]
        known = self._screened(ids)
        return [known[id].stored for id in ids if id in known and known[id].kept]

    def passages_of(self, document_id: str, most: int | None = None) -> list[StoredPassage]:
        """Return a document's passages in order, as ``passages`` does; none if there is no such document.

        Args:
            most: how many are wanted; None for all.
        """
        return self.passages([stored.id for stored in self._catalog.passages_of(document_id, most)])

    def sentence_vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors of passages' bare sentences, shape (sentences, dimensions) each; not to be written to.

        The sentences are those of ``passages``. Ids of passages that are no more are left out.
        """
        known = self._cache.vectors.some(ids, self._catalog.vectors.of_both)
        screened = self._screened(ids)
        return {
            id: vectors if len(screened[id].kept) == len(vectors) else vectors[list(screened[id].kept)]
            for id, (_, vectors) in known.items()
            if id in screened
        }

    def _screened(self, ids: Sequence[int]) -> dict[int, Screened]:
        return self._cache.passages.some(ids, self._screen)

    def _screen(self, ids: Sequence[int]) -> dict[int, Screened]:
        found = self._read(ids)
        return dict(zip(found, screened(list(found.values()), shipped()), strict=True))

    def _read(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        return self._cache.stored.some(ids, self._catalog.passages)

    def passage_vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors of passages in context, shape (dimensions,) each; not to be written to.

        Ids of passages that are no more are left out.
        """
        known = self._cache.vectors.some(ids, self._catalog.vectors.of_both)
        return {id: vector for id, (vector, _) in known.items()}

    # Searching

    def question_vectors(self, texts: Sequence[str], language: Language | None = None) -> Vectors:
        """Return the vectors of questions, shape (len(texts), dimensions): at least one, each embedded once.

        Embedding takes most of a question's time, and its steps need the same few texts. Asking for all of them at once
        spreads them over the cores.

        Args:
            language: of the passages that they are compared with; a question in the other one is moved to where it
                would lie if it had been asked in this one, see ``vectorstore.embeddings.languages``.

        Raises:
            EmbedderError: the embedder failed.
        """
        found = self._questions.some(
            texts, lambda missing: dict(zip(missing, self.embedder.encode(missing, "query"), strict=True))
        )
        vectors = np.stack([found[text] for text in texts])
        if language is not None:
            away = [asked_in(text) not in (None, language) for text in texts]
            vectors[away] = moved(vectors[away], self._between_languages, language)
        return vectors

    @cached_property
    def _between_languages(self) -> Vectors:
        return gap(self.embedder)

    def dense(
        self, vector: Vectors, k: int, documents: Sequence[str] | None = None, without: Ids[str] = ()
    ) -> list[Hit]:
        """Return the ``k`` passages nearest to ``vector`` by cosine, best first, ties by document and place.

        Args:
            vector: a question's, shape (dimensions,), of any length but 0.
            documents: ids of the documents to search in; None for all.
            without: ids of documents to leave out; a few of all are named faster so than all the others.

        Raises:
            ValueError: the vector isn't one of this library's embedder.
            LibraryError: Chroma failed.
        """
        vector = normalised(vector, self.embedder.dimensions)
        return self._repairing(lambda: self._searcher.dense(self._cache, vector, k, documents, without))

    def lexical(self, query: str, k: int, documents: Sequence[str] | None = None, without: Ids[str] = ()) -> list[Hit]:
        """Return the ``k`` best passages by BM25 over text, section and title, best first, ties by document and place.

        Args:
            documents: ids of the documents to search in; None for all.
            without: ids of documents to leave out; a few of all are named faster so than all the others.

        Raises:
            LibraryError: tantivy failed.
        """
        return self._repairing(lambda: self._searcher.lexical(query, k, documents, without))

    def idf(self, terms: Sequence[str]) -> NDArray[float64]:
        """Return ln(1 + (N - df + 0.5) / (df + 0.5)) of terms over the passages' texts, shape (len(terms),)."""
        return self._repairing(lambda: self._lexical.idf(terms))

    def check(self) -> None:
        """Search both indexes, as a question would.

        Raises:
            LibraryError: no question can be answered now.
        """
        for vector in self._catalog.vectors.sample(1).values():
            self.dense(vector, 1)
        self.lexical("a", 1)

    def _repairing(self, search: Callable[[], Result]) -> Result:
        """Return what ``search`` returns; if an index fails, build it again from the catalogue and search once more.

        A small library is searched without the dense index as long as that can't be built.

        Raises:
            LibraryError: that didn't help, or was tried a moment ago, or the library is being changed for longer.
        """
        for _ in range(_REPAIR_TRIES):
            with suppress(IndexBroken):
                return search()
            if self._changes.acquire(timeout=_REPAIR_WAIT):
                break  # else a change goes on, which may take hours, and repairs the index itself in between
        else:
            return search()
        try:
            if self._dense.is_open:
                with suppress(IndexBroken):  # whoever comes second finds it repaired
                    return search()
            if time.monotonic() >= self._repair_after:
                self._repair_after = time.monotonic() + _REPAIR_SECONDS
                try:
                    self._dense.reopen()
                    self._lexical.open()
                    self._repair_after = 0.0
                except LibraryError as error:
                    log.warning("the indexes can't be built again now: %s", error)
            return search()
        finally:
            self._changes.release()

    # About

    @property
    def generation(self) -> int:
        """Counts the changes of the library's content, from 0."""
        return self._catalog.generation

    @property
    def fingerprint(self) -> str:
        """A digest (hex) of the embedder, the chunking, and every document's name and text."""
        return self._digest(self.documents())

    def _digest(self, documents: Sequence[DocumentInfo]) -> str:
        content = hashlib.sha256(self._preparer.built.encode())
        for info in documents:
            content.update(f"\n{info.sha256} {info.title} {info.name}".encode())
        return content.hexdigest()[:32]

    def set_owner_url(self, url: str | None) -> None:
        """Note where this process can be asked, for those who find the library locked."""
        self._lock.set_url(url)

    def warm_up(self) -> None:
        """Start what a lazy opening left for later, and follow what other processes change.

        Raises:
            LibraryError: Chroma failed.
        """
        with self._changes:
            self._dense.ensure_open()
        with suppress(EmbedderError):  # the first question that needs it tries again, and says so
            _ = self._between_languages
        if self._follower is not None:
            self._follower.start()

    def close(self) -> None:
        """Close everything and release the lock. Calling it again does nothing."""
        if self._follower is not None:
            self._follower.stop()
        with self._changes:
            try:
                self._dense.close()
                self._lexical.close()
            finally:
                self.database.close()
                self._lock.release()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
