"""``qa serve``: the server in this terminal, with a progress bar while the library is filled."""

from __future__ import annotations

import logging
from pathlib import Path

from qa.api.server import Server, is_loopback
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
    _log_to_stderr()
    console = output.err()
    if not is_loopback(settings.host):
        output.say(
            console,
            f"! {settings.host} can be reached from other machines, and whoever reaches it may ask and read everything "
            "here; put it behind something that knows who may",
            "yellow",
        )
    with output.progress_bar(console) as progress:

        def ready(url: str, documents: int, failed: list[str]) -> None:
            for message in failed:
                output.say(console, f"! {message}", "yellow")
            output.say(console, _ready(settings, url, documents), "green")

        Server(settings, seeds, progress, ready).run()
    output.say(console, "stopped", "dim")


def _ready(settings: Settings, url: str, documents: int) -> str:
    hint = "" if documents else "; it holds nothing yet: stop this, and run `qa ingest PATH`"
    return f"ready at {url} ({documents} documents in {settings.data_dir}{hint})"


def _log_to_stderr() -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    logging.getLogger("qa.api").setLevel(logging.INFO)
