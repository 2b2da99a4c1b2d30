"""``qa serve``: the server in this terminal, with a progress bar while the library is filled."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from pathlib import Path

from qa.api.server import Server
from qa.api.watchdog import watchdog
from qa.cli import logs, output
from qa.settings import Settings, is_loopback, load

log = logging.getLogger("qa.serve")


def serve(host: str | None, port: int | None, seeds: Path | None) -> None:
    """Serve until the person stops it.

    Raises:
        PortInUse, SettingsError
        VectorStoreError: the library can't be opened, or the seeds can't be read.
    """
    overrides = {"host": host, "port": port}
    settings = load(**{name: value for name, value in overrides.items() if value is not None})
    console = output.err()
    announce = logs.to(console, settings, log)
    if not is_loopback(settings.host) and not settings.requires_key:
        announce(
            f"{settings.host} can be reached from other machines, and with QA_KEYS=off any of them may ask and read "
            "everything; put it behind a proxy that checks who may",
            "yellow",
        )
    with ExitStack() as until_ready:
        progress = until_ready.enter_context(output.progress_bar(console, "opening the library"))

        def ready(url: str, documents: int, failed: list[str]) -> None:
            until_ready.close()
            for message in failed:
                announce(message, "yellow")
            announce(_ready(settings, url, documents), "green")

        with watchdog(settings.watchdog):
            Server(settings, seeds, progress, ready).run()
    announce("stopped", "dim")


def _ready(settings: Settings, url: str, documents: int) -> str:
    hint = "" if documents else "; it holds nothing yet: run `qa ingest PATH` in another terminal"
    if settings.requires_key:
        hint += "; API keys are required: `qa keys add NAME` makes one"
    return f"ready at {url} ({documents} documents in {settings.data_dir}{hint})"
