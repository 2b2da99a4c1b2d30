"""What every reader promises, whatever the format. A new format adds its sample file to ``MADE``."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.support.office_files import docx, eml, epub, paragraph, pptx, rtf, shape, xlsx
from tests.support.pdf_files import Page, pdf
from vectorstore.errors import EmptySource, NoDocuments, SourceError, UnreadableSource
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.reading import SUFFIXES, read_file, read_source
from vectorstore.reading.base import Reader, Source
from vectorstore.reading.registry import READERS, reader_of
from vectorstore.types import cut

TEXT = ("全镇新建蔬菜大棚111个，带动农户77户增收。", "The office answered 1,001 letters in March.")
NAME = "报告 2023"


def html(paragraphs: tuple[str, ...]) -> bytes:
    return f"<html><body>{''.join(f'<p>{escape(text)}</p>' for text in paragraphs)}</body></html>".encode()


def slides(paragraphs: tuple[str, ...]) -> bytes:
    return pptx(["".join(shape([text], top) for top, text in enumerate(paragraphs))])


def page(paragraphs: tuple[str, ...]) -> bytes:
    first = Page()
    for number, text in enumerate(paragraphs):
        first.text(72, 700 - 40 * number, text)
    return pdf([first])


MADE: dict[str, Callable[[tuple[str, ...]], bytes]] = {
    "plain text": lambda paragraphs: "\n\n".join(paragraphs).encode(),
    "JSON Lines": lambda paragraphs: json.dumps({"id": NAME, "text": "\n\n".join(paragraphs)}).encode(),
    "PDF": page,
    "Word": lambda paragraphs: docx("".join(map(paragraph, paragraphs))),
    "Rich Text Format": lambda paragraphs: rtf("".join(rf"\pard {text}\par" for text in paragraphs)),
    "PowerPoint": slides,
    "spreadsheet": lambda paragraphs: xlsx({"A": [[text] for text in paragraphs]}),
    "EPUB": lambda paragraphs: epub(["".join(f"<p>{text}</p>" for text in paragraphs)], NAME),
    "HTML": html,
    "e-mail": lambda paragraphs: eml("", "\n\n".join(paragraphs)),
    "table as text": lambda paragraphs: "\n".join(f'"{text}"' for text in paragraphs).encode(),
}
"""By reader: what makes a file of paragraphs."""
BY_NAME = ("plain text", "JSON Lines", "table as text")
"""Readers of formats that no content tells from the others."""


WITH_TEXT = [reader for reader in READERS if not reader.needs_ocr]
"""Those of pictures are tested in ``test_ocr.py``."""


@pytest.fixture(params=WITH_TEXT, ids=lambda reader: reader.name)
def reader(request: pytest.FixtureRequest) -> Reader:
    found: Reader = request.param
    return found


@pytest.fixture
def path(tmp_path: Path, reader: Reader) -> Path:
    return tmp_path / f"{NAME}{reader.suffixes[0]}"


def made(reader: Reader, paragraphs: tuple[str, ...] = TEXT) -> bytes:
    return MADE[reader.name](paragraphs)


def test_suffixes_are_in_lower_case_and_one_readers_each(reader: Reader) -> None:
    assert reader.suffixes
    for suffix in reader.suffixes:
        assert suffix.startswith(".")
        assert suffix == suffix.lower()
        assert [other.name for other in READERS if suffix in other.suffixes] == [reader.name]
        assert (suffix in SUFFIXES) is not reader.is_collection


def test_a_file_comes_back_with_its_text(path: Path, reader: Reader) -> None:
    path.write_bytes(made(reader))
    document = read_file(path)
    assert document.name == (NAME if reader.is_collection else path.name)
    assert document.notes == ()
    for text in TEXT:
        assert document.text.count(text) == 1
    assert document.text.index(TEXT[0]) < document.text.index(TEXT[1])


def test_the_process_of_its_own_reads_the_same(path: Path, reader: Reader) -> None:
    path.write_bytes(made(reader))
    (direct,) = reader.read(Source(path.read_bytes(), path.name, str(path)), pytest.fail)
    document = read_file(path)
    assert replace(document, original=None) == direct
    assert (document.original is not None) is reader.keeps_original


def test_passages_are_made_of_the_texts_own_characters(path: Path, reader: Reader) -> None:
    path.write_bytes(made(reader))
    text = read_file(path).text
    passages = chunk(repair(text))
    assert passages
    for passage in passages:
        assert cut(text, passage.spans) == passage.text
        for sentence in passage.sentences:
            assert cut(text, sentence.spans) == sentence.text


def test_the_hash_is_of_the_text_alone(reader: Reader) -> None:
    first, other, changed = (
        reader.read(Source(made(reader, paragraphs), name, name), pytest.fail)[0]
        for paragraphs, name in ((TEXT, "a"), (TEXT, "b"), ((*TEXT, "More."), "c"))
    )
    assert first.sha256 == other.sha256 != changed.sha256


def test_the_suffix_finds_the_reader_in_any_case(path: Path, reader: Reader) -> None:
    data = made(reader)
    assert reader_of(path.name, data) is reader
    assert reader_of(path.name.upper(), data) is reader


@pytest.mark.parametrize("name", ["report.pdf", "report.docx", "report.txt", "report.xyz", "report"])
@pytest.mark.parametrize("reader", [r for r in WITH_TEXT if r.name not in BY_NAME], ids=lambda reader: reader.name)
def test_content_finds_the_reader_whatever_the_name(reader: Reader, name: str) -> None:
    data = made(reader)
    assert reader.identifies(data)
    assert reader_of(name, data) is reader
    assert [other.name for other in READERS if other.identifies(data)] == [reader.name]


def test_a_file_without_a_text_is_refused(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises((EmptySource, NoDocuments)) as caught:
        read_source(path)
    assert str(caught.value).startswith(str(path))


def test_an_empty_text_is_refused(path: Path, reader: Reader) -> None:
    path.write_bytes(made(reader, (" ",)))
    with pytest.raises(EmptySource) as caught:
        read_source(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 8,
        b"\x89PNG\r\n\x1a\n" + bytes(400),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x80\x81" + b"\x00stream" * 50,
        b"PK\x03\x04\x14\x00\x00\x00broken",
        b"\xff\xfe\x00\xd8\x41",
        b"\xef\xbb\xbf\xff\xff",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    ],
    ids=["bytes", "png", "pdf", "zip", "utf-16", "utf-8", "ole"],
)
@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".pdf", ".docx", ".html"])
def test_garbage_is_refused_by_name_with_a_way_out(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"garbage{suffix}"
    path.write_bytes(data)
    with pytest.raises(UnreadableSource) as caught:
        read_source(path)
    assert str(caught.value).startswith(str(path))
    assert any(way in str(caught.value) for way in ("export it", "save it", "each line is"))


def test_what_is_wrong_is_reported_instead_of_raised_in_a_folder(tmp_path: Path) -> None:
    for reader in WITH_TEXT:
        (tmp_path / f"good{reader.suffixes[0]}").write_bytes(made(reader))
        (tmp_path / f"empty{reader.suffixes[0]}").write_bytes(b"")
    errors: list[SourceError] = []
    good = sorted(f"good{reader.suffixes[0]}" for reader in WITH_TEXT if not reader.is_collection)
    assert [document.name for document in read_source(tmp_path, errors.append)] == good
    assert [type(error) for error in errors] == [EmptySource] * len(good)


def test_a_folder_that_cannot_be_listed_is_reported_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, scandir = tmp_path / "lost+found", os.scandir

    def refusing(path: Any) -> Any:
        if str(path) == str(closed):  # root, too, may be who runs this
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    closed.mkdir()
    (tmp_path / "甲.txt").write_text("甲村有一座水磨。", "utf-8")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    errors: list[SourceError] = []
    monkeypatch.setattr(os, "scandir", refusing)
    assert [document.name for document in read_source(tmp_path, errors.append)] == ["甲.txt"]
    assert [str(error).split(" can't")[0] for error in errors] == [str(closed), str(tmp_path / "loop.txt")]
    with pytest.raises(UnreadableSource, match=r"lost\+found can't be listed"):
        read_source(tmp_path)
    with pytest.raises(UnreadableSource, match="can't be listed"):
        read_source(closed, errors.append)


def test_several_documents_are_not_one(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text("\n".join(json.dumps({"id": id, "text": TEXT[0]}) for id in "ab"), "utf-8")
    with pytest.raises(UnreadableSource, match="holds 2 documents"):
        read_file(path)
