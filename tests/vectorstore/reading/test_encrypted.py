"""Encrypted Office files: opened with their password, and asked for it without."""

from __future__ import annotations

import io
import random

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from tests.support.office_files import docx, paragraph, xlsx
from vectorstore.errors import UnreadableSource
from vectorstore.reading import ReadOptions, read_bytes
from vectorstore.reading.archive import OLE

LONG = "".join(random.Random(0).choices("abcdefghijklmnop", k=9000))
"""The library that writes these files for tests breaks small ones."""
FILES = {
    "a.docx": docx(paragraph("It is a secret.") + paragraph(LONG)),
    "a.xlsx": xlsx({"A": [["Item", "Sum"], ["Secrets", 7]], "B": [[LONG]]}),
}
TEXTS = {"a.docx": "It is a secret.\n", "a.xlsx": "## A\n\n| Item | Sum |\n| --- | --- |\n| Secrets | 7 |\n"}


def encrypted(data: bytes) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt("open sesame", out)
    return out.getvalue()


@pytest.mark.parametrize("name", FILES)
def test_the_password_opens_it(name: str) -> None:
    data = encrypted(FILES[name])
    assert data.startswith(OLE)
    (document,) = read_bytes(data, name, name, pytest.fail, ReadOptions(password="open sesame"))
    assert document.name == name
    assert document.text.startswith(TEXTS[name])


@pytest.mark.parametrize(
    ("password", "message"),
    [(None, "a.docx is encrypted: give its password with --password"), ("abracadabra", "the password is wrong")],
)
def test_without_it_the_file_is_refused_with_the_way_out(password: str | None, message: str) -> None:
    data = encrypted(FILES["a.docx"])
    with pytest.raises(UnreadableSource, match=message):
        read_bytes(data, "a.docx", "a.docx", pytest.fail, ReadOptions(password=password))


def test_a_damaged_one_is_refused_by_name() -> None:
    data = encrypted(FILES["a.docx"])
    with pytest.raises(UnreadableSource, match=r"^a\.docx "):
        read_bytes(data[: len(data) // 2], "a.docx", "a.docx", pytest.fail, ReadOptions(password="open sesame"))
