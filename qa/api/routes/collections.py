"""/collections: list, make, rename, fill and remove collections of documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request

from qa.api.access import AskRoute, KeyedRoute, caller_of, corpus_of
from qa.api.schema import error_responses
from qa.api.schema_collections import CollectionContent, CollectionList, CollectionName, CollectionView
from qa.api.service import service_of

if TYPE_CHECKING:
    from vectorstore.ingestion.membership import Membership

router = APIRouter(route_class=AskRoute, tags=["collections"], responses=error_responses(401, 403))
manage = APIRouter(route_class=KeyedRoute, tags=["collections"], responses=error_responses(401, 403))


@router.get("/collections", response_model=CollectionList, responses=error_responses(500, 503))
def collections(request: Request) -> CollectionList:
    """List the collections that the caller may see, by name."""
    return CollectionList(collections=[CollectionView.of(one) for one in corpus_of(request).collections()])


def _membership(request: Request) -> Membership:
    caller_of(request).require_everything("collections")
    return service_of(request).library.membership


@manage.post(
    "/collections",
    status_code=201,
    response_model=CollectionView,
    responses=error_responses(400, 413, 422, 500, 503),
)
def add(body: CollectionName, request: Request) -> CollectionView:
    """Make an empty collection."""
    return CollectionView.of(_membership(request).add(body.name))


@manage.patch(
    "/collections/{collection}",
    response_model=CollectionView,
    responses=error_responses(400, 404, 413, 422, 500, 503),
)
def rename(collection: str, body: CollectionName, request: Request) -> CollectionView:
    """Rename a collection, given by id or name. Its documents, and the keys that may see it, stay as they are."""
    return CollectionView.of(_membership(request).rename(collection, body.name))


@manage.delete("/collections/{collection}", status_code=204, responses=error_responses(400, 404, 500, 503))
def remove(collection: str, request: Request) -> None:
    """Remove a collection whose documents are all in others too. A key that was limited to it sees nothing instead."""
    _membership(request).remove(collection)


@manage.put(
    "/collections/{collection}/documents",
    response_model=CollectionView,
    responses=error_responses(400, 404, 413, 422, 500, 503),
)
def fill(collection: str, body: CollectionContent, request: Request) -> CollectionView:
    """Have a collection hold these documents and no others. All of it happens, or nothing."""
    return CollectionView.of(_membership(request).fill(collection, body.documents, body.orphans_to))
