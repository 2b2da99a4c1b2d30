"""Files, directories and JSON lines: what is read, in which encoding, and how the rest is refused."""

from __future__ import annotations

import codecs
import hashlib
import json
import os
from pathlib import Path

import pytest

from vectorstore.errors import EmptySource, NoDocuments, SourceError, UnreadableSource
from vectorstore.reading import Limits, ReadOptions, read_file, read_source
from vectorstore.reading.limits import MEGABYTE

CHINESE = "全县现有茶园18.6万亩，涉茶农户3.2万户，是当地的大产业。\r\n第二行。\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        pytest.param(CHINESE.encode(), "utf-8", id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + CHINESE.encode(), "utf-8", id="utf-8-with-mark"),
        pytest.param(codecs.BOM_UTF16_LE + CHINESE.encode("utf-16-le"), "utf-16-le", id="utf-16-little"),
        pytest.param(codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be"), "utf-16-be", id="utf-16-big"),
        pytest.param(CHINESE.encode("gb18030"), "gb18030", id="gb18030"),
        pytest.param(CHINESE.encode("utf-16-le"), "utf-16-le", id="utf-16-little-without-mark"),
        pytest.param(CHINESE.encode("utf-16-be"), "utf-16-be", id="utf-16-big-without-mark"),
    ],
)
def test_encodings_give_the_same_text_and_hash(tmp_path: Path, data: bytes, encoding: str) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(data)
    document = read_file(path)
    assert document.text == CHINESE  # line ends as they are, no byte order mark
    assert document.encoding == encoding
    assert document.name == "report.txt"
    assert document.sha256 == hashlib.sha256(CHINESE.encode()).hexdigest()


def test_long_gb18030_is_recognised_by_its_common_characters(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes((CHINESE * 40).encode("gb18030"))
    assert read_file(path).text == CHINESE * 40


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(bytes(range(256)) * 8, "UTF-8", id="binary"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(400), "is a picture", id="image"),
        pytest.param("有空字符\x00的文本".encode(), "NUL at character 4", id="nul"),
        pytest.param(codecs.BOM_UTF16_LE + b"\x00\xd8\x41", "most of it is broken", id="broken-utf-16"),
        pytest.param(b"\x01\x02\x03\x04 text \x05\x06\x07", "control characters", id="control-characters"),
    ],
)
def test_what_is_not_text_is_refused_with_a_way_out(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "thing.txt"
    path.write_bytes(data)
    with pytest.raises(UnreadableSource) as caught:
        read_file(path)
    message = str(caught.value)
    assert str(path) in message
    assert words in message
    assert any(way in message for way in ("export it", "save it"))


@pytest.mark.parametrize("text", ["", "  \n\r\n\t　", "\ufeff\ufeff \n"])
def test_empty_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.md"
    path.write_text(text, "utf-8")
    with pytest.raises(EmptySource, match=r"empty\.md"):
        read_file(path)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("全縣現有茶園一萬畝，農戶三萬戶，茶葉是當地的大產業。\n" * 20, "big5"),
        ("The café’s résumé – “naïve” prices rose 5 % in Zürich.\n", "cp1252"),
        ("The company’s revenue didn’t grow. It’s the board’s view.\n", "cp1252"),
        ("The plan of the year has no letter beyond ASCII.\n" * 2000 + "Müller’s fee is £100.\n", "cp1252"),
        ("Street;Length\nMüller;1.50\nSchröder;2.75\n", "cp1252"),
        ("The plan of the year has no letter beyond ASCII.\n" * 2000 + "预算书由西塘镇编制。\n", "gb18030"),
        ("預算書：西塘鎮\n", "big5"),
        ("Отчёт о работе администрации за прошедший год: построено двенадцать школ.\n" * 20, "cp1251"),
    ],
)
def test_other_encodings_are_told_by_what_they_make_of_the_bytes(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(text.encode(encoding))
    document = read_file(path)
    assert document.text == text
    assert document.notes == ()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("全县现有茶园18.6万亩，涉茶农户3.2万户。\n" * 30, "utf-8"),
        ("全县现有茶园18.6万亩，涉茶农户3.2万户。\n" * 30, "gb18030"),
        ("The café’s résumé is “naïve”, says the town’s report of the year.\n" * 30, "utf-8"),
    ],
)
def test_a_byte_that_means_nothing_is_replaced_and_reported(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "report.txt"
    half = len(text.splitlines(keepends=True)[0].encode(encoding))
    data = text.encode(encoding)
    path.write_bytes(data[:half] + b"\xff\n" + data[half:])
    document = read_file(path)
    assert document.text.replace("\ufffd\n", "") == text
    assert document.encoding == encoding
    (note,) = document.notes
    assert note.startswith("1 character")


def test_missing_files_and_directories_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="does not exist"):
        read_source(tmp_path / "nowhere.txt")
    with pytest.raises(UnreadableSource, match="is a directory"):
        read_file(tmp_path)
    with pytest.raises(UnreadableSource, match="can't be read"):
        read_file(tmp_path / ("x" * 5000))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_forbidden_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("secret", "utf-8")
    path.chmod(0)
    with pytest.raises(UnreadableSource, match="permissions"):
        read_file(path)


