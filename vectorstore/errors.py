"""Errors of the library, from reading a file to searching an index.

VectorStoreError                everything below; ``code`` is stable and fit for an API
├── SourceError                 a file or directory that can't be ingested (path and reason in the message)
│   ├── UnreadableSource        missing, no permission, not text, or an unknown encoding
│   ├── EmptySource             nothing but white space
│   ├── SharedDocument          in collections, too, that who would change it may not see
│   ├── UnknownPage             a page that the document doesn't have, or that can't be shown as an image
│   └── NoDocuments             a directory (or JSONL file) without a single document
├── UnknownDocument             a name or id that the library does not hold
├── AmbiguousDocument           the name of one document and the id of another, one of which is to be changed
├── BadName                     a name that no document can have
├── KeyReused                   an idempotency key that was given before, for another change
├── UnknownCollection           a name or id of a collection that the library does not hold, or the caller may not see
├── BadCollection               a collection can't be called that, or can't be removed
├── LibraryError                the library itself
│   ├── LibraryLocked           another process owns it; ``owner`` says which
│   ├── LibraryBroken           the catalogue is damaged or not ours
│   ├── LibraryUnavailable      its database is locked, read-only, or can't be reached; it may be different in a moment
│   │   └── LibraryFull             the disk is full
│   ├── IndexBroken             an index failed; it is built again from the catalogue
│   └── IndexMismatch           built with another embedder or another chunking
└── EmbedderError               a model that can't be found, loaded or run
    └── MissingExtra            an optional dependency is not installed; the message has the install command
"""

from __future__ import annotations

from dataclasses import dataclass


class VectorStoreError(Exception):
    """Base of the library's errors. The message says what, which value, and what to do about it."""

    code = "library_error"


class SourceError(VectorStoreError):
    code = "source_error"


class UnreadableSource(SourceError):
    code = "unreadable_source"


class EmptySource(SourceError):
    code = "empty_source"


class SharedDocument(SourceError):
    code = "shared_document"


class UnknownPage(SourceError):
    code = "unknown_page"


class NoDocuments(SourceError):
    code = "no_documents"


class UnknownDocument(VectorStoreError):
    code = "unknown_document"


class AmbiguousDocument(VectorStoreError):
    code = "ambiguous_document"


class BadName(VectorStoreError):
    code = "bad_name"


class KeyReused(VectorStoreError):
    code = "idempotency_key_reused"


class UnknownCollection(VectorStoreError):
    code = "unknown_collection"


class BadCollection(VectorStoreError):
    code = "bad_collection"


class LibraryError(VectorStoreError):
    code = "library_error"


@dataclass(frozen=True)
class Owner:
    """Who holds a library's lock: ``url`` is set when it is a server that can be asked instead."""

    pid: int
    command: str
    url: str | None = None


class LibraryLocked(LibraryError):
    code = "library_locked"

    def __init__(self, message: str, owner: Owner | None = None) -> None:
        super().__init__(message)
        self.owner = owner


class LibraryBroken(LibraryError):
    code = "library_broken"


class LibraryUnavailable(LibraryError):
    code = "library_unavailable"


class LibraryFull(LibraryUnavailable):
    code = "disk_full"


def storage_error(reason: str) -> type[LibraryUnavailable]:
    """Return the error for a database that says ``reason``."""
    return LibraryFull if "full" in reason or "No space left" in reason else LibraryUnavailable


class IndexBroken(LibraryError):
    code = "index_broken"


class IndexMismatch(LibraryError):
    code = "index_mismatch"


class EmbedderError(VectorStoreError):
    code = "embedder_error"


class MissingExtra(EmbedderError):
    code = "missing_extra"
