"""GET /documents/{id}/pages/{n} and {n}.png, and /documents/{id}/places: pages as text and as images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import StringConstraints
from starlette.responses import Response

from qa.api.access import DownloadRoute, corpus_of
from qa.api.caching import is_known
from qa.api.schema import error_responses
from qa.api.schema_pages import LineView, PageSummary, PageView, PlacesView
from qa.api.service import service_of
from qa.types import CitedPlace
from vectorstore.errors import UnknownPage
from vectorstore.page_images import WIDTHS
from vectorstore.places import Places
from vectorstore.types import DocumentInfo

if TYPE_CHECKING:
    from vectorstore.library import Library

router = APIRouter(route_class=DownloadRoute, tags=["documents"], responses=error_responses(401, 403))

_FAILURES = error_responses(404, 422, 500, 503)
_MOST_SPANS = 500
Number = Annotated[int, Path(ge=1, le=1_000_000, description="Counted from 1.")]
SpanText = Annotated[str, StringConstraints(pattern=r"^\d{1,10}-\d{1,10}$")]


@router.get(
    "/documents/{document:path}/pages/{page}.png",
    response_class=Response,
    responses={
        **_FAILURES,
        200: {"content": {"image/png": {}}, "description": "The page as it is shown, after rotation."},
        304: {"description": "`If-None-Match` names the image as it is."},
    },
)
def page_image(
    document: str,
    page: Number,
    request: Request,
    width: Annotated[
        int,
        Query(
            ge=WIDTHS[0],
            le=WIDTHS[-1],
            description="Of the image, in pixels. A very long page is drawn smaller (QA_DRAW_MEGAPIXELS).",
        ),
    ] = 1200,
) -> Response:
    """Return a page of a PDF as an image, where the library has its file (`page_images` of the document)."""
    library, info = _found(document, request)
    _page(library, info, page)
    image = library.page_images.image(info.id, info.name, page, width)
    headers = {"ETag": f'"{image.tag}"', "Cache-Control": "private, no-cache"}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(image.load(), media_type="image/png", headers=headers)


@router.get("/documents/{document:path}/pages/{page}", response_model=PageView, responses=_FAILURES)
def page_text(document: str, page: Number, request: Request) -> PageView:
    """Return the text of a page, slide or sheet, each line with its place on it."""
    library, info = _found(document, request)
    places = _page(library, info, page)
    text = library.text(info)
    lines = [LineView.of(line, text) for line in places.lines(page - 1, text)]
    return PageView(**PageSummary.of(page, places.pages[page - 1]).model_dump(), lines=lines)


@router.get("/documents/{document:path}/places", response_model=PlacesView, responses=_FAILURES)
def places_of_spans(
    document: str,
    request: Request,
    span: Annotated[
        list[SpanText],
        Query(min_length=1, max_length=_MOST_SPANS, description="`START-END`: code points into the raw text."),
    ],
) -> PlacesView:
    """Return where some characters of a document stand, as citations have it in `places`."""
    library, info = _found(document, request)
    pairs = (tuple(map(int, one.split("-"))) for one in span)
    spans = [(start, min(end, info.chars)) for start, end in pairs]
    found = library.places(info.id, spans)
    return PlacesView(places=[CitedPlace.model_validate(place, from_attributes=True) for place in found])


def _found(document: str, request: Request) -> tuple[Library, DocumentInfo]:
    """Return the library, and a document of it that the caller may see."""
    return service_of(request).library, corpus_of(request).document_info(document)


def _page(library: Library, info: DocumentInfo, page: int) -> Places:
    """Return the document's pages, of which ``page`` is one.

    Raises:
        UnknownPage: it isn't.
    """
    places = library.pages(info.id)
    if places is None:
        raise UnknownPage(f"{info.name!r} has no pages: it is one text, which GET /documents/{info.id} returns")
    if page > len(places.pages):
        raise UnknownPage(f"{info.name!r} has {len(places.pages)} pages, and no page {page}")
    return places
