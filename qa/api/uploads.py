"""Receives files: a multipart form, or a body that is one file, streamed into the library's spool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from urllib.parse import unquote

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from qa.errors import BadRequest, FileTooLarge
from qa.settings import Settings
from vectorstore.changes import NewFile, Received, Spool, checked_name
from vectorstore.errors import storage_error
from vectorstore.reading.limits import MEGABYTE

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = "files"
FORM = "multipart/form-data"
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n"}
"""How browsers write these characters in a file's name."""


class _Part(NamedTuple):
    name: str
    path: Path


async def receive(request: Request, spool: Spool, settings: Settings, document: str | None = None) -> list[NewFile]:
    """Return the files that a request brings, kept in the spool: all of them, or none.

    Args:
        document: the name that the one file is to have; None for their own names.

    Raises:
        BadRequest: the form is broken, has other fields, no file or too many.
        BadName: a document can't have the name of one of them.
        FileTooLarge
        LibraryFull, LibraryUnavailable: it can't be written.
    """
    with spool.receiving() as folder:
        with _translated(folder):
            parts = await _parts(request, folder, settings, document)
        names = [document or checked_name(part.name) for part in parts]
        kept = await run_in_threadpool(_kept, spool, parts)
    return [NewFile(name, one, part.name) for name, one, part in zip(names, kept, parts, strict=True)]


def _kept(spool: Spool, parts: Sequence[_Part]) -> list[Received]:
    """Keep all files, or none: each is the spool's own from then on."""
    kept: list[Received] = []
    try:
        for part in parts:
            kept.append(spool.keep(part.path))
    except BaseException:
        for received in kept:
            spool.drop(received.id)
        raise
    return kept


async def _parts(request: Request, folder: Path, settings: Settings, document: str | None) -> list[_Part]:
    form = _Form(folder, settings.upload_files if document is None else 1, settings.read_file_mb)
    try:
        kind, options = parse_options_header(request.headers.get("content-type"))
        if kind == FORM.encode():
            parser = MultipartParser(options.get(b"boundary", b""), form.callbacks())
            async for chunk in request.stream():
                parser.write(chunk)
            parser.finalize()
            if not form.ended:
                raise BadRequest("the form ends before its last boundary; send it again")
        elif document is None:
            raise BadRequest(f"send the files as {FORM}, in the field {FIELD!r}")
        else:
            form.begin(unquote(request.headers.get("x-filename", "")) or document)
            async for chunk in request.stream():
                form.write(chunk)
    finally:
        form.close()
    if not form.parts:
        raise BadRequest(f"there is no file; send one or more in the form's field {FIELD!r}")
    return form.parts


class _Form:
    """Writes the files of a form into a folder while it is parsed. Nothing else may be in the form."""

    def __init__(self, folder: Path, most: int, file_mb: int) -> None:
        """``most`` files, each of at most ``file_mb`` megabytes."""
        self.parts: list[_Part] = []
        self.ended = False
        self._folder = folder
        self._most = most
        self._file_mb = file_mb
        self._file: BinaryIO | None = None
        self._size = 0
        self._header = [b"", b""]
        self._headers: dict[bytes, bytes] = {}

    def callbacks(self) -> MultipartCallbacks:
        """Return what the parser calls."""
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": lambda data, start, end: self._take(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._take(1, data[start:end]),
            "on_header_end": self._header_ends,
            "on_headers_finished": self._begin_part,
            "on_part_data": lambda data, start, end: self.write(data[start:end]),
            "on_part_end": self.close,
            "on_end": self._end,
        }

    def _take(self, which: int, data: bytes) -> None:
        self._header[which] += data

    def _header_ends(self) -> None:
        name, value = self._header
        self._headers[name.lower()] = value
        self._header = [b"", b""]

    def _begin_part(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        field, name = options.get(b"name", b""), options.get(b"filename")
        if name is None or field != FIELD.encode():
            what = "file" if name is not None else "field"
            raise BadRequest(f"the form has a {what} {_shown(field)}; it may hold files in {FIELD!r} alone")
        self.begin(_decoded(name))

    def begin(self, name: str) -> None:
        """Begin a file.

        Raises:
            BadRequest: there are too many.
        """
        if len(self.parts) == self._most:
            raise BadRequest(f"there are more than {self._most} files (QA_UPLOAD_FILES); send them in several requests")
        path = self._folder / str(len(self.parts))
        self.parts.append(_Part(name, path))
        self._file = path.open("wb")
        self._size = 0

    def write(self, data: bytes) -> None:
        """Write some of the file.

        Raises:
            FileTooLarge
        """
        assert self._file is not None
        self._size += len(data)
        if self._size > self._file_mb * MEGABYTE:
            raise FileTooLarge(f"{self.parts[-1].name[:200]!r} is larger than {self._file_mb} MB (QA_READ_FILE_MB)")
        self._file.write(data)

    def close(self) -> None:
        """End the file."""
        if self._file is not None:
            self._file.close()
        self._file = None

    def _end(self) -> None:
        self.ended = True


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except FormParserError as error:
        raise BadRequest(f"the form can't be read: {error}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise storage_error(reason)(f"{folder} can't be written: {reason}; see whether its disk is full") from error


def _decoded(name: bytes) -> str:
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"the name of the file {_shown(name)} is not in UTF-8") from error
    for escaped, char in _ESCAPED.items():
        text = text.replace(escaped, char)
    return text


def _shown(name: bytes) -> str:
    return repr(name[:100].decode("utf-8", "backslashreplace"))
