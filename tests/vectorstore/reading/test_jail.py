"""The jail: a file that takes too much fails alone, by the name of its limit, and leaves nothing behind."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest

from tests.support.office_files import archive, docx, paragraph
from tests.support.pdf_files import Page, pdf, raw_pdf, stream
from vectorstore.errors import SourceError, UnreadableSource
from vectorstore.reading import Limits, ReadOptions, read_bytes, read_source
from vectorstore.reading.base import RawDocument


def read(data: bytes, **limits: int) -> list[RawDocument]:
    return read_bytes(data, "file", "file", pytest.fail, ReadOptions(Limits(**limits)))


def heavy(paragraphs: int) -> bytes:
    """Return a small Word file that unpacks to many paragraphs."""
    return docx(paragraph("增长") * paragraphs)


@pytest.fixture(autouse=True)
def leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """No temporary file is left, whatever became of the reading."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def test_too_much_memory(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="QA_READ_MEMORY_MB") as caught:
        read(heavy(1_500_000), memory_mb=250)
    assert str(caught.value).startswith("file ")


def test_too_much_processor_time() -> None:
    with pytest.raises(UnreadableSource, match="1 s \\(QA_READ_CPU_SECONDS\\)"):
        read(heavy(1_000_000), cpu_seconds=1)


def test_too_much_time() -> None:
    started = time.monotonic()
    with pytest.raises(UnreadableSource, match="QA_READ_SECONDS"):
        read(heavy(1_500_000), wall_seconds=1)
    assert time.monotonic() - started < 20


def test_too_much_text() -> None:
    page = Page().lines(72, 700, ["全县新建蔬菜大棚一千二百个"] * 40)
    with pytest.raises(UnreadableSource, match="QA_READ_OUTPUT_MB"):
        read(docx("".join(paragraph(f"{number}" * 900) for number in range(1500))), output_mb=1)
    assert read(pdf([page]), output_mb=1)


def test_an_archive_bomb() -> None:
    data = archive({"word/document.xml": b"<a>" + b" " * 30_000_000, "[Content_Types].xml": "<Types/>"})
    assert len(data) < 100_000
    with pytest.raises(UnreadableSource, match="QA_READ_UNPACKED_MB"):
        read(data, unpacked_mb=10)


def test_elements_inside_elements_without_end() -> None:
    deep = "<w:sdt><w:sdtContent>" * 5000 + "</w:sdtContent></w:sdt>" * 5000
    with pytest.raises(SourceError):
        read(docx(deep))


@pytest.mark.parametrize("cut", [100, 400, 800])
def test_a_file_that_was_cut_off(cut: int) -> None:
    for data in (heavy(50), pdf([Page().text(72, 700, "text")])):
        with pytest.raises(SourceError) as caught:
            read(data[:cut])
        assert str(caught.value).startswith("file ")


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
SELF = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F %d 0 R >> >>"


def hostile_page(entries: bytes) -> bytes:
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R %s >>" % entries


def doubling(depth: int) -> list[bytes]:
    """Return forms of which each shows the next one twice."""
    return [stream(b"/F Do /F Do", SELF % (number + 1)) for number in range(5, 5 + depth)]


HOSTILE = {
    "a stream that unpacks to a gigabyte": [CATALOGUE, PAGES, hostile_page(b""), stream(b" " * 2**28)],
    "a form that shows itself": [
        CATALOGUE, PAGES, hostile_page(b"/Resources << /XObject << /F 5 0 R >> >>"), stream(b"/F Do"),
        stream(b"/F Do", SELF % 5),
    ],
    "forms that double": [
        CATALOGUE, PAGES, hostile_page(b"/Resources << /XObject << /F 5 0 R >> >>"), stream(b"/F Do"), *doubling(26),
    ],
    "a tree of pages that is its own branch": [CATALOGUE, b"<< /Type /Pages /Count 9 /Kids [2 0 R 2 0 R] >>"],
    "a page that is nowhere": [CATALOGUE, b"<< /Type /Pages /Count 1000000000 /Kids [99 0 R] >>"],
    "a page of many kilometres": [
        CATALOGUE, PAGES, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99999999 99999999] /Contents 4 0 R >>",
        stream(b"0 0 m 99999999 99999999 l S " * 50_000),
    ],
    "a path of a million lines": [CATALOGUE, PAGES, hostile_page(b""), stream(b"0 0 m 9 9 l " * 10**6 + b"S")],
    "brackets inside brackets": [CATALOGUE, PAGES, hostile_page(b"/A " + b"[" * 100_000), stream(b"")],
    "no pages": [CATALOGUE, b"<< /Type /Pages /Count 0 /Kids [] >>"],
    "nothing": [CATALOGUE],
}  # fmt: skip


@pytest.mark.parametrize("objects", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pdf_files_end_within_the_limits(objects: list[bytes]) -> None:
    started = time.monotonic()
    with pytest.raises(SourceError) as caught:
        read(raw_pdf(objects), cpu_seconds=5, wall_seconds=60)
    assert str(caught.value).startswith("file ")
    assert time.monotonic() - started < 80


def test_a_bad_file_of_a_folder_fails_alone(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.docx").write_bytes(heavy(1_500_000))
    (folder / "b.pdf").write_bytes(pdf([Page().text(72, 700, "It is read.")]))
    errors: list[SourceError] = []
    documents = read_source(folder, errors.append, ReadOptions(Limits(cpu_seconds=1)))
    assert [document.text for document in documents] == ["It is read."]
    assert [str(error).startswith(str(folder / "a.docx")) for error in errors] == [True]


def test_secrets_of_the_environment_stay_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # What is on the path of Python's modules would be loaded by the other process, if it were told of it.
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert read(docx(paragraph("text")))[0].text == "text"
