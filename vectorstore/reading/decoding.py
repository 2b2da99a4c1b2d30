"""Bytes to text: which encoding a file is in, and what is not text at all."""

from __future__ import annotations

import codecs
import re

from vectorstore.errors import EmptySource, UnreadableSource

_LOOKED_AT = 8192  # bytes, as git does
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_FREQUENT = re.compile(r"[的一是在有不人了大中国國上和为為年会會]")
"""Characters of which ordinary Chinese, simplified or traditional, has more than one in a hundred."""


def looks_like_text(data: bytes) -> bool:
    """Whether ``data`` begins with a byte order mark, or has no NUL early on, as most binary files have."""
    return data.startswith(tuple(mark for mark, _ in _BOMS)) or b"\x00" not in data[:_LOOKED_AT]


def decode(data: bytes, where: str) -> tuple[str, str]:
    """Return the text without its byte order mark, and the encoding's name. Line ends stay as they are.

    Raises:
        UnreadableSource: it is in none of UTF-8, UTF-16 with a byte order mark, and GB18030.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise UnreadableSource(
                    f"{where} begins like {encoding} and is broken at byte {error.start + len(mark)}; save it as UTF-8"
                ) from error
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        broken_at = error.start
    if b"\x00" not in data:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            pass
        else:
            if _reads_as_chinese(text):
                return text, "gb18030"
    raise UnreadableSource(
        f"{where} is not text in UTF-8 (broken at byte {broken_at}), UTF-16 with a byte order mark, or GB18030; "
        "export it as plain text (.txt or .md) in UTF-8"
    )


def refuse_bad_text(text: str, where: str) -> None:
    """Refuse what decodes and still is no text to index.

    Raises:
        UnreadableSource: it has a NUL, or many control characters.
        EmptySource: nothing but white space.
    """
    nul = text.find("\x00")
    if nul >= 0:
        raise UnreadableSource(
            f"{where} holds a NUL at character {nul}: binary, or UTF-16 without a byte order mark; save it as UTF-8"
        )
    if len(_CONTROL.findall(text)) * 20 > len(text):
        raise UnreadableSource(f"{where} is full of control characters, so it is not plain text; export it as .txt")
    if not text.strip().strip("\ufeff\u200b"):
        raise EmptySource(f"{where} is empty; there is nothing to index")


def _reads_as_chinese(text: str) -> bool:
    """Tell real GB18030 from bytes that happen to decode: almost any byte string does."""
    foreign = [character for character in text if character > "\x7f"]
    if _CONTROL.search(text) or _PRIVATE.search(text):
        return False
    return len(foreign) < 100 or len(_FREQUENT.findall(text)) * 100 >= len(foreign)
