"""GET /documents and GET /documents/{id}: the documents of the library."""

from __future__ import annotations

from fastapi import APIRouter, Request

from qa.api.access import KeyedRoute
from qa.api.schema import DocumentList, DocumentSummary, DocumentView, error_responses
from qa.api.service import service_of

router = APIRouter(route_class=KeyedRoute, tags=["documents"], responses=error_responses(401))


@router.get("/documents", response_model=DocumentList, responses=error_responses(500, 503))
def documents(request: Request) -> DocumentList:
    """List the documents of the library."""
    library = service_of(request).chat.qa.library
    return DocumentList(documents=[DocumentSummary.of(info) for info in library.documents()])


@router.get("/documents/{document:path}", response_model=DocumentView, responses=error_responses(404, 500, 503))
def document(document: str, request: Request) -> DocumentView:
    """Return a document by id or name: raw text, headings, passages, with spans as offsets into the text; its pages."""
    return DocumentView.of_library(service_of(request).chat.qa.library, document)
