"""Access control: the API key of a request, the owner that its conversations belong to, and the key's rate limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from qa.api.service import service_of
from qa.errors import Unauthorized
from qa.sessions.conversations import ANONYMOUS

_BEARER = HTTPBearer(
    auto_error=False,
    bearerFormat="qa-…",
    scheme_name="key",
    description="An API key (`qa keys add NAME`), where `GET /config` says that one is required.",
)


def authorized(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)] = None
) -> str:
    """Return the id of the request's API key; ``ANONYMOUS`` where the server requires no keys.

    Raises:
        Unauthorized: a key is required, and the request has none or a wrong one.
        NotReady: keys can't be looked up yet.
    """
    service = service_of(request)
    if not service.requires_key:
        return ANONYMOUS
    if credentials is None:
        raise Unauthorized(
            "an API key is needed, as `Authorization: Bearer KEY`; `qa keys add NAME` makes one, "
            "and the commands of `qa` show the one in QA_API_KEY"
        )
    key = service.keys.find(credentials.credentials)
    if key is None:
        raise Unauthorized("this API key is unknown or was revoked; `qa keys add NAME` makes another")
    request.state.key = key.id
    return key.id


Owner = Annotated[str, Depends(authorized)]


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
