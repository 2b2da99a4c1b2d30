"""Places in a library: they come with a document, survive a rebuild, and go with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.pdf_files import Page, pdf
from vectorstore.errors import LibraryBroken
from vectorstore.library import Library
from vectorstore.places import PagePlace
from vectorstore.reading import RawDocument, read_file

Open = Callable[..., Library]
QUOTE = "新建大棚"


@pytest.fixture
def report(tmp_path: Path) -> RawDocument:
    path = tmp_path / "report.pdf"
    pages = [Page().text(72, 700, "The first page is in English."), Page(), Page().text(72, 700, "全县新建大棚111个。")]
    path.write_bytes(pdf(pages, "0 << /S /r >>"))
    return read_file(path)


def found(library: Library, name: str) -> tuple[PagePlace, ...]:
    document = library.document(name)
    start = document.text.index(QUOTE)
    return library.places(document.info.id, [(start, start + len(QUOTE))])


def test_pages_and_boxes_come_back(open_library: Open, report: RawDocument) -> None:
    library = open_library()
    ingested = library.ingest([report])
    assert ingested.notes == [("report.pdf", "page ii has no text that can be read: empty, or a scan")]
    (place,) = found(library, "report.pdf")
    assert (place.page, place.label, len(place.boxes)) == (3, "iii", 1)
    library.close()
    assert found(open_library(), "report.pdf") == (place,)


def test_a_document_without_pages_has_no_places(open_library: Open, report: RawDocument) -> None:
    library = open_library()
    library.ingest([RawDocument.of("a.txt", report.text)])
    assert found(library, "a.txt") == ()
    assert library.places("no such id", [(0, 1)]) == ()


def test_a_new_version_has_its_own_places(open_library: Open, report: RawDocument) -> None:
    library = open_library()
    library.ingest([report])
    assert found(library, report.name)
    library.ingest([RawDocument.of(report.name, "现在是纯文本：全县新建大棚112个。")])
    assert found(library, report.name) == ()
    library.ingest([report])
    assert [place.label for place in found(library, report.name)] == ["iii"]


def test_places_outlive_a_rebuild(open_library: Open, report: RawDocument) -> None:
    with open_library() as library:
        library.ingest([report])
        before = found(library, report.name)
    assert found(open_library(chunk_chars=100, rebuild=True), report.name) == before


def test_places_go_with_their_document(open_library: Open, report: RawDocument, tmp_path: Path) -> None:
    with open_library() as library:
        library.ingest([report])
        library.remove(report.name)
    with closing(sqlite3.connect(tmp_path / "data" / "library.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM places").fetchone() == (0,)


@pytest.mark.parametrize("change", ["boxes = x'00'", "pages = '{}'", "crc = crc + 1"])
def test_damage_is_found(open_library: Open, report: RawDocument, tmp_path: Path, change: str) -> None:
    with open_library() as library:
        library.ingest([report])
    with closing(sqlite3.connect(tmp_path / "data" / "library.sqlite3")) as connection:
        connection.execute(f"UPDATE places SET {change}")
        connection.commit()
    with pytest.raises(LibraryBroken, match="pages of document"):
        found(open_library(), report.name)
