"""The files that documents were read from: kept with their documents, once each, and gone with the last of them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.pdf_files import Page, pdf, raw_pdf
from vectorstore.errors import LibraryBroken, UnknownPage, UnreadableSource
from vectorstore.library import Library
from vectorstore.original import PART, Original
from vectorstore.reading import Limits, RawDocument, ReadOptions, read_bytes, read_source
from vectorstore.reading.base import Source
from vectorstore.reading.jail import draw_in_jail
from vectorstore.storage.tables import delete, func, original_parts, originals, select, update

Open = Callable[..., Library]
LINES = ["The council of Ashford built twelve bridges.", "It planted three hundred oak trees along the canal."]


def written(path: Path, *lines: str) -> Path:
    path.write_bytes(pdf([Page().lines(72, 700, lines or LINES), Page(rotate=90).text(72, 700, "The second page.")]))
    return path


def parts(library: Library) -> int:
    return int(library.database.rows(select(func.count()).select_from(original_parts))[0][0])


def image(library: Library, name: str, page: int = 1, width: int = 300) -> bytes:
    info = library.document_info(name)
    return library.page_images.image(info.id, info.name, page, width).load()


def size_of(png: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, once its checksums are known to be right."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(png[at + 4 : at + 8 + length])
        at += 12 + length
    width, height = struct.unpack_from(">II", png, 16)
    return width, height


def test_pages_are_drawn_once_and_gone_with_their_document(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    path = written(tmp_path / "ashford.pdf")
    assert library.ingest(read_source(path)).added == ["ashford.pdf"]
    path.unlink()  # the library has it
    first = image(library, "ashford.pdf")
    assert size_of(first) == (300, pytest.approx(300 * 842 / 595, abs=2))
    assert size_of(image(library, "ashford.pdf", page=2)) == (300, pytest.approx(300 * 595 / 842, abs=2))
    with library.database.transaction() as connection:
        connection.execute(delete(original_parts))
    assert image(library, "ashford.pdf") == first  # from the disk
    with pytest.raises(LibraryBroken, match="not whole"):
        image(library, "ashford.pdf", width=400)
    assert list((tmp_path / "data" / "pages").iterdir())
    library.remove("ashford.pdf")
    assert list((tmp_path / "data" / "pages").iterdir()) == []


def test_a_file_is_kept_once_and_as_long_as_a_document_has_it(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    data = b"\0" * PART + b"end"
    one, other = (RawDocument.of(name, f"{name} has a text.") for name in ("one", "other"))
    library.ingest([replace(raw, original=Original.of(data)) for raw in (one, other)])
    assert parts(library) == 2
    library.ingest([replace(RawDocument.of("one", "A new text."), original=Original.of(b"new"))])
    assert parts(library) == 3
    library.close()
    library = open_library(rebuild=True)
    assert parts(library) == 3
    library.remove("other")
    assert parts(library) == 1
    library.ingest([RawDocument.of("one", "A text without a file.")])
    assert parts(library) == 0
    assert library.database.rows(select(originals)) == []


def test_a_document_from_before_gets_its_file_when_it_is_ingested_again(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    (raw,) = read_source(written(tmp_path / "ashford.pdf"))
    library.ingest([replace(raw, original=None)])
    with pytest.raises(UnknownPage, match="ingest it again"):
        image(library, "ashford.pdf")
    generation = library.generation
    assert library.ingest([raw]).unchanged == ["ashford.pdf"]
    assert library.generation == generation
    assert image(library, "ashford.pdf")


def test_a_file_that_changed_while_it_was_read_fails_alone(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    (raw,) = read_source(written(tmp_path / "ashford.pdf"))
    written(tmp_path / "ashford.pdf", "Another text.")
    report = library.ingest([raw, RawDocument.of("other", "It stays.")])
    assert report.added == ["other"]
    assert report.failed == [("ashford.pdf", f"{tmp_path / 'ashford.pdf'} changed while it was read; ingest it again")]


def test_a_damaged_file_is_noticed(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.ingest(read_source(written(tmp_path / "ashford.pdf")))
    with library.database.transaction() as connection:
        connection.execute(update(original_parts).values(data=b"%PDF-1.4 another"))
    with pytest.raises(LibraryBroken, match="checksum"):
        image(library, "ashford.pdf")


def test_the_images_on_the_disk_are_bounded(open_library: Open, tmp_path: Path) -> None:
    library = open_library()
    library.ingest(read_source(written(tmp_path / "ashford.pdf")))
    library.page_images.configure(ReadOptions(), 0)
    assert image(library, "ashford.pdf")
    folder = tmp_path / "data" / "pages"
    assert not folder.exists()
    library.page_images.configure(ReadOptions(), 1)
    folder.mkdir()
    sha256 = library.database.rows(select(originals.c.sha256))[0][0]
    for number in range(3):
        (folder / f"{sha256}-{number}-old.png").write_bytes(b"\0" * 400_000)
    image(library, "ashford.pdf", width=500)
    left = list(folder.iterdir())
    assert sum(path.stat().st_size for path in left) <= 0.8 * 2**20
    assert [path.name for path in left if "-1-500-" in path.name]


def test_a_locked_file_is_not_kept() -> None:
    data = pdf([Page().lines(72, 700, LINES)], password="secret")
    (raw,) = read_bytes(data, "a.pdf", "a.pdf", pytest.fail, ReadOptions(password="secret"))
    assert raw.original is None


def test_an_attachment_or_a_text_has_none() -> None:
    (raw,) = read_bytes(b"Only text here.", "a.txt", "a.txt", pytest.fail)
    assert raw.original is None


KILOMETRES = [
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 1000 200000] /Contents 4 0 R >>",
    b"<< /Length 27 >> stream\n0 0 m 1000 200000 l S     \nendstream",
]


def drawn(data: bytes, page: int = 1, width: int = 1000, **limits: int) -> bytes:
    return draw_in_jail(Source(data, "a.pdf", "a.pdf", ReadOptions(Limits(**limits))), page, width)


def test_an_image_has_no_more_pixels_than_the_limit() -> None:
    width, height = size_of(drawn(raw_pdf(KILOMETRES), draw_megapixels=2))
    assert 1.9e6 < width * height <= 2.1e6


def test_what_cannot_be_drawn_says_why() -> None:
    with pytest.raises(UnknownPage, match=r"a\.pdf has 1 pages, and no page 2"):
        drawn(raw_pdf(KILOMETRES), page=2)
    with pytest.raises(UnreadableSource, match=r"a\.pdf can't be read as a PDF"):
        drawn(b"%PDF-1.4 nothing")
    with pytest.raises(UnreadableSource, match="QA_READ_MEMORY_MB"):
        drawn(raw_pdf(KILOMETRES), draw_megapixels=200, memory_mb=300)
