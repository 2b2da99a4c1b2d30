"""The interface of readers: a file's bytes in, raw documents out."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vectorstore.errors import SourceError
from vectorstore.original import Original
from vectorstore.places import Places
from vectorstore.reading.limits import DEFAULT, ReadOptions
from vectorstore.reading.recognised import RecognisedPage

OnError = Callable[[SourceError], None]
"""Called with what is wrong with one document, which is then left out; it may raise instead."""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as read, before anything is repaired or cut. All offsets count in ``text``."""

    name: str
    text: str
    sha256: str
    """Hex, over the text in UTF-8 (without a byte order mark), whatever the file's own encoding was."""
    encoding: str
    title: str | None = None
    """Only when the source gives one beside the text."""
    places: Places | None = None
    """On which page each character stands, where the format has pages."""
    notes: tuple[str, ...] = ()
    """For people: what could not be read of it."""
    original: Original | None = None
    """The file that it was read from, where its pages can be drawn."""
    unread: tuple[int, ...] = ()
    """Indices of pages that are pictures, whose text was not recognised."""

    @classmethod
    def of(
        cls,
        name: str,
        text: str,
        encoding: str = "utf-8",
        title: str | None = None,
        places: Places | None = None,
        notes: tuple[str, ...] = (),
        unread: tuple[int, ...] = (),
    ) -> RawDocument:
        """Make a document of a text that is already decoded."""
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        return cls(name, text, digest, encoding, title, places, notes, unread=unread)


@dataclass(frozen=True, slots=True)
class Source:
    """One file's content."""

    data: bytes
    name: str
    """What its document is called, unless the format gives names of its own."""
    where: str
    """How error messages name it: mostly its path."""
    options: ReadOptions = DEFAULT
    recognised: Mapping[int, RecognisedPage] | None = None
    """What was recognised on pages that are pictures, by their indices; None before that was tried."""


class Reader(ABC):
    """Reads one format. A new one is a module with a subclass, and one line in ``reading/registry.py``."""

    name: str
    """Of the format, for people."""
    suffixes: tuple[str, ...]
    """Of its files: in lower case, with the dot, and no other reader's."""
    is_collection = False
    """Whether one file holds many documents. A folder's files of such a format are left out; they have to be named."""
    keeps_original = False
    """Whether its pages can be drawn from the file, which the library then keeps."""
    needs_ocr = False
    """Whether its files are pictures, which are passed over in a folder where no text is recognised."""
    is_parser = True
    """Whether it parses what a hostile file may have made: it is run in a process of its own, with limits."""

    def identifies(self, data: bytes) -> bool:
        """Whether ``data`` is of this format for sure, whatever the file is called. Quick, and never raises."""
        return False

    @abstractmethod
    def recognises(self, data: bytes) -> bool:
        """Whether ``data`` may be of this format, judged by its bytes alone. Quick, and never raises."""

    @abstractmethod
    def read(self, source: Source, on_error: OnError) -> list[RawDocument]:
        """Return the documents in ``source``.

        Args:
            on_error: for a collection: called with what is wrong with one of its documents.

        Raises:
            SourceError: the whole file can't be read, or has nothing in it; the message begins with ``source.where``.
        """
