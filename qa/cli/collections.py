"""``qa collections``: what there is, and which documents are in it, in the running server or in the library itself."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from qa.cli import backend, output
from qa.settings import load

if TYPE_CHECKING:
    from vectorstore.library import Library


class CollectionSource(Protocol):
    """Where collections are kept: in a server, or in the library opened in this process."""

    def collections(self) -> list[dict[str, Any]]: ...

    def add_collection(self, name: str) -> None: ...

    def rename_collection(self, name_or_id: str, name: str) -> None: ...

    def remove_collection(self, name_or_id: str) -> None: ...

    def put_documents(self, documents: Sequence[str], collections: Sequence[str]) -> None: ...


class LocalCollections:
    """The collections of a library that is open in this process."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._membership = library.membership

    def collections(self) -> list[dict[str, Any]]:
        from qa.api.schema_collections import CollectionView

        return [CollectionView.of(one).model_dump() for one in self._library.collections()]

    def add_collection(self, name: str) -> None:
        self._membership.add(name)

    def rename_collection(self, name_or_id: str, name: str) -> None:
        self._membership.rename(name_or_id, name)

    def remove_collection(self, name_or_id: str) -> None:
        self._membership.remove(name_or_id)

    def put_documents(self, documents: Sequence[str], collections: Sequence[str]) -> None:
        self._membership.put(documents, collections)


@contextmanager
def _source() -> Iterator[CollectionSource]:
    """Yield the running server if there is one, else the library, which may be made by it, and close it afterwards.

    Raises:
        ServerError, LibraryError, EmbedderError
    """
    settings = load()
    server = backend.running_server(settings)
    if server is not None:
        yield server
        return
    with backend.library(settings) as library:
        yield LocalCollections(library)


def list_collections(json: bool) -> None:
    """Print a table, or JSON as ``GET /collections`` gives it."""
    with _source() as source:
        found = source.collections()
    if json:
        print(json_module.dumps({"collections": found}, ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    table = Table("name", "id", "created", box=None, header_style="bold", pad_edge=False)
    table.add_column("documents", justify="right")
    for item in found:
        words = [output.plain(item[key]) for key in ("name", "id", "created")]
        table.add_row(*(output.literal(word) for word in words), str(item["document_count"]))
    output.out().print(table)


def add(name: str) -> None:
    """Make a collection; raises BadCollection when it can't be called that."""
    with _source() as source:
        source.add_collection(name)
    output.say(output.out(), f"made the collection {name}")


def rename(name_or_id: str, name: str) -> None:
    """Rename a collection; raises UnknownCollection or BadCollection."""
    with _source() as source:
        source.rename_collection(name_or_id, name)
    output.say(output.out(), f"the collection {name_or_id} is called {name} now")


def remove(name_or_id: str) -> None:
    """Remove a collection; raises UnknownCollection, or BadCollection while a document is in no other."""
    with _source() as source:
        source.remove_collection(name_or_id)
    output.say(output.out(), f"removed the collection {name_or_id}; its documents are in others")


def put(documents: Sequence[str], collections: Sequence[str]) -> None:
    """Put documents into collections, and out of all others, all or none.

    Raises:
        UnknownDocument, AmbiguousDocument, UnknownCollection: nothing was changed.
    """
    with _source() as source:
        source.put_documents(documents, collections)
    for document in documents:
        output.say(output.out(), f"{document} is in {', '.join(collections)}")
