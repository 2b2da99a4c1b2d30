"""/documents: list and read those that the caller may see, put them into collections; add, replace and remove them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from qa.api.access import AskRoute, DownloadRoute, KeyedRoute, caller_of, changes_of, corpus_of
from qa.api.routes.jobs import views
from qa.api.schema import DocumentList, DocumentSummary, DocumentView, IdempotencyKey, error_responses
from qa.api.schema_collections import DocumentChange, DocumentsChange
from qa.api.schema_jobs import Accepted, CitedBy, DocumentStatus, Lost, OriginList, OriginView, Removal
from qa.api.service import service_of
from qa.api.uploads import FIELD, FORM, receive
from qa.errors import BadRequest, Forbidden
from vectorstore.changes import Changes, NewFile, checked_name
from vectorstore.errors import BadCollection, UnknownDocument
from vectorstore.storage.collections import Scope
from vectorstore.storage.hashes import document_id

router = APIRouter(route_class=AskRoute, tags=["documents"], responses=error_responses(401, 403))
whole = APIRouter(route_class=DownloadRoute, tags=["documents"], responses=error_responses(401, 403))
manage = APIRouter(route_class=KeyedRoute, tags=["documents"], responses=error_responses(401, 403))

Source = Annotated[
    str | None,
    Header(
        pattern="^watch:[!-~]+$",
        max_length=2000,
        description="`watch:` and a folder, percent-encoded: who follows it may change what came from it.",
    ),
]
_ID = re.compile("[0-9a-f]{16}")
_FILE: dict[str, Any] = {"type": "string", "contentMediaType": "application/octet-stream"}
_FILES: dict[str, Any] = {
    "type": "object",
    "properties": {FIELD: {"type": "array", "items": _FILE, "minItems": 1}},
    "required": [FIELD],
    "additionalProperties": False,
}


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


@manage.post(
    "/documents",
    status_code=202,
    response_model=Accepted,
    responses=error_responses(400, 403, 404, 413, 422, 500, 503),
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": _FILES}}}},
)
async def add(
    request: Request,
    idempotency_key: IdempotencyKey = None,
    collection: Annotated[
        list[str] | None,
        Query(
            max_length=100,
            description="Names or ids: new documents go into these alone; what is there stays in its own too.",
        ),
    ] = None,
) -> Accepted:
    """Add documents: one or more files, all of them or none. One of a name that is there replaces it once it is whole.

    A file's name may hold a path (`2024/report.pdf`). Uploading waits for nothing: the jobs say how far each file is.
    A key that is limited to several collections names one or more of them. It replaces what is in its collections
    alone; the job of a name that is used elsewhere fails.
    """
    service = service_of(request)
    service.require_ready()
    into = await run_in_threadpool(_into, request, collection or ())
    files = [
        replace(file, collections=into) for file in await receive(request, service.changes.spool, service.settings)
    ]
    return await run_in_threadpool(_accepted, changes_of(request), files, _own(idempotency_key, request))


def _into(request: Request, named: Sequence[str]) -> Scope:
    """Return where new documents go: where they are told to, or where documents go of whoever sees one collection."""
    corpus = corpus_of(request)
    if named or caller_of(request).scope is None:
        return corpus.scope(named)
    seen = corpus.collections()
    if not seen:
        raise Forbidden("the collections that this API key is limited to are gone; `qa keys add` makes another key")
    if len(seen) > 1:
        names = ", ".join(one.name for one in seen)
        raise BadRequest(
            f"this API key has several collections ({names}); name one: POST /documents?collection=NAME, or "
            "`qa ingest --collection NAME`"
        )
    return (seen[0].id,)


def _own(key: str | None, request: Request) -> str | None:
    """Return a key that no other caller's can be."""
    return None if key is None else f"{caller_of(request).owner}:{key}"


def _accepted(changes: Changes, files: list[NewFile], key: str | None) -> Accepted:
    try:
        found = changes.ingest(files, key)
    except BaseException:
        for file in files:
            changes.spool.drop(file.received.id)
        raise
    return Accepted(jobs=views(changes, found))


@manage.put(
    "/documents/{document:path}",
    status_code=202,
    response_model=Accepted,
    responses=error_responses(400, 403, 404, 413, 422, 500, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": _FILE}, FORM: {"schema": _FILES}},
        }
    },
)
async def put(
    document: str,
    request: Request,
    idempotency_key: IdempotencyKey = None,
    x_filename: Annotated[
        str | None,
        Header(max_length=2000, description="What the file is called, percent-encoded: may tell its format."),
    ] = None,
    x_source: Source = None,
    x_modified: Annotated[int, Header(ge=0, lt=2**63, description="When it was changed: nanoseconds since 1970.")] = 0,
) -> Accepted:
    """Replace a document, by id or name, with the file that is the body; a name that is not there is added."""
    service, changes = service_of(request), changes_of(request)
    service.require_ready()
    _refuse_folders(request, x_source)
    name, into = await run_in_threadpool(_place, request, document)
    received = await receive(request, changes.spool, service.settings, name)
    files = [replace(file, collections=into) for file in received]
    if x_source is not None:
        files = [replace(file, source=unquote(x_source), modified=x_modified) for file in files]
    return await run_in_threadpool(_accepted, changes, files, _own(idempotency_key, request))


