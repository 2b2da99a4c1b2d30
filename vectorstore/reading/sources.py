"""Finding documents: one file, or all files below a directory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from vectorstore.errors import NoDocuments, SourceError, UnreadableSource
from vectorstore.original import Original
from vectorstore.reading.archive import OLE, ZIP
from vectorstore.reading.base import OnError, RawDocument, Source
from vectorstore.reading.jail import read_in_jail
from vectorstore.reading.limits import DEFAULT, MEGABYTE, ReadOptions
from vectorstore.reading.ocr import with_pictures_read
from vectorstore.reading.registry import OLD, PICTURES, SUFFIXES, reader_of

_README = "readme.md"


class UnlistedFolder(UnreadableSource):
    """A folder below a directory that can't be listed: nothing is known of what is in it."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name
        """As documents in it would be named."""


def read_file(path: Path | str, name: str | None = None, options: ReadOptions = DEFAULT) -> RawDocument:
    """Read a file of one document; ``name`` defaults to the file's own.

    Raises:
        UnreadableSource: missing, no permission, not a file, of no known format, damaged, encrypted, over a limit, or
            of several documents.
        EmptySource: nothing but white space.
    """
    path = Path(path)
    documents = _read(path, path.name if name is None else name, _raise, options)
    if len(documents) != 1:
        raise UnreadableSource(f"{path} holds {len(documents)} documents; read_source reads them all")
    return documents[0]


def read_source(path: Path | str, on_error: OnError | None = None, options: ReadOptions = DEFAULT) -> list[RawDocument]:
    """Read a file, or all documents below a directory.

    In a directory: files with one of ``SUFFIXES`` or ``OLD`` at any depth, sorted by name (the path relative to the
    directory, with ``/``). Left out are hidden files, and a ``README.md`` beside or above other documents: it is about
    them.

    Args:
        on_error: called with what is wrong with one file or line, which is then left out; without it the first raises.
        options: the limits of reading, and a password for encrypted files.

    Raises:
        SourceError: as ``read_file``; a broken JSONL line is named by its number.
        NoDocuments: there is nothing to read, right or wrong.
    """
    path = Path(path)
    report = on_error or _raise
    if path.is_dir():
        return _read_directory(path, report, options)
    return _read(path, path.name, report, options)


def read_bytes(
    data: bytes,
    name: str,
    where: str,
    on_error: OnError,
    options: ReadOptions = DEFAULT,
    path: Path | None = None,
) -> list[RawDocument]:
    """Read a file's content, in a process of its own where it has to be parsed.

    Args:
        name: what its document is called.
        where: how messages name it, with the suffix that it had.
        path: of the file that holds ``data``, and will until the documents are in the library; None keeps ``data`` with
            the documents whose pages can be drawn.

    Raises:
        SourceError: as ``read_file``.
    """
    source = Source(data, name, where, options)
    if data.startswith((ZIP, OLE)):  # only who opens it knows what it is
        return read_in_jail(source, on_error)
    reader = reader_of(where, data)
    if not reader.is_parser:
        return reader.read(source, on_error)
    documents = with_pictures_read(source, read_in_jail(source, on_error), on_error)
    if not reader.keeps_original or _is_locked(source):
        return documents
    original = Original.of(data, path)
    return [replace(document, original=original) for document in documents]


def _is_locked(source: Source) -> bool:
    """Whether a file opens with a password alone, which is kept nowhere: its pages can't be drawn later."""
    return source.options.password is not None and b"/Encrypt" in source.data


def _read(path: Path, name: str, on_error: OnError, options: ReadOptions) -> list[RawDocument]:
    _refuse_undecodable(name, path)
    return read_bytes(_bytes(path, options.limits.file_mb * MEGABYTE), name, str(path), on_error, options, path)


def _read_directory(directory: Path, on_error: OnError, options: ReadOptions) -> list[RawDocument]:
    documents: list[RawDocument] = []
    for name, path in list_files(directory, on_error, options.ocr is not None):
        try:
            documents += _read(path, name, on_error, options)
        except SourceError as error:
            on_error(error)
    return documents


