"""Pages of documents over HTTP: images, text with places, where characters stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest
from fastapi import FastAPI

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.sessions.keys import Keys
from qa.settings import Settings
from tests.support.pdf_files import Page, pdf
from vectorstore.reading import RawDocument, read_bytes

FIRST = ["The council of Ashford kept its roads open.", "It built twelve bridges over the river."]
PNG = b"\x89PNG\r\n\x1a\n"
Serving = Callable[[FastAPI], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> Iterator[httpx.Client]:
    """A service over a PDF of two pages, one of them rotated, and a text; it asks for a key."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("paged"), answerer="extractive", ranker="linear", keys="on")
    pages = [Page().lines(72, 700, FIRST, 12, 18), Page(rotate=90).text(100, 60, "The second page.", 12, up=True)]
    with open_library(settings) as library:
        library.ingest(read_bytes(pdf(pages, "0 << /S /r >>"), "a/ashford.pdf", "ashford.pdf", pytest.fail))
        library.ingest([RawDocument.of("plain.txt", "There are no pages here, only text.")])
        _, secret = Keys(library.database).add("reader")
        conversations = Conversations(library.database, settings.history_limit)
        with (
            serving(create_app(settings, QA(library, settings), conversations)) as url,
            httpx.Client(base_url=url, headers={"Authorization": f"Bearer {secret}"}, trust_env=False) as client,
        ):
            yield client


@pytest.fixture(scope="module")
def document(paged: httpx.Client) -> str:
    """The PDF's path."""
    return f"/documents/{paged.get('/documents/a/ashford.pdf').json()['id']}"


def test_a_document_says_its_pages(paged: httpx.Client, document: str) -> None:
    found = paged.get(document).json()
    assert found["pages"] == [
        {"page": 1, "label": "i", "width": 595.0, "height": 842.0, "kind": "page"},
        {"page": 2, "label": "ii", "width": 842.0, "height": 595.0, "kind": "page"},
    ]
    assert found["page_images"] is True
    (first, one), (second, two) = found["page_starts"]
    assert (first, one, two) == (0, 1, 2)
    assert found["text"][second:].strip() == "The second page."
    plain = paged.get("/documents/plain.txt").json()
    assert (plain["pages"], plain["page_starts"], plain["page_images"]) == ([], [], False)


def test_a_page_is_an_image_that_need_not_be_sent_twice(paged: httpx.Client, document: str) -> None:
    response = paged.get(f"{document}/pages/1.png", params={"width": 300})
    assert response.headers["content-type"] == "image/png"
    assert response.content.startswith(PNG)
    assert response.headers["cache-control"] == "private, no-cache"
    etag = response.headers["etag"]
    again = paged.get(f"{document}/pages/1.png", params={"width": 300}, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert paged.get(f"{document}/pages/1.png", params={"width": 301}).headers["etag"] != etag
    assert paged.get("/documents/a/ashford.pdf/pages/1.png", params={"width": 300}).content == response.content


def test_the_text_of_a_page_has_its_places(paged: httpx.Client, document: str) -> None:
    text = paged.get(document).json()["text"]
    page = paged.get(f"{document}/pages/1").json()
    assert (page["label"], [line["text"] for line in page["lines"]]) == ("i", FIRST)
    for line, y in zip(page["lines"], (700, 682), strict=True):
        assert text[line["start"] :].startswith(line["text"])
        left, top, right, bottom = line["box"]
        assert (left, right) == (pytest.approx(72, abs=1), pytest.approx(72 + 6 * len(line["text"]), abs=1))
        assert top < 842 - y < bottom
    (line,) = paged.get(f"{document}/pages/2").json()["lines"]
    assert line["box"][0] == pytest.approx(60, abs=1)
    assert line["box"][1] < 100 < line["box"][3]


def test_characters_are_placed(paged: httpx.Client, document: str) -> None:
    start = paged.get(document).json()["text"].index("twelve")
    (place,) = paged.get(f"{document}/places", params={"span": f"{start}-{start + 6}"}).json()["places"]
    assert (place["page"], place["label"], place["page_size"]) == (1, "i", [595.0, 842.0])
    left = 72 + 6 * FIRST[1].index("twelve")
    assert place["boxes"][0][::2] == [pytest.approx(left, abs=1), pytest.approx(left + 36, abs=1)]
    assert paged.get("/documents/plain.txt/places", params={"span": "0-5"}).json() == {"places": []}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("pages/3.png", 404, "unknown_page"),
        ("pages/3", 404, "unknown_page"),
        ("pages/0.png", 422, "invalid_request"),
        ("pages/1.png?width=199", 422, "invalid_request"),
        ("pages/1.png?width=3001", 422, "invalid_request"),
        ("places", 422, "invalid_request"),
        ("places?span=x", 422, "invalid_request"),
        ("../plain.txt/pages/1.png", 404, "unknown_page"),
        ("../nothing.pdf/pages/1.png", 404, "unknown_document"),
    ],
)
def test_what_is_not_there_is_said(paged: httpx.Client, document: str, path: str, status: int, code: str) -> None:
    response = paged.get(f"{document}/{path}")
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_pages_are_for_those_who_may_read_their_document(paged: httpx.Client, document: str) -> None:
    for path in ("pages/1.png", "pages/1", "places?span=0-1"):
        assert httpx.get(f"{paged.base_url}{document}/{path}", trust_env=False).status_code == 401
