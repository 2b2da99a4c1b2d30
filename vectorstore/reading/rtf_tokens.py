"""Rich Text Format as tokens: control words with their numbers, bytes of text, and the braces of groups."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z])"
    rb"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)"
)
_BY_CHARSET = {
    2: "latin-1",  # signs
    77: "mac_roman", 78: "shift_jis", 79: "big5", 80: "euc_kr", 128: "cp932", 129: "cp949", 130: "johab",
    134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255",
    178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_BY_NUMBER = {936: "gb18030", 54936: "gb18030", 20936: "gb18030", 65001: "utf-8", 10000: "mac_roman", 10008: "gb18030"}


class Token(NamedTuple):
    """A control word, or bytes of text, or "{" or "}"."""

    word: str = ""
    """A control word or sign without its backslash, or a brace; empty for text."""
    number: int | None = None
    data: bytes = b""
    """Of text: one byte for each that is written in hexadecimal figures."""


def tokens(data: bytes) -> Iterator[Token]:
    """Yield the tokens of a file; pictures that are stored as bytes are passed over."""
    at = 0
    while (found := _TOKEN.search(data, at)) is not None:
        at = found.end()
        if found["text"]:
            yield Token(data=found["text"])
        elif found["hex"]:
            yield Token(data=bytes.fromhex(found["hex"].decode()))
        elif found["sign"]:
            is_text = found["sign"] in b"\\{}"
            yield Token(data=found["sign"]) if is_text else Token(found["sign"].decode("latin-1"))
        elif found["brace"]:
            yield Token(found["brace"].decode())
        elif found["word"]:
            number = None if found["number"] is None else int(found["number"])
            if found["word"] == b"bin":
                at += max(0, number or 0)
            else:
                yield Token(found["word"].decode(), number)


def codec_of_charset(charset: int) -> str | None:
    """Return the codec of a font's character set; None for that of the document."""
    return _BY_CHARSET.get(charset)


def codec_of_page(number: int) -> str:
    """Return the codec of a code page; Windows-1252 for one that is not known."""
    if number in _BY_NUMBER:
        return _BY_NUMBER[number]
    try:
        codecs.lookup(f"cp{number}")
    except LookupError:
        return "cp1252"
    return f"cp{number}"
