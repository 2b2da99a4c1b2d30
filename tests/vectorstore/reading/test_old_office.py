"""Old Office files, which are not read: the message says what they are and the way out, wherever they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.failures import reason_in
from tests.support.office_files import eml
from tests.support.ole_files import ole
from tests.vectorstore.reading.test_encrypted import FILES, encrypted
from vectorstore.errors import SourceError, UnreadableSource
from vectorstore.reading import ReadOptions, read_bytes, read_source

WORD = ole({"WordDocument": b"", "1Table": b"", "ObjectPool/Workbook": b"a sheet inside"})
KINDS = [
    ("报告.doc", WORD, "is an old Word document (.doc); save it as .docx or PDF", "是旧的 Word 文档"),
    ("report.docx", WORD, "is an old Word document (.doc); save it as .docx or PDF", "另存为 .docx 或 PDF"),
    (
        "a.ppt",
        ole({"PowerPoint Document": b""}),
        "is an old PowerPoint file (.ppt); save it as .pptx or PDF",
        "PowerPoint 文件",
    ),
    ("信.msg", ole({"__properties_version1.0": b""}), "is an Outlook message (.msg); save it as .eml", "邮件"),
    (
        "a.doc",
        ole({"Contents": b""}),
        "is of an old Office format; save it as .docx, .xlsx or .pptx",
        "旧的 Office 格式",
    ),
]


@pytest.mark.parametrize(("name", "data", "reason", "told"), KINDS)
def test_it_says_what_it_is_and_the_way_out(name: str, data: bytes, reason: str, told: str) -> None:
    with pytest.raises(UnreadableSource) as caught:
        read_bytes(data, name, name, pytest.fail)
    assert str(caught.value) == f"{name} {reason}"
    assert told in reason_in("zh", str(caught.value))


@pytest.mark.parametrize(("name", "data", "reason", "told"), KINDS)
def test_it_says_so_of_an_attachment(name: str, data: bytes, reason: str, told: str) -> None:
    errors: list[SourceError] = []
    (message,) = read_bytes(eml("Report", "See below.", {name: data}), "m.eml", "m.eml", errors.append)
    assert message.name == "m.eml"
    assert [str(error) for error in errors] == [f"m.eml, attachment {name} {reason}"]
    assert told in reason_in("zh", str(errors[0]))


def test_a_directory_names_those_that_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("甲村有小学3所。", "utf-8")
    (tmp_path / "b.doc").write_bytes(rb"{\rtf1\ansi The village has three schools.\par}")
    (tmp_path / "报告.DOC").write_bytes(WORD)
    errors: list[SourceError] = []
    assert [document.name for document in read_source(tmp_path, errors.append)] == ["a.txt", "b.doc"]
    (error,) = errors
    assert str(error).endswith("报告.DOC is an old Word document (.doc); save it as .docx or PDF")


def test_an_encrypted_attachment_opens_with_the_password() -> None:
    data = eml("合同", "See below.", {"合同.docx": encrypted(FILES["a.docx"])})
    _, document = read_bytes(data, "m.eml", "m.eml", pytest.fail, ReadOptions(password="open sesame"))
    assert document.text.startswith("It is a secret.")
    errors: list[SourceError] = []
    read_bytes(data, "m.eml", "m.eml", errors.append)
    assert "attachment 合同.docx is encrypted: give its password" in str(errors[0])
