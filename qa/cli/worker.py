"""``qa worker``: works on the changes of a library that several processes share, until it is stopped."""

from __future__ import annotations

import logging
import signal
import threading

from qa.cli import backend, logs, output
from qa.settings import load

log = logging.getLogger("qa.worker")


def worker() -> None:
    """Take jobs from the queue until SIGTERM or SIGINT; the job at hand is then queued again.

    Raises:
        SettingsError: the library is one that a single process owns.
        LibraryError, EmbedderError
    """
    settings = load()
    settings.require_shared("`qa worker`")
    announce = logs.to(output.err(), settings, log)
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    with backend.library(settings) as library:
        from vectorstore.changes import Changes

        changes = Changes(library, settings.data_dir, settings.read_options(), settings.job_lease)
        changes.worker.start()
        announce(f"working on the changes of {library.database.name}; Ctrl-C ends it", "dim")
        told.wait()
        changes.worker.stop()
    announce("stopped", "dim")
