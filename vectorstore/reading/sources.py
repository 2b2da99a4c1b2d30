"""Files to raw texts: finding documents, decoding them, and refusing what is not text.

The decoded text is the raw text that every offset counts in: line ends stay as they are, a byte order mark goes.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vectorstore.errors import EmptySource, NoDocuments, SourceError, UnreadableSource

SUFFIXES = (".txt", ".md")
"""What counts as a document inside a directory, in any case."""

OnError = Callable[[SourceError], None]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_PRIVATE = re.compile(r"[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_FREQUENT = re.compile(r"[的一是在有不人了大中国國上和为為年会會]")
"""Characters of which ordinary Chinese, simplified or traditional, has more than one in a hundred."""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as read, before anything is repaired or cut."""

    name: str
    text: str
    sha256: str
    """Hex, over the text in UTF-8 (without a byte order mark), whatever the file's own encoding was."""
    encoding: str
    title: str | None = None
    """Only when the source gives one beside the text."""

    @classmethod
    def of(cls, name: str, text: str, encoding: str = "utf-8", title: str | None = None) -> RawDocument:
        """Make a document of a text that is already decoded."""
        return cls(name, text, hashlib.sha256(text.encode("utf-8")).hexdigest(), encoding, title)


def read_file(path: Path | str, name: str | None = None) -> RawDocument:
    """Read one text file; ``name`` defaults to the file's own.

    Raises:
        UnreadableSource: missing, no permission, not a file, not text, or an unknown encoding.
        EmptySource: nothing but white space.
    """
    path = Path(path)
    text, encoding = _decode(_bytes(path), str(path))
    _refuse_bad_text(text, str(path))
    return RawDocument.of(name if name is not None else path.name, text, encoding)


def read_source(path: Path | str, on_error: OnError | None = None) -> list[RawDocument]:
    """Read a file, all documents below a directory, or the lines of a ``.jsonl`` file.

    In a directory: ``.txt`` and ``.md`` files at any depth, hidden files and ``README.md`` left out, sorted by name
    (the path relative to the directory, with ``/``). In a ``.jsonl``: one ``{"id", "text", "title"?}`` a line.

    Args:
        on_error: called with what is wrong with one file or line, which is then left out; without it the first raises.

    Raises:
        SourceError: as ``read_file``; a broken JSONL line is named by its number.
        NoDocuments: there is nothing to read, right or wrong.
    """
    path = Path(path)
    if path.is_dir():
        return _read_directory(path, on_error)
    if path.suffix.lower() == ".jsonl":
        return _read_jsonl(path, on_error)
    return [read_file(path)]


def _read_directory(directory: Path, on_error: OnError | None) -> list[RawDocument]:
    names = sorted(_names(directory))
    if not names:
        raise NoDocuments(f"{directory} holds no {' or '.join(SUFFIXES)} file; add some, or name a file")
    documents = []
    for name in names:
        try:
            documents.append(read_file(directory / name, name))
        except SourceError as error:
            _report(error, on_error)
    return documents


def _names(directory: Path) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise UnreadableSource(f"{error.filename} can't be listed ({error.strerror}); check its permissions") from error

    for folder, folders, files in os.walk(directory, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.startswith(".") or name.lower() == "readme.md" or not name.lower().endswith(SUFFIXES):
                continue
            yield (Path(folder) / name).relative_to(directory).as_posix()


def _read_jsonl(path: Path, on_error: OnError | None) -> list[RawDocument]:
    text, encoding = _decode(_bytes(path), str(path))
    documents: list[RawDocument] = []
    first_seen: dict[str, int] = {}
    lines = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        lines += 1
        where = f"{path}, line {number}"
        try:
            document = _parse_line(line, where, encoding)
            if document.name in first_seen:
                earlier = first_seen[document.name]
                raise UnreadableSource(f"{where}: the id {document.name!r} was used on line {earlier}; ids are unique")
            first_seen[document.name] = number
            documents.append(document)
        except SourceError as error:
            _report(error, on_error)
    if not lines:
        raise NoDocuments(f'{path} has no lines; it needs one {{"id", "text"}} object a line')
    return documents


def _parse_line(line: str, where: str, encoding: str) -> RawDocument:
    try:
        entry = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableSource(f"{where}: not JSON ({error}); each line is one JSON object") from error
    if not isinstance(entry, dict):
        raise UnreadableSource(f'{where}: {type(entry).__name__} instead of an object with "id" and "text"')
    for key in ("id", "text"):
        if not isinstance(entry.get(key), str):
            raise UnreadableSource(f'{where}: "{key}" is {entry.get(key)!r:.60}; it must be a string')
    title = entry.get("title")
    if title is not None and not isinstance(title, str):
        raise UnreadableSource(f'{where}: "title" is {title!r:.60}; it must be a string or left out')
    name, text = entry["id"], entry["text"].removeprefix("\ufeff")
    if not name.strip():
        raise UnreadableSource(f'{where}: "id" is empty; every document needs a name')
    for value in (name, text, title or ""):
        if _SURROGATE.search(value):
            raise UnreadableSource(f"{where}: holds half of a surrogate pair; write the character itself")
    _refuse_bad_text(text, f"{where} ({name!r})")
    return RawDocument.of(name, text, encoding, (title or "").strip() or None)


def _report(error: SourceError, on_error: OnError | None) -> None:
    if on_error is None:
        raise error
    on_error(error)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableSource(f"{path} does not exist; check the path") from error
    except IsADirectoryError as error:
        raise UnreadableSource(f"{path} is a directory; name a file") from error
    except PermissionError as error:
        raise UnreadableSource(f"{path} may not be read; check its permissions") from error
    except (OSError, ValueError) as error:
        raise UnreadableSource(f"{path} can't be read: {error}") from error


def _decode(data: bytes, where: str) -> tuple[str, str]:
    """Return the text without its byte order mark, and the encoding's name."""
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


def _reads_as_chinese(text: str) -> bool:
    """Tell real GB18030 from bytes that happen to decode: almost any byte string does."""
    foreign = [character for character in text if character > "\x7f"]
    if _CONTROL.search(text) or _PRIVATE.search(text):
        return False
    return len(foreign) < 100 or len(_FREQUENT.findall(text)) * 100 >= len(foreign)


def _refuse_bad_text(text: str, where: str) -> None:
    nul = text.find("\x00")
    if nul >= 0:
        raise UnreadableSource(
            f"{where} holds a NUL at character {nul}: binary, or UTF-16 without a byte order mark; save it as UTF-8"
        )
    if len(_CONTROL.findall(text)) * 20 > len(text):
        raise UnreadableSource(f"{where} is full of control characters, so it is not plain text; export it as .txt")
    if not text.strip().strip("\ufeff\u200b"):
        raise EmptySource(f"{where} is empty; there is nothing to index")
