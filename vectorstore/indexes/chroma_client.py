"""Clients of Chroma, embedded in this process or of a server. The one importer of ``chromadb``."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import Any

from vectorstore.errors import LibraryError
from vectorstore.indexes.chroma_server import ChromaServer

_TIMEOUT = 60.0  # seconds for one request to a server
_API = "/api/v2"
_BASIC = "chromadb.auth.basic_authn.BasicAuthClientProvider"


def import_early() -> None:
    """Import Chroma, which takes a second, in another thread."""
    import httpx  # noqa: F401  # whole, before: openai takes it from sys.modules, be it half imported

    threading.Thread(target=importlib.import_module, args=("chromadb",), daemon=True).start()


def embedded(directory: Path) -> Any:
    """Return a client that keeps its files in ``directory``; raises what Chroma raises."""
    import chromadb

    return chromadb.PersistentClient(path=str(directory), settings=_settings())


def connected(server: ChromaServer) -> Any:
    """Return a client of ``server``.

    Raises:
        LibraryError: nothing answers there, or it doesn't let us in.
    """
    import chromadb

    login = {"chroma_client_auth_provider": _BASIC, "chroma_client_auth_credentials": server.login}
    try:
        _ask_in(server)
        client = chromadb.HttpClient(
            host=server.address,  # a whole URL, or Chroma would leave out the path
            ssl=server.address.startswith("https:"),
            settings=_settings(**login if server.login else {}),
        )
    except LibraryError:
        raise
    except Exception as error:
        raise LibraryError(
            f"no Chroma server answers at {server.place} ({error}); "
            "start it, or unset QA_CHROMA_URL to use the embedded one"
        ) from error
    for session in sessions(client):
        session.timeout = _TIMEOUT  # Chroma sets no timeout
    return client


def _ask_in(server: ChromaServer) -> None:
    """Ask what Chroma's client asks first, which would wait without end, and keeps no status to tell errors by.

    Raises:
        LibraryError: whoever answers doesn't let us in, or has no Chroma there.
    """
    import httpx

    login = server.login.split(":", 1) if server.login else None
    url = f"{server.address.removesuffix(_API)}{_API}/auth/identity"
    reply = httpx.get(url, auth=httpx.BasicAuth(*login) if login else None, timeout=_TIMEOUT)
    if reply.status_code in (401, 403):
        refused = "refuses the login in QA_CHROMA_URL" if login else "asks for a login"
        raise LibraryError(
            f"the Chroma server at {server.place} {refused} (HTTP {reply.status_code}); give the right one, as "
            'https://USER:PASSWORD@HOST, with "@", "/" and the like percent-encoded'
        )
    if reply.status_code == 404:
        raise LibraryError(f"there is no Chroma server at {server.place} (HTTP 404); check the path in QA_CHROMA_URL")
    reply.raise_for_status()


def sessions(client: Any) -> list[Any]:
    """Return the httpx clients inside a Chroma client: two for a server, none for an embedded one."""
    servers = (getattr(owner, "_server", None) for owner in (client, getattr(client, "_admin_client", None)))
    return [session for server in servers if (session := getattr(server, "_session", None)) is not None]


def _settings(**more: str | None) -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False, _env_file=None, **more)  # type: ignore[call-arg, arg-type]
