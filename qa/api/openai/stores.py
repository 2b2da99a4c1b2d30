"""Vector stores over the library: which there are, the documents of each, and searching one.

There is one store, the library as a whole. What else divides it is one more entry of ``stores_of``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from qa.api.openai.filters import attributes_of, check, matches
from qa.api.openai.stores_schema import FileCounts, FileObject, Found, FoundText, StoreFile, VectorStore
from qa.errors import BadRequest, UnknownDocumentAsked, UnknownVectorStore
from qa.types import PassageHit
from vectorstore.types import DocumentInfo

if TYPE_CHECKING:
    from qa.pipeline import QA
    from vectorstore.corpus import Corpus

LIBRARY = "vs_library"
"""Id of the store that holds all documents."""
MOST_STORES = 100
"""That one question may name."""
BYTES_PER_CHAR = 3


@dataclass(frozen=True, slots=True)
class Store:
    """A set of documents."""

    id: str
    name: str
    documents: Sequence[DocumentInfo]
    whole: bool
    """Whether it is the library as a whole."""


def stores_of(corpus: Corpus) -> list[Store]:
    """Return the stores, the library as a whole first."""
    return [Store(LIBRARY, "library", corpus.documents(), whole=True)]


def store_of(corpus: Corpus, id: str) -> Store:
    """Return a store.

    Raises:
        UnknownVectorStore
    """
    return _one_of(stores_of(corpus), id)


def _one_of(known: Sequence[Store], id: str) -> Store:
    for store in known:
        if store.id == id:
            return store
    raise UnknownVectorStore(
        f"there is no vector store {id[:64]!r}; there is {', '.join(repr(store.id) for store in known)}"
    )


def file_of(store: Store, id: str) -> DocumentInfo:
    """Return a document of a store, by its id.

    Raises:
        UnknownDocumentAsked
    """
    for info in store.documents:
        if info.id == id:
            return info
    raise UnknownDocumentAsked(f"there is no file {id[:64]!r} in {store.id!r}; GET /v1/files lists what there is")


def scope_of(corpus: Corpus, tool: Mapping[str, Any] | None, documents: Sequence[str] | None) -> Sequence[str] | None:
    """Return the documents that a question is to be answered from; None for all.

    Args:
        tool: the tool ``file_search`` of a request, which chooses stores and filters.
        documents: the request's own choice, which goes first.

    Raises:
        UnknownVectorStore, BadRequest
    """
    if tool is None or documents is not None:
        return documents
    ids = tool.get("vector_store_ids") or [LIBRARY]
    if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
        raise BadRequest("vector_store_ids of the tool file_search is a list of ids; GET /v1/vector_stores has them")
    if len(ids) > MOST_STORES:
        raise BadRequest(f"vector_store_ids of the tool file_search has {len(ids)} ids; {MOST_STORES} are the most")
    known = stores_of(corpus)
    chosen = [_one_of(known, id) for id in dict.fromkeys(ids)]
    filters = tool.get("filters")
    if filters is None and any(store.whole for store in chosen):
        return None
    return list(dict.fromkeys(info.name for store in chosen for info in _filtered(store.documents, filters)))


def search(qa: QA, store: Store, queries: Sequence[str], filters: Mapping[str, Any] | None) -> list[Found]:
    """Return the passages of a store that fit the queries best; those of several queries take turns.

    Raises:
        BadQuestion, BadRequest
    """
    documents = list(_filtered(store.documents, filters))
    scope = None if store.whole and filters is None else [info.name for info in documents]
    if not documents:
        return []
    by_id = {info.id: info for info in documents}
    turns = zip_longest(*(qa.search(query, scope) for query in queries))
    hits = {(hit.document_id, tuple(hit.spans)): hit for turn in turns for hit in turn if hit is not None}
    return [
        _found(hit, by_id[hit.document_id], rank)
        for rank, hit in enumerate(hits.values(), 1)
        if hit.document_id in by_id
    ]


def _filtered(documents: Iterable[DocumentInfo], filters: Mapping[str, Any] | None) -> Iterable[DocumentInfo]:
    """Return the documents that fit the filters; raises BadRequest where they are none, or too many."""
    if filters is None:
        return documents
    check(filters)
    return [info for info in documents if matches(attributes_of(info), filters)]


def _found(hit: PassageHit, info: DocumentInfo, rank: int) -> Found:
    return Found(
        file_id=hit.document_id,
        filename=hit.document,
        score=round(1.0 / rank, 6),
        attributes=attributes_of(info) | {"section": hit.section},
        content=[FoundText(text=hit.text)],
        spans=hit.spans,
    )


def store_view(store: Store) -> VectorStore:
    """Return a store as OpenAI shows it."""
    added = [_seconds(info) for info in store.documents]
    count = len(store.documents)
    return VectorStore(
        id=store.id,
        name=store.name,
        created_at=min(added, default=0),
        last_active_at=max(added, default=0),
        file_counts=FileCounts(completed=count, total=count),
        usage_bytes=sum(info.chars for info in store.documents) * BYTES_PER_CHAR,
    )


def store_file(store: Store, info: DocumentInfo) -> StoreFile:
    """Return a document of a store as OpenAI shows it."""
    return StoreFile(
        id=info.id,
        created_at=_seconds(info),
        vector_store_id=store.id,
        usage_bytes=info.chars * BYTES_PER_CHAR,
        attributes=attributes_of(info),
    )


def file_view(info: DocumentInfo) -> FileObject:
    """Return a document as OpenAI shows a file."""
    return FileObject(id=info.id, bytes=info.chars * BYTES_PER_CHAR, created_at=_seconds(info), filename=info.name)


def _seconds(info: DocumentInfo) -> int:
    return int(datetime.fromisoformat(info.added).timestamp())
