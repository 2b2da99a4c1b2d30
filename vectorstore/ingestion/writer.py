"""Changes the library: finds out which documents are new, and updates the catalogue and its indexes in a safe order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from vectorstore.errors import EmbedderError, LibraryError, SharedDocument, SourceError, VectorStoreError
from vectorstore.indexes.dense import Dense
from vectorstore.indexes.derived import Progress
from vectorstore.indexes.lexical import Lexical
from vectorstore.ingestion.prepare import Prepared, Preparer
from vectorstore.ingestion.swaps import Swaps
from vectorstore.injection import orders_of
from vectorstore.reading import RawDocument
from vectorstore.storage.catalog import Catalog, unknown_document
from vectorstore.storage.collections import Scope, refusal
from vectorstore.storage.hashes import document_id
from vectorstore.storage.records import (
    DocumentText,
    Held,
    IndexedDocument,
    PassageText,
    VectorBatch,
    passage_texts,
)
from vectorstore.storage.scoped import collect
from vectorstore.types import DocumentInfo

ORDERS = "{count} of its sentences give orders to AI assistants and are left out of answers, such as: {first}"
_SHOWN = 80
_PORTION = 50_000  # characters; so much (about 150 passages) is embedded and stored together if documents are short
Fence = Callable[[Sequence[str]], None]
"""Called in the transaction of a change, before it, with the names of the documents that are stored or removed; raises
when the change may not be made any more."""


@dataclass
class IngestReport:
    """What happened to each document, by name, in order."""

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    """In the library already: the same text under this name, or under another one."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Name and reason. Nothing of these was stored; an earlier document of that name is still there."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """Name of a document that was added or replaced, and what could not be read of it."""


