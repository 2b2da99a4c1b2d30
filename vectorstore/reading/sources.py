"""Finding documents: one file, or all files below a directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from vectorstore.errors import NoDocuments, SourceError, UnreadableSource
from vectorstore.reading.base import OnError, RawDocument, Source
from vectorstore.reading.registry import SUFFIXES, reader_of


def read_file(path: Path | str, name: str | None = None) -> RawDocument:
    """Read a file of one document; ``name`` defaults to the file's own.

    Raises:
        UnreadableSource: missing, no permission, not a file, of no known format, damaged, or of several documents.
        EmptySource: nothing but white space.
    """
    path = Path(path)
    documents = _read(path, path.name if name is None else name, _raise)
    if len(documents) != 1:
        raise UnreadableSource(f"{path} holds {len(documents)} documents; read_source reads them all")
    return documents[0]


def read_source(path: Path | str, on_error: OnError | None = None) -> list[RawDocument]:
    """Read a file, or all documents below a directory.

    In a directory: files with one of ``SUFFIXES`` at any depth, hidden files and ``README.md`` left out, sorted by name
    (the path relative to the directory, with ``/``).

    Args:
        on_error: called with what is wrong with one file or line, which is then left out; without it the first raises.

    Raises:
        SourceError: as ``read_file``; a broken JSONL line is named by its number.
        NoDocuments: there is nothing to read, right or wrong.
    """
    path = Path(path)
    report = on_error or _raise
    return _read_directory(path, report) if path.is_dir() else _read(path, path.name, report)


def _read(path: Path, name: str, on_error: OnError) -> list[RawDocument]:
    data = _bytes(path)
    return reader_of(path.name, data).read(Source(data, name, str(path)), on_error)


def _read_directory(directory: Path, on_error: OnError) -> list[RawDocument]:
    names = sorted(_names(directory))
    if not names:
        raise NoDocuments(f"{directory} holds no {' or '.join(SUFFIXES)} file; add some, or name a file")
    documents: list[RawDocument] = []
    for name in names:
        try:
            documents += _read(directory / name, name, on_error)
        except SourceError as error:
            on_error(error)
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


def _raise(error: SourceError) -> None:
    raise error


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
