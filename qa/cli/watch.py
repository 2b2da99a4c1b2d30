"""``qa watch``: follows folders, through the running server if there is one, else in this process."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from qa.cli import backend, logs, output
from qa.errors import ServerError, ServerRefused
from qa.settings import Settings, load
from vectorstore.errors import LibraryUnavailable, UnreadableSource

if TYPE_CHECKING:
    from qa.client import Client
    from vectorstore.changes.watch import Library, State
    from vectorstore.storage.origins import Origin

log = logging.getLogger("qa.watch")

_OF_THE_FILE = frozenset(
    ("file_too_large", "bad_name", "bad_request", "invalid_request", "shared_document", "unknown_document")
)
"""Codes of refusals of one file; after all others, no file would be taken in now."""


class ServedLibrary:
    """The library of a running server."""

    def __init__(self, server: Client) -> None:
        self._server = server

    def known(self, source: str) -> dict[str, Origin]:
        from vectorstore.storage.origins import Origin

        with _translated():
            return {item["name"]: Origin(source=source, **item) for item in self._server.origins(source)}

    def foreign(self, name: str, source: str) -> bool:
        with _translated():
            try:
                return bool(self._server.status(name)["source"] != source)
            except ServerRefused as error:
                if error.code == "unknown_document":
                    return False
                raise

    def ingest(self, name: str, state: State, source: str) -> None:
        with _translated():
            try:
                self._server.put_file(name, state.path, source, state.modified)
            except ServerRefused as error:
                if error.code in _OF_THE_FILE:
                    raise UnreadableSource(str(error)) from error
                raise

    def remove(self, name: str, source: str) -> None:
        with _translated(), suppress(ServerRefused):  # it is gone already
            self._server.remove(name, source)


@contextmanager
def _translated() -> Iterator[None]:
    """Let a server that can't be asked now be as a library that can't: the folder is looked at again later."""
    try:
        yield
    except ServerError as error:
        raise LibraryUnavailable(str(error)) from error


def watch(folders: Sequence[Path]) -> None:
    """Follow folders until the person stops it.

    Raises:
        UnreadableSource: one is no folder.
        LibraryLocked: another command owns the library.
        LibraryError, EmbedderError, ServerError
    """
    for folder in folders:
        if not folder.is_dir():
            raise UnreadableSource(f"{folder} is no folder; name one that is there")
    settings = load()
    announce = logs.to(output.err(), settings, log)
    with _library(settings) as library:
        from vectorstore.changes import Watching

        watching = Watching(folders, library, settings.ignored, settings.reads_pictures)
        watching.start()
        announce(f"following {', '.join(map(str, folders))}; Ctrl-C ends it", "dim")
        told = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: told.set())
        try:
            told.wait()
        finally:
            watching.stop()


@contextmanager
def _library(settings: Settings) -> Iterator[Library]:
    server = backend.running_server(settings)
    if server is not None:
        yield ServedLibrary(server)
        return
    from vectorstore.changes import Changes, OpenLibrary

    with backend.library(settings) as library:
        changes = Changes(library, settings.data_dir, settings.read_options(), settings.job_lease)
        changes.worker.start()
        try:
            yield OpenLibrary(changes)
        finally:
            changes.worker.stop()