class Writer:
    """Changes the catalogue and its two indexes, from one thread at a time."""

    def __init__(
        self,
        catalog: Catalog,
        preparer: Preparer,
        dense: Dense,
        lexical: Lexical,
        swaps: Swaps,
        forget: Callable[[], None],
    ) -> None:
        """``forget`` is called after each change, to drop what is cached of the catalogue."""
        self._catalog = catalog
        self._preparer = preparer
        self._dense = dense
        self._lexical = lexical
        self._swaps = swaps
        self._forget = forget

    def ingest(
        self,
        documents: Iterable[RawDocument],
        progress: Progress | None,
        into: Scope | None = None,
        within: Scope | None = None,
        fence: Fence | None = None,
    ) -> IngestReport:
        """See :meth:`vectorstore.library.Library.ingest`; ``into``: ids of its collections."""
        everything = list(documents)
        self._dense.expect()
        run = _Run(self._catalog, self._preparer, progress, sum(len(raw.text) for raw in everything))
        run.into, run.within = into or within, within
        with self._changing() as begin:
            for indexed in run.indexed(everything):
                with self._catalog.changing():
                    new = run.still_new(indexed)
                    if not new:
                        continue
                    begin()
                    stored = self._store(new, into, within, fence)
                for document, replaced in zip(new, stored, strict=True):
                    (run.report.replaced if replaced else run.report.added).append(document.name)
        self._add_to(into, within, run.report.unchanged)
        return run.report

    def collect(self, placed: Mapping[str, Scope]) -> None:
        """Put each document, by id, into its collections, and out of all others: all of them or none.

        Raises:
            UnknownDocument
        """
        with self._changing() as begin, self._catalog.changing():
            begin()
            texts = collect(self._catalog, placed)
            try:
                self._forget()
                self._lexical.put(texts)
            except BaseException:
                self._lexical.distrust()  # it has as many passages as the catalogue, and so would pass for whole
                raise

    def _add_to(self, into: Scope | None, within: Scope | None, names: Sequence[str]) -> None:
        """Put documents that were there before into further collections."""
        for name in names if into else ():
            with self._catalog.changing():
                held = self._catalog.held(name) and self._catalog.collections_of(name)
                if into and held and not set(into) <= set(held) and refusal(name, held, within) is None:
                    self.collect({document_id(name): tuple(sorted({*held, *into}))})

    def remove(self, name: str, fence: Fence | None = None, within: Scope | None = None) -> DocumentInfo:
        """See :meth:`vectorstore.library.Library.remove_named`."""
        if self._catalog.held(name) is None:
            raise unknown_document(name)
        with self._changing() as begin, self._catalog.changing():
            begin()
            with self._swaps.swapping():
                with self._catalog.transaction():
                    if fence is not None:
                        fence([name])
                    self._refuse_others(name, within)
                    info, gone = self._catalog.remove(name)
                self._forget()
            self._drop(gone)
        return info

    def _refuse_others(self, name: str, within: Scope | None) -> None:
        why = refusal(name, self._catalog.collections_of(name), within)
        if why is not None:
            raise why if isinstance(why, SharedDocument) else unknown_document(name)

    def rebuild(self, progress: Progress | None) -> None:
        """Cut and embed every document again, from its text in the catalogue; the indexes are not touched.

        A document changes whole or not at all; a run that was killed is simply run again.

        Raises:
            LibraryError: a document can't be cut any more; those before it are done.
            EmbedderError: the embedder failed.
        """
        infos = self._catalog.infos()
        done = 0
        for portion in _portions(infos, lambda info: info.chars):
            documents = self._preparer.embed([self._again(info) for info in portion], _nobody)
            with self._catalog.transaction():
                self._catalog.put(documents, self._catalog.reserve(sum(len(one.passages) for one in documents)))
            self._forget()
            done += len(portion)
            if progress is not None:
                progress(portion[-1].name, done, len(infos))
        self._preparer.forget_others()

    def _again(self, info: DocumentInfo) -> Prepared:
        """Prepare a document that the catalogue holds."""
        held = self._catalog.held(info.name)
        text, title = self._catalog.document(info.name).text, held.given_title if held else None
        places = self._catalog.places_of(info.id)
        try:
            return self._preparer.prepare(RawDocument(info.name, text, info.sha256, "utf-8", title, places))
        except Exception as error:
            raise LibraryError(f"document {info.name!r} can't be built again: {error}") from error

    @contextmanager
    def _changing(self) -> Iterator[Callable[[], None]]:
        """Give a function that marks the indexes as being changed.

        At the end, even of a failed run, the changes are marked as done.
        """
        begun = False

        def begin() -> None:
            nonlocal begun
            begun = True
            self._dense.begin()
            self._lexical.begin()

        def finish() -> None:
            if begun:
                self._dense.finish()
                self._lexical.finish()

        try:
            yield begin
        except BaseException:
            with suppress(LibraryError):
                finish()
            raise
        finish()

    def _store(
        self, documents: Sequence[IndexedDocument], into: Scope | None, within: Scope | None, fence: Fence | None
    ) -> list[bool]:
        """Put documents into the indexes, then into the catalogue, then take what they replace out of the indexes.

        In this order because searches drop hits that the catalogue doesn't know: a concurrent search finds the old
        document until the transaction commits, and the new one from then on.

        Returns:
            for each whether it replaced one.
        """
        held = self._catalog.all_held([document.name for document in documents])
        replaced = [document.name in held for document in documents]
        documents = [
            replace(one, collections=self._collections_of(one.name, into if was_there else into or within, was_there))
            for one, was_there in zip(documents, replaced, strict=True)
        ]
        first = self._catalog.reserve(sum(len(document.passages) for document in documents))
        ranges: list[range] = []
        for document in documents:
            start = ranges[-1].stop if ranges else first
            ranges.append(range(start, start + len(document.passages)))
        gone: list[int] = []
        try:
            self._dense.add(_vectors(documents, ranges))
            self._lexical.add(_texts(documents, ranges))
            with self._swaps.swapping() if any(replaced) else nullcontext():
                with self._catalog.transaction():
                    if fence is not None:
                        fence([document.name for document in documents])
                    gone = self._catalog.put(documents, first)
                self._forget()
        except BaseException:
            new = [id for ids in ranges for id in ids]
            with suppress(LibraryError):  # what failed may have come after the commit, or be the commit's answer alone
                is_committed = bool(self._catalog.places(new)[0])
                self._drop(gone if is_committed else new)
            raise
        self._drop(gone)
        return replaced

    def _collections_of(self, name: str, into: Scope | None, was_there: bool) -> Scope:
        held = self._catalog.collections_of(name) if was_there or not into else ()
        return tuple(sorted({*held, *(into or ())}))

    def _drop(self, ids: Sequence[int]) -> None:
        if ids:
            self._dense.remove(ids)
            self._lexical.remove(ids)


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...


class _Known(NamedTuple):
    """What the catalogue holds of some documents."""

    held: dict[str, Held]
    """By name."""
    texts: set[str]
    """Hashes of the texts that are held, of those whose names aren't."""

    def is_copy(self, one: _Named) -> bool:
        """Whether a new name's text is there already."""
        return one.name not in self.held and one.sha256 in self.texts

    def has(self, one: _Named, title: str | None) -> bool:
        """Whether a document is there already, or, when its name is new, its text is."""
        held = self.held.get(one.name)
        return one.sha256 in self.texts if held is None else (held.sha256, held.given_title) == (one.sha256, title)