def test_a_directory_is_read_in_order_without_hidden_files_and_its_readme(tmp_path: Path) -> None:
    for name in ("b.txt", "a.MD", "sub/c.md", "README.md", "sub/readme.md", ".hidden.txt", ".git/d.txt", "e.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"text of {name}", "utf-8")
    assert [document.name for document in read_source(tmp_path)] == ["a.MD", "b.txt", "sub/c.md"]
    assert read_source(tmp_path / "README.md")[0].text == "text of README.md"


def test_readmes_with_nothing_beside_or_below_them_are_documents(tmp_path: Path) -> None:
    for name in ("README.md", "one/README.md", "two/README.md", "two/deep/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}", "utf-8")
    assert [document.name for document in read_source(tmp_path)] == ["one/README.md", "two/deep/notes.txt"]


def test_a_directory_without_documents_is_refused(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"PNG")
    with pytest.raises(NoDocuments, match=r"\.txt or \.md"):
        read_source(tmp_path)


def test_a_link_out_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("a secret", "utf-8")
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "good.txt").write_text("good", "utf-8")
    (folder / "same.txt").symlink_to(folder / "good.txt")
    (folder / "stolen.txt").symlink_to(tmp_path / "secret.txt")
    errors: list[SourceError] = []
    assert [document.name for document in read_source(folder, errors.append)] == ["good.txt", "same.txt"]
    assert "a link that leads out" in str(errors[0])


def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(UnreadableSource, match="no ordinary file"):
        read_file(tmp_path / "pipe.txt")


def test_an_endless_device_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "zeros.txt").symlink_to("/dev/zero")
    with pytest.raises(UnreadableSource, match="no ordinary file"):
        read_file(tmp_path / "zeros.txt")
    (tmp_path / "good.txt").write_text("good", "utf-8")
    errors: list[SourceError] = []
    assert [document.name for document in read_source(tmp_path, errors.append)] == ["good.txt"]
    assert "a link that leads out" in str(errors[0])


def test_a_file_whose_name_is_no_text_is_named_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("good", "utf-8")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xb1\xa8.txt")).write_text("lost", "utf-8")
    errors: list[SourceError] = []
    assert [document.name for document in read_source(tmp_path, errors.append)] == ["good.txt"]
    assert r"\udcb1\udca8.txt: the file's name isn't UTF-8; rename it" in str(errors[0])


@pytest.mark.parametrize("text", ["\u200b\u200d\ufeff\n", "\u2060\u00ad", "\u3164\u2800", "\u0301"])
def test_a_file_of_characters_that_show_nothing_is_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "blank.txt").write_text(text, "utf-8")
    (tmp_path / "blank.html").write_text(f"<p>{text}</p>", "utf-8")
    for name in ("blank.txt", "blank.html"):
        with pytest.raises(EmptySource):
            read_file(tmp_path / name)


def test_a_file_over_the_limit_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(b"a" * (MEGABYTE + 1))
    with pytest.raises(UnreadableSource, match="QA_READ_FILE_MB"):
        read_file(path, options=ReadOptions(Limits(file_mb=1)))


def test_bad_files_in_a_directory_are_reported_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(bytes(range(256)))
    (tmp_path / "empty.txt").write_text(" ", "utf-8")
    (tmp_path / "good.txt").write_text("good", "utf-8")
    errors: list[SourceError] = []
    assert [document.name for document in read_source(tmp_path, on_error=errors.append)] == ["good.txt"]
    assert [type(error) for error in errors] == [UnreadableSource, EmptySource]
    with pytest.raises(UnreadableSource, match=r"bad\.txt"):
        read_source(tmp_path)


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "documents.jsonl"
    entries = [{"id": "a/1", "text": "第一篇\n正文"}, {"id": "b", "text": "second", "title": " A title ", "more": 1}]
    path.write_text("\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries) + "\n\n", "utf-8")
    first, second = read_source(path)
    assert (first.name, first.text, first.title) == ("a/1", "第一篇\n正文", None)
    assert (second.name, second.text, second.title) == ("b", "second", "A title")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{not json", "not JSON"),
        ('["a"]', "list instead of an object"),
        ('{"text": "no id"}', '"id" is None'),
        ('{"id": 3, "text": "t"}', '"id" is 3'),
        ('{"id": " ", "text": "t"}', '"id" is empty'),
        ('{"id": "x"}', '"text" is None'),
        ('{"id": "x", "text": "t", "title": 5}', '"title" is 5'),
        ('{"id": "x", "text": "\\u0000"}', "NUL"),
        ('{"id": "x", "text": "t", "title": "\\u0000"}', "NUL"),
        pytest.param('{"id": "x", "text": "t", "n": ' + "9" * 5000 + "}", "not JSON", id="long integer"),
        ('{"id": "x", "text": "\\ud800"}', "surrogate"),
        ('{"id": "x", "text": "  "}', "is empty"),
        ('{"id": "good", "text": "again"}', "was used on line 1"),
    ],
)
def test_broken_json_lines_are_named_by_number(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "documents.jsonl"
    path.write_text('{"id": "good", "text": "good"}\n' + line + '\n{"id": "last", "text": "last"}\n', "utf-8")
    with pytest.raises(SourceError) as caught:
        read_source(path)
    assert f"{path}, line 2" in str(caught.value)
    assert words in str(caught.value)
    errors: list[SourceError] = []
    assert [document.name for document in read_source(path, errors.append)] == ["good", "last"]
    assert len(errors) == 1


def test_json_lines_without_a_line_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "documents.jsonl"
    path.write_text("\n \n", "utf-8")
    with pytest.raises(NoDocuments):
        read_source(path)
