"""``qa documents``: what the library holds, from the running server or from the library itself."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from qa.cli import backend, output
from qa.errors import ServerRefused
from qa.settings import Settings, load

if TYPE_CHECKING:
    from qa.api.schema import DocumentView
    from qa.client import Client
    from vectorstore.library import Library


class DocumentSource(Protocol):
    """Where documents are looked up: in a server, or in the library opened in this process."""

    def documents(self) -> list[dict[str, Any]]: ...

    def document(self, name_or_id: str) -> DocumentView: ...


class LocalDocuments:
    """The documents of a library that is open in this process."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def documents(self) -> list[dict[str, Any]]:
        from qa.api.schema import DocumentSummary

        infos = self._library.documents()
        into = self._library.collections_of([info.id for info in infos])
        return [DocumentSummary.of(info, into.get(info.id, [])).model_dump() for info in infos]

    def document(self, name_or_id: str) -> DocumentView:
        from qa.api.schema import DocumentView

        id = self._library.document_info(name_or_id).id
        return DocumentView.of_library(self._library, id, self._library.collections_of([id]).get(id, []))


@contextmanager
def document_source(settings: Settings) -> Iterator[DocumentSource]:
    """Yield the running server if there is one, else the library, and close it afterwards."""
    server = backend.running_server(settings)
    if server is not None:
        yield server
        return
    backend.require_library(settings)
    with backend.library(settings) as library:
        yield LocalDocuments(library)


def list_documents(json: bool) -> None:
    """Print a table, or JSON as ``GET /documents`` gives it.

    Raises:
        QAError, VectorStoreError
    """
    from rich.table import Table

    settings = load()
    with document_source(settings) as source:
        documents = source.documents()
    if json:
        print(json_module.dumps({"documents": documents}, ensure_ascii=False, indent=2))
        return
    table = Table("name", "title", "date", "collections", box=None, header_style="bold", pad_edge=False)
    for heading in ("characters", "passages"):
        table.add_column(heading, justify="right")
    for item in documents:
        words = [output.plain(item[key] or "") for key in ("name", "title", "date")]
        words.append(output.plain(", ".join(item["collections"])))
        table.add_row(*(output.literal(word) for word in words), str(item["chars"]), str(item["passage_count"]))
    output.out().print(table)
    output.say(output.out(), f"{len(documents)} documents in {settings.data_dir}", "dim")


def show_document(name_or_id: str, text: bool, json: bool) -> None:
    """Print a document's headings and passages, its raw text, or JSON as ``GET /documents/{id}`` gives it.

    Raises:
        QAError, VectorStoreError
    """
    with document_source(load()) as source:
        document = source.document(name_or_id)
    console = output.out()
    if json:
        print(document.model_dump_json(indent=2))
    elif text:
        output.raw(document.text)
    else:
        output.say(console, document.title, "bold")
        about = [document.name, document.date, document.source, f"{document.chars} characters", f"id {document.id}"]
        output.say(console, " · ".join(part for part in about if part), "dim")
        for passage in document.passages:
            output.say(console, f"\n{passage.ordinal} {passage.section}".rstrip(), "cyan")
            output.say(console, passage.text)


def remove_documents(names: Sequence[str], json: bool) -> None:
    """Remove documents: all of those named, or none when one of them is unknown.

    Raises:
        UnknownDocument, LibraryLocked
        LibraryError, EmbedderError, ServerError
    """
    settings = load()
    server = backend.running_server(settings)
    if server is not None:
        removed = _removed_by(server, names)
    else:
        backend.require_library(settings)
        with backend.library(settings) as library:
            infos = [library.document_info(name, to_change=True) for name in names]
            removed = [library.remove_named(name).name for name in dict.fromkeys(info.name for info in infos)]
    if json:
        print(json_module.dumps({"removed": removed}, ensure_ascii=False))
        return
    for name in removed:
        output.say(output.out(), f"removed {name}")


def _removed_by(server: Client, names: Sequence[str]) -> list[str]:
    """Have a server remove documents; return their names."""
    found = {document.id: document.name for document in map(server.document, names)}
    for id, name in found.items():
        removal = server.remove(id)
        for job in removal["jobs"]:
            over = server.wait_over(job["id"])
            if over["state"] != "ready":
                raise ServerRefused(over["state"], f"{name} was not removed: {over['reason'] or over['state']}")
        lost = removal["lost"]
        if lost["answers"]:
            cites = f"! {lost['answers']} answers in {lost['conversations']} conversations cite {name}"
            output.say(
                output.err(), f"{cites}; they keep what they quote, and can't show its source any more", "yellow"
            )
    return list(found.values())