class _Run:
    """One call of ``ingest``: skips known documents, and gathers new ones until there are enough to embed."""

    def __init__(self, catalog: Catalog, preparer: Preparer, progress: Progress | None, total: int) -> None:
        self.into: Scope | None = None
        self.within: Scope | None = None
        self.report = IngestReport()
        self._catalog = catalog
        self._preparer = preparer
        self._progress = progress
        self._done = 0
        self._total = total

    def indexed(self, documents: Iterable[RawDocument]) -> Iterator[list[IndexedDocument]]:
        """Yield batches of documents ready for the catalogue; each must be stored before the next is asked for."""
        for portion in _portions(documents, lambda raw: len(raw.text)):
            prepared: list[Prepared] = []
            known = self._look_up(portion)
            for raw in portion:
                if known.is_copy(raw) and any(one.raw.name in known.held for one in prepared):
                    yield self._embedded(prepared)  # one of them may replace the text that it is a copy of
                    prepared, known = [], self._look_up(portion)
                if (one := self._prepared(raw, known)) is not None:
                    prepared.append(one)
            if prepared:
                yield self._embedded(prepared)

    def _look_up(self, documents: Sequence[_Named]) -> _Known:
        held = self._catalog.all_held([one.name for one in documents])
        others = [one.sha256 for one in documents if one.name not in held]
        return _Known(held, self._catalog.texts_held(others, self.into))

    def _prepared(self, raw: RawDocument, known: _Known) -> Prepared | None:
        """Return a document ready to be embedded, or None when it is held already or fails."""
        if raw.name in known.held and (why := self._refusal(raw.name)) is not None:
            self._fail(raw, why)
            return None
        try:
            if known.has(raw, raw.title):
                if raw.name in known.held:
                    self._catalog.keep_original(raw.name, raw.original)
                self.report.unchanged.append(raw.name)
                self._advance(raw)
                return None
            prepared = self._preparer.prepare(raw)
        except LibraryError:
            raise
        except Exception as error:  # a bad text must fail its own document and no other
            self._fail(raw, error)
            return None
        self.report.notes += [(raw.name, note) for note in raw.notes]
        if orders := orders_of(prepared.passages):
            self.report.notes.append((raw.name, ORDERS.format(count=len(orders), first=orders[0][:_SHOWN])))
        return prepared

    def still_new(self, documents: Sequence[IndexedDocument]) -> list[IndexedDocument]:
        """Return which documents are to be stored; another process may have done some since they were prepared."""
        known = self._look_up(documents)
        new = []
        for document in documents:
            if document.name in known.held and (why := self._refusal(document.name)) is not None:
                self.report.failed.append((document.name, str(why)))
            elif known.has(document, document.given_title):
                self.report.unchanged.append(document.name)
            else:
                new.append(document)
        return new

    def _refusal(self, name: str) -> SourceError | None:
        return refusal(name, self._catalog.collections_of(name), self.within)

    def _embedded(self, waiting: list[Prepared]) -> list[IndexedDocument]:
        """Embed all together; if that fails, one by one, to find out which documents fail."""
        chars = sum(len(prepared.raw.text) for prepared in waiting)

        def advance(done: int, texts: int) -> None:
            current = waiting[min(done * len(waiting) // texts, len(waiting) - 1)]
            self._show(current.raw.name, chars * done // texts)

        try:
            indexed = self._preparer.embed(waiting, advance)
        except EmbedderError as error:
            if len(waiting) == 1:
                self._fail(waiting[0].raw, error)
                return []
            return [document for prepared in waiting for document in self._embedded([prepared])]
        self._done += chars
        self._show(waiting[-1].raw.name, 0)
        return indexed

    def _fail(self, raw: RawDocument, error: Exception) -> None:
        message = str(error) if isinstance(error, VectorStoreError) else f"{type(error).__name__}: {error}"
        self.report.failed.append((raw.name, message))
        self._advance(raw)

    def _advance(self, raw: RawDocument) -> None:
        self._done += len(raw.text)
        self._show(raw.name, 0)

    def _show(self, name: str, more: int) -> None:
        if self._progress is not None:
            self._progress(name, self._done + more, self._total)


Item = TypeVar("Item", bound=_Named)


def _portions(documents: Iterable[Item], chars: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Divide documents into portions of about the same length, none with a name or a text twice."""
    portion: list[Item] = []
    length = 0
    for document in documents:
        again = any(document.name == other.name or document.sha256 == other.sha256 for other in portion)
        if again or length >= _PORTION:
            yield portion
            portion, length = [], 0
        portion.append(document)
        length += chars(document)
    if portion:
        yield portion


def _vectors(documents: Sequence[IndexedDocument], ranges: Sequence[range]) -> VectorBatch:
    rows = [
        (id, document_id(document.name), indexed.vector)
        for document, ids in zip(documents, ranges, strict=True)
        for id, indexed in zip(ids, document.passages, strict=True)
    ]
    matrix = np.stack([vector for _, _, vector in rows]) if rows else np.empty((0, 0), dtype=np.float32)
    return VectorBatch([id for id, _, _ in rows], [owner for _, owner, _ in rows], matrix)


def _texts(documents: Sequence[IndexedDocument], ranges: Sequence[range]) -> Iterator[PassageText]:
    for document, ids in zip(documents, ranges, strict=True):
        passages = [
            (id, indexed.passage.section, indexed.passage.text)
            for id, indexed in zip(ids, document.passages, strict=True)
        ]
        owner = DocumentText(document_id(document.name), document.name, document.title, document.collections)
        yield from passage_texts(owner, passages)


def _nobody(done: int, texts: int) -> None:
    """Report to nobody: the default."""
