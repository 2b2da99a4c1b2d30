"""Access control: the API key of a request, the owner that its conversations belong to, and the key's rate limit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from qa.api.service import service_of
from qa.errors import Unauthorized
from qa.sessions.conversations import ANONYMOUS

_BEARER = HTTPBearer(
    auto_error=False,
    bearerFormat="qa-…",
    scheme_name="key",
    description="An API key (`qa keys add NAME`), where `GET /config` says that one is required.",
)


async def authenticate(request: Request) -> None:
    """Note whose request this is, as ``request.state.owner``: an API key's id, or ``ANONYMOUS`` without keys.

    Raises:
        Unauthorized: a key is required, and the request has none or a wrong one.
        TooManyRequests: too many wrong ones came from its address.
        NotReady: keys can't be looked up yet.
    """
    service = service_of(request)
    request.state.owner = ANONYMOUS
    if not service.requires_key:
        return
    address = request.client.host if request.client is not None else ""
    service.wrong_keys.check(address)
    credentials = await _BEARER(request)
    if credentials is None:
        raise Unauthorized(
            "an API key is needed, as `Authorization: Bearer KEY`; `qa keys add NAME` makes one, "
            "and the commands of `qa` show the one in QA_API_KEY"
        )
    key = await run_in_threadpool(service.keys.find, credentials.credentials)
    if key is None:
        service.wrong_keys.failed(address)
        raise Unauthorized("this API key is unknown or was revoked; `qa keys add NAME` makes another")
    request.state.owner = request.state.key = key.id


class KeyedRoute(APIRoute):
    """A route that asks for a key before the body is read; FastAPI's dependencies come after that."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the check."""
        handler = super().get_route_handler()

        async def keyed(request: Request) -> Response:
            await authenticate(request)
            return await handler(request)

        return keyed


async def authorized(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)] = None
) -> str:
    """Return the id of the request's API key, which ``KeyedRoute`` has checked; ``ANONYMOUS`` without keys."""
    owner: str = request.state.owner
    return owner


Owner = Annotated[str, Depends(authorized)]


async def _managing(owner: Owner) -> None:
    """Refuse who may not change the library: the one place that decides it. Today whoever may ask may also change it.

    Raises:
        Forbidden
    """


Manages = Depends(_managing)
"""A dependency of the routes that change documents, or show what others are changing."""


async def _rate_limited(request: Request, owner: Owner) -> AsyncIterator[None]:
    """Hold a slot of the key's rate limit until the answer has been sent, or its client disconnects.

    Raises:
        TooManyRequests
    """
    if owner == ANONYMOUS:
        yield
        return
    with service_of(request).rate_limiter.slot(owner):
        yield


RateLimited = Depends(_rate_limited)
"""A dependency of the routes that answer or embed. Requests without a key have no limit of their own."""
