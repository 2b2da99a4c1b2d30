"""Bytes to text: which encoding a file is in, and what is not text at all."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import NamedTuple

from vectorstore.errors import EmptySource, UnreadableSource

_LOOKED_AT = 8192  # bytes, as git does
_SAMPLE = 65536  # bytes from which an encoding is guessed
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_REPLACED = "\ufffd"
_MOST_REPLACED = 0.1
"""Share of a text's characters that may have been replaced: what has more is in another encoding, or no text."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_FOREIGN = re.compile(rb"[\x80-\xff]")
_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_FREQUENT = re.compile(r"[的一是在有不人了大中国國上和为為年会會]")
"""Characters of which ordinary Chinese, simplified or traditional, has more than one in a hundred."""
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Fillers: letters and signs by their category, with nothing to see."""
_FIRST = {"gb18030": re.compile(rb"[\xb0-\xd7][\xa1-\xfe]"), "big5": re.compile(rb"[\xa4-\xc6].")}
"""The ideographs that each of the Chinese encodings puts first, as the frequent ones."""
_CHINESE = tuple(_FIRST)
_LATIN = re.compile("[\u00c0-\u00ff\u2013-\u2026\u20ac\u00a0-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u2122]")
"""What bytes above ASCII mean in Windows-1252, but for signs that text seldom has."""


class Decoded(NamedTuple):
    """A text without its byte order mark; line ends are as they were."""

    text: str
    encoding: str
    replaced: int = 0
    """Characters that stand for bytes which mean nothing in this encoding."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What people are told of it."""
        if not self.replaced:
            return ()
        return (f"{self.replaced} characters could not be decoded as {self.encoding}; each is shown as {_REPLACED}",)


def looks_like_text(data: bytes) -> bool:
    """Whether ``data`` begins with a byte order mark, or has no NUL early on, as most binary files have."""
    return data.startswith(tuple(mark for mark, _ in _BOMS)) or b"\x00" not in data[:_LOOKED_AT] or bool(_utf16(data))


