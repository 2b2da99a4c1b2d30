"""/documents: what the library holds of what the caller may see, and in which collections it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from qa.api.access import AskRoute, DownloadRoute, KeyedRoute, caller_of, corpus_of
from qa.api.schema import DocumentList, DocumentSummary, DocumentView, error_responses
from qa.api.schema_collections import DocumentChange
from qa.api.service import service_of
from vectorstore.errors import BadCollection

router = APIRouter(route_class=AskRoute, tags=["documents"], responses=error_responses(401, 403))
whole = APIRouter(route_class=DownloadRoute, tags=["documents"], responses=error_responses(401, 403))
manage = APIRouter(route_class=KeyedRoute, tags=["documents"], responses=error_responses(401, 403))


@router.get("/documents", response_model=DocumentList, responses=error_responses(404, 422, 500, 503))
def documents(
    request: Request,
    collection: Annotated[str | None, Query(max_length=200, description="Name or id: only its documents.")] = None,
) -> DocumentList:
    """List the documents of the library, or of one of its collections."""
    corpus = corpus_of(request)
    if collection is not None:
        corpus = corpus.within(corpus.scope([collection]))
    infos = corpus.documents()
    into = corpus_of(request).collections_of([info.id for info in infos])
    return DocumentList(documents=[DocumentSummary.of(info, into.get(info.id, [])) for info in infos])


@whole.get("/documents/{document:path}", response_model=DocumentView, responses=error_responses(404, 500, 503))
def document(document: str, request: Request) -> DocumentView:
    """Return a document by id or name: its raw text, headings and its passages, with spans as offsets into the text."""
    corpus = corpus_of(request)
    found = corpus.document(document)
    id = found.info.id
    return DocumentView.of_document(found, corpus.passages_of(id), corpus.collections_of([id]).get(id, []))


@manage.patch(
    "/documents/{document:path}",
    response_model=DocumentSummary,
    responses=error_responses(400, 404, 413, 422, 500, 503),
)
def change(document: str, body: DocumentChange, request: Request) -> DocumentSummary:
    """Put a document into collections, and out of all others, but for those that the caller may not see."""
    corpus, membership = corpus_of(request), service_of(request).library.membership
    info = corpus.document_info(document)
    wanted = set(corpus.scope(body.collections))
    if not wanted:
        raise BadCollection("a document is in one collection at least; name it")
    scope = caller_of(request).scope
    hidden = () if scope is None else set(membership.scope_of(info.name)) - set(scope)
    membership.put([info.id], sorted(wanted.union(hidden)))
    return DocumentSummary.of(info, corpus.collections_of([info.id]).get(info.id, []))
