"""Where questions are answered: by the running server that owns the library, else in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from qa.cli import output
from qa.errors import EmptyLibrary
from vectorstore.storage.lock import read_owner

if TYPE_CHECKING:
    from qa.client import Client
    from qa.sessions.chat import ChatEvent
    from qa.settings import Settings
    from vectorstore.library import Library

STARTING_SECONDS = 120.0
"""How long to wait for a server that is still indexing."""
SEEDS = Path("seeds")


class Asker(Protocol):
    """Answers questions: ``qa.sessions.chat.Chat`` in this process, or ``qa.client.Client`` of a server."""

    def stream(
        self,
        question: str,
        conversation_id: str | None = None,
        documents: Sequence[str] | None = None,
        *,
        collections: Sequence[str] | None = None,
    ) -> Iterator[ChatEvent]: ...


@contextmanager
def asker(settings: Settings) -> Iterator[Asker]:
    """Yield what answers questions, and close it afterwards.

    Raises:
        EmptyLibrary: the library holds no documents.
        LibraryError, EmbedderError, SettingsError, ServerError
    """
    server = running_server(settings)
    if server is not None:
        if server.ready()["documents"] == 0:
            raise empty(settings)
        yield server
        return
    offer_seeds(settings)
    require_library(settings)
    with library(settings) as opened:
        from qa.pipeline import build
        from qa.sessions.chat import Chat
        from qa.sessions.conversations import Conversations

        if not opened.directory.count():
            raise empty(settings)
        yield Chat(build(settings, opened), Conversations(opened.database, settings.history_limit))


def running_server(settings: Settings) -> Client | None:
    """Return a client of the server that owns the library, once it is ready; None when no server owns it.

    Raises:
        ServerError
    """
    owner = read_owner(settings.data_dir)
    if owner is None or owner.url is None:
        return None
    from qa.client import Client

    key = settings.api_key.get_secret_value() if settings.api_key is not None else None
    client = Client(owner.url, key=key)
    with output.err().status("waiting for the server") as status:
        client.wait_ready(STARTING_SECONDS, lambda what: status.update(output.plain(what)))
    return client


@contextmanager
def library(settings: Settings, rebuild: bool = False) -> Iterator[Library]:
    """Open the library in this process, with a progress bar while its indexes are repaired.

    Raises:
        LibraryLocked: another process owns it; the message names it.
        LibraryError, EmbedderError
    """
    from qa.pipeline import open_library

    with output.progress_bar(output.err(), "opening the library") as progress:
        opened = open_library(settings, rebuild=rebuild, progress=progress)
    with opened:
        yield opened


def offer_seeds(settings: Settings) -> None:
    """Offer to index the checkout's reports, when there is no library yet and a person is at the terminal.

    Raises:
        SourceError, LibraryError, EmbedderError
    """
    if library_exists(settings) or not (SEEDS.is_dir() and output.interactive()):
        return
    import typer

    if typer.confirm(f"There are no documents yet. Index the reports in {SEEDS}/ now?", default=True, err=True):
        from qa.cli.ingest import ingest

        ingest([SEEDS], rebuild=False, json=False)


def library_exists(settings: Settings) -> bool:
    """Return whether there is a library (or a Postgres for one), or another process is making one. Opens nothing."""
    database = settings.database
    return isinstance(database, str) or read_owner(settings.data_dir) is not None or database.exists()


def require_library(settings: Settings) -> None:
    """Raise EmptyLibrary when there is no library yet. Opens nothing."""
    if not library_exists(settings):
        raise empty(settings)


def empty(settings: Settings) -> EmptyLibrary:
    """Return the error for an empty library, with the command that fills it."""
    here = ""
    if SEEDS.is_dir():
        here = (
            f" (`qa ingest {SEEDS}` takes in the reports of this checkout, `qa serve --seeds {SEEDS}` also serves them)"
        )
    return EmptyLibrary(f"the library in {settings.data_dir} is empty; add documents with `qa ingest PATH`{here}")
