"""/v1/vector_stores and /v1/files: the documents of the library, searched and read as OpenAI's clients do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal, Protocol, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from qa.api.access import AskRoute, DownloadRoute, RateLimited, chat_of, corpus_of
from qa.api.admission import Admission
from qa.api.openai.routing import openai_errors
from qa.api.openai.stores import LIBRARY, file_of, file_view, search, store_file, store_of, store_view, stores_of
from qa.api.openai.stores_schema import (
    FileList,
    FileObject,
    Found,
    SearchPage,
    SearchRequest,
    StoreFile,
    StoreFileList,
    VectorStore,
    VectorStoreList,
)
from qa.api.service import service_of
from qa.api.streaming import last_event

router = APIRouter(route_class=AskRoute, prefix="/v1", tags=["openai"], responses=openai_errors(401, 403))
whole = APIRouter(route_class=DownloadRoute, prefix="/v1", tags=["openai"], responses=openai_errors(401, 403))
Limit = Annotated[int, Query(ge=1, le=10_000)]
Cursor = Annotated[str | None, Query(max_length=100, description="Id of the last item of the page before.")]
Order = Annotated[Literal["asc", "desc"] | None, Query(description="By name, `asc` or not given.")]


class _Item(Protocol):
    @property
    def id(self) -> str: ...


Listed = TypeVar("Listed", bound=_Item)


def _page(items: Sequence[Listed], limit: int, after: str | None, order: str | None) -> tuple[list[Listed], bool]:
    """Return a page of ``items``, and whether more follow. An ``after`` that is not there begins at the beginning."""
    ordered = list(items)[:: -1 if order == "desc" else 1]
    start = next((place for place, item in enumerate(ordered, 1) if item.id == after), 0)
    return ordered[start : start + limit], start + limit < len(ordered)


def _ends(items: Sequence[_Item]) -> dict[str, Any]:
    return {"first_id": items[0].id if items else None, "last_id": items[-1].id if items else None}


@router.get("/vector_stores", response_model=VectorStoreList, responses=openai_errors(400, 500, 503))
def stores(request: Request, limit: Limit = 20, after: Cursor = None, order: Order = None) -> VectorStoreList:
    """List the vector stores."""
    found = [store_view(store) for store in stores_of(corpus_of(request))]
    data, more = _page(found, limit, after, order)
    return VectorStoreList(data=data, has_more=more, **_ends(data))


@router.get("/vector_stores/{store}", response_model=VectorStore, responses=openai_errors(404, 500, 503))
def store(store: str, request: Request) -> VectorStore:
    """Return a vector store."""
    return store_view(store_of(corpus_of(request), store))


@router.get("/vector_stores/{store}/files", response_model=StoreFileList, responses=openai_errors(400, 404, 500, 503))
def store_files(
    store: str, request: Request, limit: Limit = 20, after: Cursor = None, order: Order = None
) -> StoreFileList:
    """List the documents of a vector store."""
    found = store_of(corpus_of(request), store)
    data, more = _page([store_file(found, info) for info in found.documents], limit, after, order)
    return StoreFileList(data=data, has_more=more, **_ends(data))


@router.get("/vector_stores/{store}/files/{file}", response_model=StoreFile, responses=openai_errors(404, 500, 503))
def one_store_file(store: str, file: str, request: Request) -> StoreFile:
    """Return a document of a vector store."""
    found = store_of(corpus_of(request), store)
    return store_file(found, file_of(found, file))


@router.post(
    "/vector_stores/{store}/search",
    response_model=SearchPage,
    responses=openai_errors(400, 404, 413, 429, 500, 503),
    dependencies=[RateLimited],
)
async def search_store(store: str, body: SearchRequest, request: Request, admit: Admission) -> Response:
    """Find the passages that fit a query best, by words and by meaning."""
    service, chat = service_of(request), chat_of(request)
    found = await run_in_threadpool(store_of, chat.qa.library, store)
    place = admit()
    work = partial(search, chat.qa, found, body.queries, body.filters)
    hits: list[Found] | None = await last_event(request, service.workers.stream(lambda: iter([work()]), place))
    if hits is None:
        return Response(status_code=499)  # the client has disconnected
    least = body.ranking_options.score_threshold if body.ranking_options is not None else None
    kept = [hit for hit in hits[: body.max_num_results] if hit.score >= (least or 0.0)]
    return Response(SearchPage(search_query=body.queries, data=kept).model_dump_json(), media_type="application/json")


@router.get("/files", response_model=FileList, responses=openai_errors(400, 500, 503))
def files(
    request: Request,
    limit: Limit = 10_000,
    after: Cursor = None,
    order: Order = None,
    purpose: Annotated[str | None, Query(max_length=40, description="All are for `assistants`.")] = None,
) -> FileList:
    """List the documents of the library."""
    documents = store_of(corpus_of(request), LIBRARY).documents if purpose in (None, "assistants") else ()
    data, more = _page([file_view(info) for info in documents], limit, after, order)
    return FileList(data=data, has_more=more, **_ends(data))


@router.get("/files/{file}", response_model=FileObject, responses=openai_errors(404, 500, 503))
def one_file(file: str, request: Request) -> FileObject:
    """Return a document."""
    return file_view(file_of(store_of(corpus_of(request), LIBRARY), file))


@whole.get(
    "/files/{file}/content",
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "The raw text; all offsets count its code points. A link with `#char=10,20` (RFC 5147) "
            "means a part of it.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **openai_errors(404, 500, 503),
    },
)
def content(file: str, request: Request) -> PlainTextResponse:
    """Return a document's text."""
    corpus = corpus_of(request)
    return PlainTextResponse(corpus.document_by_id(file_of(store_of(corpus, LIBRARY), file).id).text)
