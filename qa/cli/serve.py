"""``qa serve``: the server in this terminal, with a progress bar while the library is filled."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from qa.addresses import is_loopback
from qa.api.server import Server
from qa.cli import output
from qa.settings import Settings, load


def serve(host: str | None, port: int | None, seeds: Path | None) -> None:
    """Serve until the person stops it.

    Raises:
        PortInUse, SettingsError
        VectorStoreError: the library can't be opened, or the seeds can't be read.
    """
    overrides = {"host": host, "port": port}
    settings = load(**{name: value for name, value in overrides.items() if value is not None})
    console = output.err()
    _log_to(console)
    if not is_loopback(settings.host) and not settings.requires_key:
        output.say(
            console,
            f"! {settings.host} can be reached from other machines, and whoever reaches it may ask and read everything "
            "here, for QA_KEYS=off; put it behind something that knows who may",
            "yellow",
        )
    with ExitStack() as until_ready:
        progress = until_ready.enter_context(output.progress_bar(console, "opening the library"))

        def ready(url: str, documents: int, failed: list[str]) -> None:
            until_ready.close()
            for message in failed:
                output.say(console, f"! {message}", "yellow")
            output.say(console, _ready(settings, url, documents), "green")

        Server(settings, seeds, progress, ready).run()
    output.say(console, "stopped", "dim")


def _ready(settings: Settings, url: str, documents: int) -> str:
    hint = "" if documents else "; it holds nothing yet: stop this, and run `qa ingest PATH`"
    if settings.requires_key:
        hint += "; API keys are required: `qa keys add NAME` makes one"
    return f"ready at {url} ({documents} documents in {settings.data_dir}{hint})"


class _ConsoleHandler(logging.Handler):
    """Logs through the console, which keeps its progress bar out of the lines."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        output.say(self._console, self.format(record))


def _log_to(console: Console) -> None:
    logging.basicConfig(handlers=[_ConsoleHandler(console)], level=logging.WARNING)
    logging.getLogger("qa.api").setLevel(logging.INFO)
