"""Reasons why a file could not be taken in are told in the reader's language, whatever the reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import vectorstore
from qa.failures import REASONS, reason_in
from vectorstore.errors import SourceError
from vectorstore.reading import read_bytes
from vectorstore.text.language import has_han

READING = Path(next(iter(vectorstore.__path__))) / "reading"
OF_PATHS = ("sources.py", "drawing.py")
"""Of files on this machine, and of images of pages: no job's."""
PHRASES = ("reason", "what", "wrong", "way_out", "_reason")
"""Names of values that are words; ``WORDED`` has what they make."""
WORDED = (
    "a.docx is encrypted: and the password is wrong; give the right one with --password",
    "a.pdf is encrypted: give its password with --password",
    "a.docx is encrypted; save it without a password",
    "a.docx is damaged at 'word/document.xml' (bad CRC)",
    "a.docx can't be decrypted (ValueError: no key); save it without a password",
    "a.pdf has no text on its 3 pages, only pictures (a scan); none was recognised on them either",
    "a.pdf has no text on its 3 pages, only pictures (a scan); "
    "pip install 'report-qa[ocr]' has the text of pictures recognised",
    "a.png is a picture: pip install 'report-qa[ocr]' has the text of pictures recognised, or export it as text",
    "a.png has more than 90 million pixels; save it smaller, or export it as PDF",
    "a.pdf takes longer to read than the limit of 120 s (QA_READ_SECONDS)",
    "a.pdf takes more CPU time to read than the limit of 60 s (QA_READ_CPU_SECONDS)",
    "a.pdf broke the process that read it (status -9): it is damaged, or takes more memory than the limit "
    "of 1500 MB (QA_READ_MEMORY_MB)",
    "its worker ended 3 times without a result",
)


def raised() -> Iterator[str]:
    """Yield the message of each error of reading a file, with ``«0»``, ``«1»`` ... for its values."""
    for path in sorted(READING.rglob("*.py")):
        if path.name in OF_PATHS:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in (
                "UnreadableSource",
                "EmptySource",
            ):
                continue
            names = {inner.id for inner in ast.walk(node.args[0]) if isinstance(inner, ast.Name)}
            if isinstance(node.args[0], ast.JoinedStr) and names.isdisjoint((*PHRASES, "limit", "OCR_INSTALL")):
                yield template(node.args[0])


def template(message: ast.JoinedStr) -> str:
    parts: list[str] = []
    for part in message.values:
        number = sum(known.startswith("«") for known in parts)
        parts.append(str(part.value) if isinstance(part, ast.Constant) else f"«{number}»")
    return "".join(parts)


def test_each_reason_of_reading_a_file_is_told_in_chinese() -> None:
    reasons = [*raised(), *WORDED]
    assert len(reasons) > 40
    for reason in reasons:
        told = reason_in("zh", reason)
        assert has_han(told), reason
        assert told.count("«") == reason.count("«"), (reason, told)
        assert reason_in("en", reason) == reason == reason_in(None, reason)


def test_each_template_has_the_same_values_in_both_languages() -> None:
    for known in REASONS:
        assert {n for n in range(4) if f"{{{n}}}" in known.zh} == {n for n in range(4) if f"{{{n}}}" in known.en}


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"", "a.txt 是空的，没有内容可以收入"),
        ("a.txt", b"abc\x00def", "a.txt 的第 3 个字符是 NUL"),
        ("b.pdf", b"%PDF-1.4 nothing", "b.pdf 无法作为 PDF 读取（"),
        ("c.docx", b"PK\x03\x04 nothing", "c.docx 是格式不明的压缩包；请另存为"),
    ],
)
def test_a_real_file_that_fails_says_why_in_chinese(name: str, data: bytes, told: str) -> None:
    def refuse(error: SourceError) -> None:
        raise error

    with pytest.raises(SourceError) as caught:
        read_bytes(data, name, name, refuse)
    assert reason_in("zh", str(caught.value)).startswith(told)


def test_several_reasons_are_told_one_a_line_and_an_unknown_one_as_it_is() -> None:
    reason = "a.eml/b.txt is empty; there is nothing to index\nOSError: {0} out of ink"
    assert reason_in("zh", reason) == "a.eml/b.txt 是空的，没有内容可以收入\nOSError: {0} out of ink"