def decode(data: bytes, where: str, declared: str | None = None) -> Decoded:
    """Return the text of ``data``. A byte that means nothing in its encoding is replaced, and counted.

    UTF-8, UTF-16 (with or without a mark), GB18030, Big5 and Windows-1252 are told apart by what they make of the
    bytes; anything else by charset-normalizer.

    Args:
        declared: the encoding that the file names; it is tried behind UTF-8, as it is often wrong.

    Raises:
        UnreadableSource: it is text in no encoding that is known.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _believed(data[len(mark) :], encoding, where)
    if (unmarked := _utf16(data)) is not None:
        return _believed(data, unmarked, where)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    if b"\x00" in data:
        raise UnreadableSource(
            f"{where} is not text in UTF-8, UTF-16 or GB18030; export it as plain text (.txt or .md) in UTF-8"
        )
    return _believed(data, _guess(data, declared), where)


def _believed(data: bytes, encoding: str, where: str) -> Decoded:
    text = data.decode(encoding, "replace")
    replaced = text.count(_REPLACED) - (data.count(_REPLACED.encode()) if encoding == "utf-8" else 0)
    if replaced > _MOST_REPLACED * len(text):
        raise UnreadableSource(
            f"{where} looks like {encoding} and most of it is broken; export it as plain text (.txt or .md) in UTF-8"
        )
    return Decoded(text, encoding, max(0, replaced))


def _utf16(data: bytes) -> str | None:
    """Return the byte order of UTF-16 without a mark, or None: its line ends, blanks and letters are half NULs."""
    sample = data[:_LOOKED_AT]
    if len(sample) < 4 or len(data) % 2 or b"\x00" not in sample:
        return None
    for encoding, at in (("utf-16-le", 0), ("utf-16-be", 1)):
        zeros, others = sample[1 - at :: 2].count(0), sample[at::2].count(0)
        ascii_only = sum(zero == 0 and (32 <= byte < 127 or byte in b"\r\n\t") for byte, zero in
                         zip(sample[at::2], sample[1 - at :: 2], strict=True))  # fmt: skip
        text = sample.decode(encoding, "replace")
        if others == 0 and zeros and ascii_only == zeros and _REPLACED not in text[:-1] and not _CONTROL.search(text):
            return encoding
    return None


def _telling(data: bytes) -> bytes:
    """Return the part of ``data`` around its first byte that is not ASCII: what stands before tells nothing."""
    first = next(_FOREIGN.finditer(data)).start()
    return data[max(0, first - _SAMPLE // 2) :][:_SAMPLE]


def _guess(data: bytes, declared: str | None) -> str:
    """Return the encoding that makes most sense of bytes that are not all UTF-8."""
    sample = _telling(data)
    utf8 = sample.decode("utf-8", "replace")
    foreign = sum(character > "\x7f" for character in utf8)
    if utf8.count(_REPLACED) * 10 <= foreign and foreign >= 10:
        return "utf-8"  # a few broken bytes among many whole characters
    options = [name for name in (_python_name(declared), *_CHINESE) if name]
    for encoding in dict.fromkeys(options):
        text = sample.decode(encoding, "replace")
        if text[:-2].count(_REPLACED) * 200 <= len(text) and (encoding not in _CHINESE or _is_chinese(text, encoding)):
            return encoding
    if _is_latin(sample):
        return "cp1252"
    from charset_normalizer import from_bytes  # takes a while to load, and is seldom needed

    best = from_bytes(sample).best()
    return best.encoding if best is not None else "utf-8"


def _python_name(declared: str | None) -> str | None:
    """Return the codec of a declared encoding; GB18030 for its subsets, which are declared where it is used."""
    try:
        name = codecs.lookup(declared).name if declared else None
    except (LookupError, ValueError):
        return None
    return {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "utf-8": None}.get(name or "", name)


def _is_latin(sample: bytes) -> bool:
    """Whether bytes are a Western European language in Windows-1252: few of them are above ASCII, all of them usual."""
    text = sample.decode("cp1252", "replace")
    foreign = [character for character in text if character > "\x7f"]
    usual = sum(_LATIN.match(character) is not None for character in foreign)
    return len(foreign) * 5 <= len(text) and usual * 10 >= 9 * len(foreign) and not _CONTROL.search(text)


def refuse_bad_text(text: str, where: str) -> None:
    """Refuse what decodes and still is no text to index.

    Raises:
        UnreadableSource: it has a NUL, or many control characters.
        EmptySource: nothing but white space and what has no width.
    """
    nul = text.find("\x00")
    if nul >= 0:
        raise UnreadableSource(f"{where} holds a NUL at character {nul}: it is binary; save it as UTF-8")
    if len(_CONTROL.findall(text)) * 20 > len(text):
        raise UnreadableSource(f"{where} is full of control characters, so it is not plain text; export it as .txt")
    if is_blank(text):
        raise EmptySource(f"{where} is empty; there is nothing to index")


def is_blank(text: str) -> bool:
    """Whether ``text`` shows nothing: white space, characters of no width, marks without a letter."""
    return all(unicodedata.category(char)[0] in "ZCM" or char in _BLANK for char in text)


def _is_chinese(text: str, encoding: str) -> bool:
    """Tell real GB18030 or Big5 from bytes that happen to decode: almost any byte string does."""
    foreign = [character for character in text if character > "\x7f" and character != _REPLACED]
    broken = text[:-2].count(_REPLACED)  # a sample may end inside a character
    if not foreign or broken * 10 > len(foreign) or _CONTROL.search(text) or _PRIVATE.search(text):
        return False
    frequent = len(_FREQUENT.findall(text))
    return frequent * 100 >= len(foreign) if len(foreign) >= 100 else frequent > 0 or _all_usual(foreign, encoding)


def _all_usual(characters: list[str], encoding: str) -> bool:
    """Whether a short text's characters are ones that Chinese is written with, and most of its ideographs frequent.

    A Western letter with an accent, or a curly quotation mark, makes a rare ideograph of itself and the letter behind.
    """
    han = [one for one in characters if "\u4e00" <= one <= "\u9fff"]
    marks = sum("\u3000" <= one <= "\u303f" or "\uff00" <= one <= "\uffef" or "\u2010" <= one <= "\u2026" or one == "·"
                for one in characters)  # fmt: skip
    frequent = sum(_FIRST[encoding].fullmatch(one.encode(encoding)) is not None for one in han)
    return len(han) + marks >= 0.95 * len(characters) and 2 * frequent >= len(han)