def list_files(path: Path, on_error: OnError, pictures: bool = False) -> list[tuple[str, Path]]:
    """Return the files that ``read_source`` reads, with the names that their documents get; reads none of them.

    Args:
        path: a file, or a directory.
        on_error: called with a link that leads out of the directory, and a folder below it that can't be listed.
        pictures: whether those in a directory are documents too: their text can be recognised.

    Raises:
        NoDocuments: the directory has none.
        UnreadableSource: it can't be listed itself.
    """
    if not path.is_dir():
        return [(path.name, path)]
    passed_over = () if pictures else PICTURES
    listed = [name for name in _names(path, on_error) if not name.lower().endswith(passed_over)]
    names = sorted(_without_readmes(listed))
    if not names:
        raise NoDocuments(f"{path} holds no {' or '.join(SUFFIXES)} file; add some, or name a file")
    files: list[tuple[str, Path]] = []
    for name in names:
        try:
            _refuse_link_out(path, name)
        except SourceError as error:
            on_error(error)
        else:
            files.append((name, path / name))
    return files


def _names(directory: Path, on_error: OnError) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        why = f"{error.filename} can't be listed ({error.strerror}); check its permissions"
        name = Path(error.filename).relative_to(directory).as_posix()
        if name == ".":
            raise UnreadableSource(why) from error
        on_error(UnlistedFolder(name, why))

    for folder, folders, files in os.walk(directory, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and name.lower().endswith(SUFFIXES + OLD):
                yield (Path(folder) / name).relative_to(directory).as_posix()


def _without_readmes(names: list[str]) -> list[str]:
    """Return names without the READMEs of folders that hold other documents, there or further down."""
    others = [name for name in names if not _is_readme(name)]

    def is_about_others(name: str) -> bool:
        folder = name[: len(name) - len(_README)]
        return _is_readme(name) and any(other.startswith(folder) for other in others)

    return [name for name in names if not is_about_others(name)]


def _is_readme(name: str) -> bool:
    return name.rpartition("/")[2].lower() == _README


def _refuse_link_out(directory: Path, name: str) -> None:
    """Refuse a link in a directory that leads out of it: whoever fills the directory may not read elsewhere.

    Raises:
        UnreadableSource: it is one.
    """
    path = directory / name
    led_to = Path(os.path.realpath(path))  # ``resolve`` raises where a link leads to itself
    if not led_to.is_relative_to(os.path.realpath(directory)):
        raise UnreadableSource(f"{path} is a link that leads out of {directory}; put the file itself there")


def _refuse_undecodable(name: str, path: Path) -> None:
    """Refuse a file whose name's bytes are no text: nothing could name it.

    Raises:
        UnreadableSource: it is one.
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        shown = str(path).encode("utf-8", "backslashreplace").decode()
        raise UnreadableSource(f"{shown}: the file's name isn't UTF-8; rename it") from error


def _raise(error: SourceError) -> None:
    raise error


def _bytes(path: Path, most: int) -> bytes:
    """Return a file's content.

    Raises:
        UnreadableSource: it is missing, no ordinary file, too large, or may not be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a FIFO without a writer must not block
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                what = "a directory" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
                raise UnreadableSource(f"{path} is {what}; name a file")
            if status.st_size > most:
                limit = f"{most // MEGABYTE} MB (QA_READ_FILE_MB)"
                raise UnreadableSource(f"{path} has {status.st_size // MEGABYTE} MB, and the limit is {limit}")
            return file.read(most + 1)
    except FileNotFoundError as error:
        raise UnreadableSource(f"{path} does not exist; check the path") from error
    except IsADirectoryError as error:
        raise UnreadableSource(f"{path} is a directory; name a file") from error
    except PermissionError as error:
        raise UnreadableSource(f"{path} may not be read; check its permissions") from error
    except (OSError, ValueError) as error:
        raise UnreadableSource(f"{path} can't be read: {error}") from error
