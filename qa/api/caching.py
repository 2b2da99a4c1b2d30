"""Whether a client has what it asks for already: ``If-None-Match`` and ETags."""

from __future__ import annotations

from starlette.requests import Request


def is_known(request: Request, etag: str) -> bool:
    """Return whether ``If-None-Match`` has this ETag (weak comparison, RFC 9110, 13.1.2)."""
    given = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    return etag in given or "*" in given
