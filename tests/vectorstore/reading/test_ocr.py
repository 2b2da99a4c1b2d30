"""Pages that are pictures: which they are, what is recognised on them, and where; without the extra, what is said."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.support.pdf_files import Page, pdf
from tests.support.pictures import LEFT, PITCH, TOP, picture, scan
from vectorstore.changes import Changes, NewFile
from vectorstore.errors import EmptySource, UnreadableSource
from vectorstore.library import Library
from vectorstore.reading import RawDocument, ReadOptions, read_bytes, read_source
from vectorstore.reading.base import Source
from vectorstore.reading.limits import OcrOptions
from vectorstore.reading.pdf import PdfReader
from vectorstore.reading.recognised import RecognisedLine, RecognisedPage
from vectorstore.storage.hashes import document_id
from vectorstore.storage.jobs import UNFINISHED

needs_ocr = pytest.mark.skipif(find_spec("rapidocr") is None, reason="needs the extra ocr")
LINES = [
    "The county built 1,200 greenhouses in the year 2023 and kept the",
    "old ones open. The office counted 847 letters of thanks and answered",
    "all of them within a week of the day on which they came.",
]
TEXT = " ".join(LINES)
POINT = 150 / 72
"""Pixels."""


def read(data: bytes, name: str, options: ReadOptions = ReadOptions()) -> RawDocument:  # noqa: B008
    (document,) = read_bytes(data, name, name, pytest.fail, options)
    return document


def line(text: str, x: float, y: float, width: float = 10.0, height: float = 12.0) -> RecognisedLine:
    return RecognisedLine(text, tuple((x + width * i, y, x + width * (i + 1), y + height) for i in range(len(text))))


def of_page(*lines: RecognisedLine) -> RawDocument:
    """Return a scan of one page as it is read when these lines are recognised on it."""
    page = RecognisedPage(595.2, 432.0, lines)
    assert RecognisedPage.load(page.dump()) == page
    source = Source(scan([[]]), "a.pdf", "a.pdf", ReadOptions(ocr=OcrOptions()), {0: page})
    (document,) = PdfReader().read(source, pytest.fail)
    return document


class TestWithoutTheExtra:
    def test_a_scan_is_refused_and_a_page_that_is_one_is_named(self) -> None:
        with pytest.raises(EmptySource, match=r"no text on its 1 pages.*pip install 'report-qa\[ocr\]'"):
            read(scan([LINES]), "a.pdf")
        document = read(scan([LINES], stamp="Received 3 May"), "a.pdf")
        assert document.text == "Received 3 May"
        assert document.unread == (0,)
        assert document.notes == ("page 1 has no text that can be read: empty, or a scan",)

    def test_a_picture_is_refused_by_name_and_passed_over_in_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "chart.PNG").write_bytes(picture(LINES))
        (tmp_path / "notes.txt").write_text("Some notes.", "utf-8")
        with pytest.raises(UnreadableSource, match=r"chart.PNG is a picture: pip install"):
            read_source(tmp_path / "chart.PNG")
        assert [document.name for document in read_source(tmp_path)] == ["notes.txt"]


class TestLayout:
    def test_lines_become_paragraphs_with_a_box_for_each_character(self) -> None:
        document = of_page(line("全县新建蔬菜大棚一千二百个，带动农户", 60, 100.0), line("三千户。", 60, 121.3))
        assert document.text == "全县新建蔬菜大棚一千二百个，带动农户三千户。"
        assert document.places is not None
        start = document.text.index("一千")
        (place,) = document.places.of_spans([(start, start + 4)])
        assert place.boxes == ((140.0, 100.0, 180.0, 112.0),)
        assert (document.notes, document.unread) == ((), ())

    def test_blanks_are_those_that_were_recognised_and_a_larger_line_is_a_heading(self) -> None:
        text = "It has1 words, and some more of them here"
        document = of_page(line("Roads", 60, 60, 14, 20), line(text, 60, 100, 6), line("and there.", 60, 118, 6))
        assert document.text == f"## Roads\n\n{text} and there." or document.text == f"# Roads\n\n{text} and there."

    def test_rows_whose_figures_have_units_are_a_table(self) -> None:
        rows = [["Test", "Result", "Range"], ["Glucose", "118 mg/dL", "70-100 mg/dL"], ["TSH", "2.4 mIU/L", "0.4-4.0"]]
        cells = [line(text, 60 + 150 * x, 100 + 20 * y, 6) for y, row in enumerate(rows) for x, text in enumerate(row)]
        document = of_page(*cells)
        assert "| Test | Result | Range |\n| --- | --- | --- |\n| Glucose | 118 mg/dL | 70-100 mg/dL |" in document.text

    def test_a_mark_in_the_margin_does_not_part_the_lines_beside_it(self) -> None:
        lines = [line("全县新建蔬菜大棚一千二百个带动农户", 60, 100 + 20 * number) for number in range(8)]
        document = of_page(*lines, line("14（二）", 260, 140))
        assert document.text.count("\n\n") == 0


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ocr")


@pytest.fixture(scope="module")
def progress() -> list[tuple[str, int, int]]:
    return []


@pytest.fixture(scope="module")
def options(cache: Path, progress: list[tuple[str, int, int]]) -> ReadOptions:
    return ReadOptions(ocr=OcrOptions(cache), progress=lambda *told: progress.append(told))


@pytest.fixture(scope="module")
def document(options: ReadOptions) -> RawDocument:
    return read(scan([LINES, LINES[:1]], stamp="p."), "a.pdf", options)


@needs_ocr
class TestRecognition:
    def test_the_text_of_each_page_and_the_place_of_each_character(
        self, document: RawDocument, progress: list[tuple[str, int, int]]
    ) -> None:
        assert document.text.count("1,200 greenhouses in the year 2023") == 2
        assert TEXT in document.text
        assert (document.notes, document.unread) == ((), ())
        assert document.places is not None
        start = document.text.index("847 letters")
        (place,) = document.places.of_spans([(start, start + len("847 letters"))])
        assert (place.page, place.page_size) == (1, (595.2, 432.0))
        ((left, top, right, bottom),) = place.boxes
        assert top - 4 < (TOP + PITCH) / POINT < (TOP + PITCH + 32) / POINT < bottom + 4
        assert LEFT / POINT + 150 < left < right < LEFT / POINT + 340
        assert progress == [("a.pdf", 0, 2), ("a.pdf", 1, 2)]

    def test_a_picture_that_was_read_before_is_not_read_again(
        self, document: RawDocument, cache: Path, options: ReadOptions
    ) -> None:
        assert "1,200" in document.text
        for path in cache.glob("*/*"):
            known = zlib.decompress(path.read_bytes()).decode()
            path.write_bytes(zlib.compress(known.replace("1,200", "9,999").encode()))
        again = read(scan([LINES[:1]], stamp="p."), "b.pdf", options)
        assert again.text.count("9,999 greenhouses") == 1

    def test_a_page_that_takes_too_long_is_left_out_alone(self, options: ReadOptions) -> None:
        hasty = replace(options, ocr=OcrOptions(None, page_seconds=0))
        document = read(scan([LINES], stamp="Received 3 May"), "a.pdf", hasty)
        assert document.text == "Received 3 May"
        assert document.unread == (0,)
        assert "page 1 was not read: it takes longer than the limit of 0 s (QA_OCR_PAGE_SECONDS)" in document.notes[1]

    @pytest.mark.parametrize("make", [picture, lambda lines: picture(lines, "TIFF")], ids=["png", "tiff"])
    def test_a_picture_is_a_document_of_one_page(
        self, make: Callable[[list[str]], bytes], options: ReadOptions
    ) -> None:
        document = read(make(LINES), "a.png", options)
        assert document.text == TEXT
        assert document.places is not None
        assert [(page.label, page.width, page.height) for page in document.places.pages] == [("1", 595.2, 432.0)]

    def test_a_page_without_text_stays_one_of_those_that_were_not_read(self, options: ReadOptions) -> None:
        data = pdf([Page().lines(72, 700, LINES), Page()])
        document = read(data, "a.pdf", options)
        assert document.text == TEXT
        assert document.notes == ("page 2 has no text that can be read: empty, or a scan",)

    def test_an_upload_is_read_as_well_and_its_job_counts_the_pages(self, tmp_path: Path, embedder: Any) -> None:
        with Library.open(tmp_path, embedder, lazy=True) as library:
            changes = Changes(library, tmp_path, ReadOptions(ocr=OcrOptions()))
            with changes.spool.receiving() as folder:
                (folder / "file").write_bytes(scan([LINES[:1]]))
                (job,) = changes.ingest([NewFile("a.pdf", changes.spool.keep(folder / "file"))])
            changes.worker.start()
            told = set()
            while (now := changes.jobs.get(job.id)) is not None and now.state in UNFINISHED:
                told.add((now.state, now.total))
                threading.Event().wait(0.01)
            changes.worker.stop()
            assert now is not None
            assert (now.state, now.reason) == ("ready", None)
            assert ("reading", 1) in told
            assert library.document("a.pdf").text.count("1,200 greenhouses") == 1
            assert library.page_images.are_there(document_id("a.pdf"))
