"""``qa mcp``: the Model Context Protocol over standard input and output, for programs that start it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from qa.cli import backend
from qa.settings import load

if TYPE_CHECKING:
    from qa.mcp.results import Reports
    from qa.settings import Settings


def mcp() -> None:
    """Serve until standard input ends: through the running server that owns the library, else in this process.

    Raises:
        EmptyLibrary, LibraryError, EmbedderError, SettingsError, ServerError
    """
    settings = load()
    server = backend.running_server(settings)
    if server is not None:
        anyio.run(_through, f"{server.url}/mcp", _key(settings))
        return
    backend.require_library(settings)
    with backend.library(settings) as opened:
        from qa.mcp.local import LocalReports
        from qa.pipeline import build

        anyio.run(_serve, LocalReports(build(settings, opened)))


def _key(settings: Settings) -> str | None:
    return settings.api_key.get_secret_value() if settings.api_key is not None else None


async def _serve(reports: Reports) -> None:
    from qa.mcp.server import ReportServer

    await ReportServer(lambda _: reports).run_stdio_async()


async def _through(url: str, key: str | None) -> None:
    from qa.mcp.remote import RemoteReports, connected

    async with connected(url, key) as client:
        await _serve(RemoteReports(client))
