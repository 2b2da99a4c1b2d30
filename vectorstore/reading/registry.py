"""The registry of formats, and the choice of a reader by name and content."""

from __future__ import annotations

from pathlib import PurePath

from vectorstore.reading.base import Reader
from vectorstore.reading.jsonl import JsonLinesReader
from vectorstore.reading.text import TextReader

READERS: tuple[Reader, ...] = (TextReader(), JsonLinesReader())
"""A file whose suffix no reader knows goes to the first that recognises its content."""

SUFFIXES = tuple(suffix for reader in READERS if not reader.is_collection for suffix in reader.suffixes)
"""What counts as a document inside a directory, in any case."""


def reader_of(name: str, data: bytes) -> Reader:
    """Return the reader of a file called ``name``: by its suffix, unless only others recognise its content.

    What nobody recognises goes to the suffix's reader, or to the first of all: its error says what is wrong.
    """
    suffix = PurePath(name).suffix.lower()
    named = next((reader for reader in READERS if suffix in reader.suffixes), None)
    if named is not None and named.recognises(data):
        return named
    return next((reader for reader in READERS if reader.recognises(data)), named or READERS[0])