def _place(request: Request, document: str) -> tuple[str, Scope]:
    """Return the name of what is put, and where it goes if it is new; what is there stays where it is."""
    changes = changes_of(request)
    name = _name(changes, document)
    changes.require_alone(name)
    return name, _into(request, ()) if changes.info(name) is None else ()


def _refuse_folders(request: Request, source: str | None) -> None:
    if source is not None:
        caller_of(request).require_everything("watched folders")


def _name(changes: Changes, document: str) -> str:
    try:
        return changes.name_of(document)
    except UnknownDocument:
        if _ID.fullmatch(document):
            raise
        return checked_name(document)


@manage.delete(
    "/documents/{document:path}",
    status_code=202,
    response_model=Removal,
    responses={200: {"model": Removal, "description": "A dry run."}, **error_responses(403, 404, 422, 500, 503)},
)
def remove(
    document: str,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    dry_run: Annotated[bool, Query(description="Only say what would be lost.")] = False,
    x_source: Source = None,
) -> Removal:
    """Remove a document, by id or name, with its earlier versions, and say what is lost."""
    service_of(request).require_ready()
    _refuse_folders(request, x_source)
    changes = changes_of(request)
    name = changes.name_of(document)
    changes.require_alone(name)
    info = changes.info(name)
    lost = Lost(passages=info.passages if info is not None else 0, **changes.cited_by(name)._asdict())
    if dry_run:
        response.status_code = 200
        return Removal(jobs=[], lost=lost)
    if x_source is not None:
        return Removal(jobs=views(changes, [changes.remove_file(name, unquote(x_source))]), lost=lost)
    return Removal(jobs=views(changes, [changes.remove(name, _own(idempotency_key, request))]), lost=lost)


@manage.get(
    "/documents/{document:path}/status", response_model=DocumentStatus, responses=error_responses(404, 500, 503)
)
def status(document: str, request: Request) -> DocumentStatus:
    """Say how far a document is, by id or name: also one that is still on its way."""
    changes = changes_of(request)
    name = changes.name_of(document)
    info, latest = changes.info(name), changes.latest(name)
    return DocumentStatus(
        id=document_id(name),
        name=name,
        state=latest.state if latest is not None else "ready",
        answers_now=info is not None,
        sha256=info.sha256 if info is not None else None,
        source=changes.source_of(name),
        job=views(changes, [latest])[0] if latest is not None else None,
        cited_by=CitedBy(**changes.cited_by(name)._asdict()),
    )


@manage.get("/origins", response_model=OriginList, responses=error_responses(403, 422, 500, 503))
def origins(
    request: Request, source: Annotated[str, Query(max_length=2000, description="`upload`, or `watch:` and a folder.")]
) -> OriginList:
    """List the files that came from a source, and became documents."""
    caller_of(request).require_everything("watched folders")
    found = service_of(request).library.origins.of_source(source)
    return OriginList(origins=[OriginView.model_validate(one._asdict()) for one in found.values()])


@whole.get("/documents/{document:path}", response_model=DocumentView, responses=error_responses(404, 422, 500, 503))
def document(
    document: str,
    request: Request,
    version: Annotated[
        str | None, Query(max_length=64, description="`sha256` of a citation: an earlier version, without passages.")
    ] = None,
) -> DocumentView:
    """Return a document by id or name: its raw text, headings and its passages, with spans as offsets into the text."""
    corpus = corpus_of(request)
    info = corpus.document_info(document)
    into = corpus.collections_of([info.id]).get(info.id, [])
    library = service_of(request).library
    if version not in (None, info.sha256):
        earlier = library.versions.document(info.id, str(version))
        if earlier is None:
            raise UnknownDocument(f"the version {str(version)[:16]!r} of {info.name!r} is not kept")
        return DocumentView.of_earlier(earlier, into)
    return DocumentView.of_library(library, info.id, into)


@manage.patch(
    "/documents/{document:path}",
    response_model=DocumentSummary,
    responses=error_responses(400, 404, 413, 422, 500, 503),
)
def put_into(document: str, body: DocumentChange, request: Request) -> DocumentSummary:
    """Put a document into collections, and out of all others, but for those that the caller may not see."""
    return _placed(request, [document], body.collections)[0]


@manage.patch("/documents", response_model=DocumentList, responses=error_responses(400, 404, 413, 422, 500, 503))
def put_all_into(body: DocumentsChange, request: Request) -> DocumentList:
    """Put several documents, by names or ids, into collections, as `PATCH /documents/{document}` does: all or none."""
    return DocumentList(documents=_placed(request, body.documents, body.collections))


def _placed(request: Request, documents: Sequence[str], collections: Sequence[str]) -> list[DocumentSummary]:
    corpus, membership = corpus_of(request), service_of(request).library.membership
    infos = [corpus.document_info(document, to_change=True) for document in documents]
    wanted = set(corpus.scope(collections))
    if not wanted:
        raise BadCollection("a document is in one collection at least; name it")
    scope = caller_of(request).scope
    placed = {}
    for info in infos:
        hidden = () if scope is None else set(membership.scope_of(info.name)) - set(scope)
        placed[info.id] = sorted(wanted.union(hidden))
    membership.place(placed)
    into = corpus.collections_of(list(placed))
    return [DocumentSummary.of(info, into.get(info.id, [])) for info in infos]
