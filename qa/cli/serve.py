"""``qa serve``: the server in this terminal, with a progress bar while the library is filled."""

from __future__ import annotations

import logging
from contextlib import ExitStack, suppress
from pathlib import Path

from rich.console import Console

from qa.api.server import Server
from qa.api.watchdog import watchdog
from qa.cli import output
from qa.observability.logs import JsonFormatter, TextFormatter, secrets_of
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
    _log_to(console, settings)

    def announce(text: str, style: str) -> None:
        if settings.log_format == "json":
            log.log(logging.WARNING if style == "yellow" else logging.INFO, "%s", text)
        else:
            with suppress(OSError):  # the terminal, or the file in its place, may be full or gone
                output.say(console, f"! {text}" if style == "yellow" else text, style)

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


class _ConsoleHandler(logging.Handler):
    """Logs through the console, which keeps its progress bar out of the lines."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        try:
            output.say(self._console, self.format(record))
        except Exception:  # where the log goes is full, or gone: no request may fail for that
            self.handleError(record)


def _log_to(console: Console, settings: Settings) -> None:
    secrets = secrets_of(settings)
    handler: logging.Handler
    if settings.log_format == "json":
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter(secrets))
    else:
        handler = _ConsoleHandler(console)
        handler.setFormatter(TextFormatter(secrets))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    for name in ("qa.api", "qa.serve", "vectorstore.changes"):
        logging.getLogger(name).setLevel(logging.INFO)
