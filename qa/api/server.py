"""Runs the server: binds the socket, opens the library in the background, and shuts down cleanly."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qa.api.app import create_app
from qa.api.http_server import HttpServer
from qa.api.service import Service
from qa.errors import PortInUse, SettingsError
from qa.observability.question_trace import MeasuredModel
from qa.settings import Settings
from vectorstore import memory
from vectorstore.errors import IndexBroken, LibraryError

if TYPE_CHECKING:
    from qa.answering.base import Answerer
    from vectorstore.library import Library

log = logging.getLogger("qa.api")

Progress = Callable[[str, int, int], None]
_SWITCH_SECONDS = 0.0005
"""A thread that indexes gives way to a question ten times as often as Python's default has it."""
_GIVE_BACK_SECONDS = 60.0
"""Between two times that freed memory goes back to the system."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        PortInUse: another program listens there.
        SettingsError: the address is not one of this machine, or the process may not bind it.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(128)
        except OSError:
            listener.close()
            raise
    except socket.gaierror as error:
        raise SettingsError(f"QA_HOST is {host!r}, which is no address: {error.strerror}") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"port {port} of {host} is in use by another program; end that one, "
                f"or choose another port: QA_PORT={port + 1 if port < 65535 else 8000}"
            ) from error
        raise SettingsError(f"QA_HOST={host} QA_PORT={port}: can't listen there: {error.strerror}") from error
    return listener


def url_of(host: str, port: int) -> str:
    """Return the URL at which this machine reaches a server that listens at ``host``."""
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server:
    """A server that answers ``/healthz`` at once, and questions as soon as its library is open and filled.

    Args:
        settings: read at the entry point.
        seeds: documents to ingest when the library is empty; None for none.
        progress: called with (what, done, total) while documents are ingested.
        on_ready: called with the URL, the number of documents, and an error message for each that failed.
    """

    def __init__(
        self,
        settings: Settings,
        seeds: Path | None = None,
        progress: Progress | None = None,
        on_ready: Callable[[str, int, list[str]], None] | None = None,
    ) -> None:
        self.settings = settings
        self.seeds = seeds
        self.url = url_of(settings.host, settings.port)
        self._progress = progress
        self._on_ready = on_ready
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._library: Library | None = None
        self._app = create_app(settings)
        self._service: Service = self._app.state.service
        self._uvicorn = HttpServer(self._app, self._service, self._stopping.set)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises:
            PortInUse, SettingsError: at once.
            VectorStoreError: the library can't be opened, or the seeds can't be read.
        """
        if not self.settings.work:
            self.settings.require_shared("QA_WORK=off")
        sys.setswitchinterval(_SWITCH_SECONDS)
        with bind(self.settings.host, self.settings.port) as listener, self._signals():
            opening = threading.Thread(target=self._open, name="opening")
            opening.start()
            threading.Thread(target=self._give_back_memory, name="memory", daemon=True).start()
            try:
                self._uvicorn.run(sockets=[listener])
            finally:
                self._stopping.set()
                opening.join()
                self._service.workers.close()
                self._service.stop_changes()  # if it became ready after all else had stopped
                if self._library is not None:
                    self._library.close()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Make ``run`` return; from any thread."""
        self._stopping.set()
        self._uvicorn.should_exit = True

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT stop the server instead of the process, so that the library can be closed after it.

        uvicorn has handlers of its own while it runs (``HttpServer.handle_exit``).
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {which: signal.signal(which, lambda *_: self.stop()) for which in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for which, handler in before.items():
                signal.signal(which, handler)

    def _give_back_memory(self) -> None:
        while not self._stopping.wait(_GIVE_BACK_SECONDS):
            memory.give_back()

    def _open(self) -> None:
        try:
            self._open_library()
        except _Stopped:
            log.info("stopped while the library was being filled; what is done is kept")
        except BaseException as error:
            if self._stopping.is_set() and isinstance(error, LibraryError):
                log.info("stopped while the library was being warmed up: %s", error)
                return
            self._failure = error
            self._uvicorn.should_exit = True

    def _open_library(self) -> None:
        from qa.pipeline import QA, open_library
        from qa.ranking import load_ranker
        from qa.sessions.conversations import Conversations

        self._library = library = open_library(self.settings, owner_url=self.url, progress=self._report)
        failed = self._fill(library)
        ranker = load_ranker(self.settings.ranker, library, self.settings.models_dir)
        qa = QA(library, self.settings, self._answerer(), ranker)
        self._service.ready(qa, Conversations(library.database, self.settings.history_limit))
        if self._on_ready is not None:
            self._on_ready(self.url, library.directory.count(), failed)
        try:
            library.warm_up()
        except IndexBroken as error:  # the next change builds it again, or the first search that needs it
            log.warning("the library is searched without its dense index for now: %s", error)
        self._service.suggestions_within(None).get(limit=1)  # starts generating them

    def _answerer(self) -> Answerer | None:
        """Return the configured answerer, with its model's calls measured; None for the extractive one."""
        from qa.answering import choose

        answerer = choose(self.settings)
        if answerer is not None:
            answerer.model = MeasuredModel(answerer.model, self._service.metrics.model_called)
        return answerer

    def _fill(self, library: Library) -> list[str]:
        """Ingest the seeds if the library is empty, and return the error messages."""
        if self.seeds is None or library.directory.count():
            return []
        from vectorstore.reading import read_source

        failed: list[str] = []
        options = self.settings.read_options(progress=self._report)
        documents = read_source(self.seeds, on_error=lambda error: failed.append(str(error)), options=options)
        report = library.ingest(documents, progress=self._report)
        return failed + [f"{name}: {message}" for name, message in report.failed]

    def _report(self, what: str, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise _Stopped
        self._service.waiting_for = f"the library is being filled ({what}, {done} of {total})"
        if self._progress is not None:
            self._progress(what, done, total)


class _Stopped(BaseException):
    """Stops ingestion. Not an Exception, or it would be reported as the failure of one document."""
