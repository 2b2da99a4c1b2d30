"""What every reader promises, whatever the format. A new format adds its sample file to ``MADE``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from vectorstore.errors import EmptySource, NoDocuments, SourceError, UnreadableSource
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.reading import SUFFIXES, RawDocument, read_file, read_source
from vectorstore.reading.base import Reader
from vectorstore.reading.registry import READERS, reader_of
from vectorstore.types import cut

TEXT = """# 双桥镇：2023年工作报告

全镇新建蔬菜大棚111个，带动农户77户增收。The office answered 1,001 letters.

## 基层治理

选派驻村书记13名，调解纠纷29件。群众满意度达到93.3%。
"""
NAME = "报告 2023"


def json_lines(text: str, name: str) -> bytes:
    return json.dumps({"id": name, "text": text}, ensure_ascii=False).encode()


MADE: dict[str, Callable[[str, str], bytes]] = {
    "plain text": lambda text, _: text.encode(),
    "JSON Lines": json_lines,
}
"""By reader: what makes a file of a text, whose document has a name if the format gives it one."""


@pytest.fixture(params=READERS, ids=lambda reader: reader.name)
def reader(request: pytest.FixtureRequest) -> Reader:
    found: Reader = request.param
    return found


@pytest.fixture(params=[suffix for reader in READERS for suffix in reader.suffixes])
def suffix(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def path(tmp_path: Path, suffix: str) -> Path:
    return tmp_path / f"{NAME}{suffix}"


def made(path: Path, text: str) -> bytes:
    """Return a file of a text, in the format of the path; its document's name is the file's."""
    reader = next(reader for reader in READERS if path.suffix in reader.suffixes)
    return MADE[reader.name](text, path.name)


def written(path: Path, text: str) -> Path:
    path.write_bytes(made(path, text))
    return path


def test_suffixes_are_in_lower_case_and_one_readers_each(reader: Reader) -> None:
    assert reader.suffixes
    for suffix in reader.suffixes:
        assert suffix.startswith(".")
        assert suffix == suffix.lower()
        assert [other.name for other in READERS if suffix in other.suffixes] == [reader.name]
        assert (suffix in SUFFIXES) is not reader.is_collection


def test_a_text_comes_back_whole_under_its_name(path: Path) -> None:
    (document,) = read_source(written(path, TEXT))
    assert document == RawDocument.of(path.name, TEXT)
    assert read_file(path) == document


def test_passages_are_made_of_the_texts_own_characters(path: Path) -> None:
    text = read_file(written(path, TEXT)).text
    passages = chunk(repair(text))
    assert passages
    for passage in passages:
        assert cut(text, passage.spans) == passage.text
        for sentence in passage.sentences:
            assert cut(text, sentence.spans) == sentence.text


def test_the_hash_is_of_the_text_alone(path: Path, tmp_path: Path) -> None:
    first = read_file(written(path, TEXT))
    again = read_file(written(tmp_path / f"another name{path.suffix}", TEXT))
    changed = read_file(written(path, TEXT + "完"))
    assert first.sha256 == again.sha256 != changed.sha256
    assert first.name != again.name


def test_the_suffix_finds_the_reader_in_any_case(path: Path) -> None:
    data = made(path, TEXT)
    assert reader_of(path.name, data) is reader_of(path.name.upper(), data)
    assert path.suffix in reader_of(path.name, data).suffixes
    assert reader_of(path.name, data).recognises(data)


def test_a_file_without_a_text_is_refused(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises((EmptySource, NoDocuments)) as caught:
        read_source(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("text", ["", " \n\u3000\n", "\ufeff\u200b"])
def test_an_empty_text_is_refused(path: Path, text: str) -> None:
    with pytest.raises(EmptySource) as caught:
        read_source(written(path, text))
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
    ],
    ids=["bytes", "png", "pdf", "zip", "utf-16", "utf-8"],
)
def test_garbage_is_refused_by_name_with_a_way_out(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(UnreadableSource) as caught:
        read_source(path)
    assert str(caught.value).startswith(str(path))
    assert any(way in str(caught.value) for way in ("export it", "save it", "each line is"))


def test_a_nul_in_the_text_is_refused(path: Path) -> None:
    with pytest.raises(UnreadableSource, match="NUL") as caught:
        read_source(written(path, TEXT.replace("大棚", "大\0棚")))
    assert str(caught.value).startswith(str(path))


def test_what_is_wrong_is_reported_instead_of_raised_in_a_folder(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        written(tmp_path / f"good{suffix}", TEXT)
        written(tmp_path / f"empty{suffix}", "")
    errors: list[SourceError] = []
    assert [document.name for document in read_source(tmp_path, errors.append)] == sorted(f"good{s}" for s in SUFFIXES)
    assert [type(error) for error in errors] == [EmptySource] * len(SUFFIXES)


def test_an_unknown_suffix_leaves_it_to_the_content(tmp_path: Path) -> None:
    path = tmp_path / "report.log"
    path.write_text(TEXT, "utf-8")
    assert read_file(path).text == TEXT
    path.write_bytes(bytes(400))
    with pytest.raises(UnreadableSource, match=r"report\.log"):
        read_file(path)


def test_several_documents_are_not_one(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_bytes(json_lines(TEXT, "a") + b"\n" + json_lines(TEXT, "b"))
    with pytest.raises(UnreadableSource, match="holds 2 documents"):
        read_file(path)
