"""GET / and /static/...: the page's files, with a Content-Security-Policy that allows only scripts from here."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from importlib import resources

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from qa.api.caching import is_known

router = APIRouter(include_in_schema=False)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""No inline script or style, nothing from other hosts, and no assignment of text as HTML."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    type: str
    etag: str


@router.api_route("/", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """Return the page."""
    return _respond(request, "index.html", {"Content-Security-Policy": POLICY})


@router.api_route("/docs", methods=["GET", "HEAD"])
async def reference(request: Request) -> Response:
    """Return the reference of the HTTP API, which is drawn from ``/openapi.json``."""
    return _respond(request, "docs.html", {"Content-Security-Policy": POLICY})


@router.api_route("/static/{name}", methods=["GET", "HEAD"])
async def static(name: str, request: Request) -> Response:
    """Return one of the page's own files."""
    return _respond(request, f"static/{name}", {})


def _respond(request: Request, path: str, headers: dict[str, str]) -> Response:
    file = _files().get(path)
    if file is None:
        raise HTTPException(404)
    # The browser caches the file and revalidates it each time, so an upgrade takes effect at the next load.
    headers |= {"Cache-Control": "no-cache", "ETag": file.etag}
    if is_known(request, file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.body, headers=headers | {"Content-Type": file.type})


@functools.cache
def _files() -> dict[str, _File]:
    """Read all files of the page, once. Only these names can be requested, so no path can escape the folder."""
    root = resources.files("qa.web")
    entries = [(name, root / name) for name in ("index.html", "docs.html")]
    entries += [(f"static/{entry.name}", entry) for entry in (root / "static").iterdir()]
    found = {}
    for path, entry in entries:
        kind = _TYPES.get(path[path.rfind(".") :])
        if kind is not None:
            body = entry.read_bytes()
            found[path] = _File(body, kind, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    return found
