"""Origins: which hosts this server answers for, and which pages may write to it.

Against DNS rebinding: a page of another site can make its own name mean this machine, but not send another ``Host``.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.api.errors import error_response
from qa.settings import Settings, is_loopback

_WILDCARDS = ("0.0.0.0", "::", "")
_READS = ("GET", "HEAD", "OPTIONS")


class AllowedHosts:
    """The names and addresses at which a server may be asked.

    Always this machine's loopback names, the address it is bound to, and what ``QA_ALLOWED_HOSTS`` lists: names,
    ``*.example.com`` for all below one, or ``*``. Bound to all addresses it is any address, which no site can take for
    its own, and this machine's name.
    """

    def __init__(self, settings: Settings) -> None:
        self._named = frozenset(host for host in settings.allowed_hosts.lower().replace(",", " ").split())
        self._any_address = settings.host in _WILDCARDS
        self._bound = {settings.host.lower()} | ({socket.gethostname().lower()} if self._any_address else set())

    def __contains__(self, host: object) -> bool:
        if not isinstance(host, str) or not host:
            return False
        if is_loopback(host) or host in self._bound or self.lists(host):
            return True
        return self._any_address and _is_address(host)

    def lists(self, host: str) -> bool:
        """Return whether ``QA_ALLOWED_HOSTS`` names ``host``."""
        above = host.partition(".")[2]
        return bool(self._named & {"*", host, *(f"*.{name}" for name in _suffixes(above))})


class OriginMiddleware:
    """Refuses requests for other hosts (400), and writes from pages of other origins (403)."""

    def __init__(self, app: ASGIApp, hosts: AllowedHosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, code, message = refusal
        response = error_response(scope["path"], status, code, message, scope["state"]["request_id"])
        await response(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        """Return status, code and message of the error that this request gets, if any."""
        headers = Headers(scope=scope)
        given = headers.getlist("host")
        host = given[0] if len(given) == 1 else ""
        if _name(f"//{host}") not in self._hosts:
            return 400, "host_not_allowed", f"this server doesn't answer for {_shown(host)}; allow it: QA_ALLOWED_HOSTS"
        origin = headers.get("origin")
        if origin is None or scope["method"] in _READS:
            return None
        name = _name(origin)
        if origin.partition("://")[2].lower() == host.lower() or (name and self._hosts.lists(name)):
            return None
        return 403, "origin_not_allowed", f"pages at {_shown(origin)} may not write here; allow it: QA_ALLOWED_HOSTS"


def _name(url: str) -> str:
    """Return the name or address in a URL without its port; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _suffixes(name: str) -> Iterable[str]:
    while name:
        yield name
        name = name.partition(".")[2]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _shown(text: str) -> str:
    return repr(text[:100]).encode("ascii", "backslashreplace").decode()
