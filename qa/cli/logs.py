"""Where the lines of commands that run on go: to people or, as JSON, to machines; without secrets in both forms."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from rich.console import Console

from qa.cli import output
from qa.observability.logs import JsonFormatter, TextFormatter, secrets_of
from qa.settings import Settings

Announce = Callable[[str, str], None]
"""Tells a person something in a style; "yellow" is for warnings."""


def to(console: Console, settings: Settings, log: logging.Logger) -> Announce:
    """Send all log lines to a console, in the form that the settings ask for.

    Returns:
        what tells of the command itself: lines of ``log`` where machines read.
    """
    secrets = secrets_of(settings)
    handler: logging.Handler
    if settings.log_format == "json":
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter(secrets))
    else:
        handler = _ConsoleHandler(console)
        handler.setFormatter(TextFormatter(secrets))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    for name in ("qa.api", log.name, "vectorstore.changes"):
        logging.getLogger(name).setLevel(logging.INFO)

    def announce(text: str, style: str) -> None:
        if settings.log_format == "json":
            log.log(logging.WARNING if style == "yellow" else logging.INFO, "%s", text)
        else:
            with suppress(OSError):  # the terminal, or the file in its place, may be full or gone
                output.say(console, f"! {text}" if style == "yellow" else text, style)

    return announce


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
