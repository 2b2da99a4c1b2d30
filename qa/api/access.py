"""Who asks, and whether they may: the API key of a request, and the owner that its conversations belong to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from qa.api.service import service_of
from qa.errors import Unauthorized
from qa.sessions.conversations import NOBODY

_BEARER = HTTPBearer(
    auto_error=False,
    bearerFormat="qa-…",
    scheme_name="key",
    description="An API key (`qa keys add NAME`), where `GET /config` says that one is required.",
)


def authorized(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)] = None
) -> str:
    """Return the id of the request's API key; ``NOBODY`` where no keys are asked for.

    Raises:
        Unauthorized: a key is needed, and none or a wrong one came.
        NotReady: keys can't be looked up yet.
    """
    service = service_of(request)
    if not service.requires_key:
        return NOBODY
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


async def _place(request: Request, owner: Owner) -> AsyncIterator[None]:
    """Hold a place among the questions of a key until the answer has been sent, or its client is gone.

    Raises:
        TooManyRequests
    """
    if owner == NOBODY:
        yield
        return
    with service_of(request).limits.question(owner):
        yield


Place = Depends(_place)
"""A dependency of the routes that work: only keys have limits of their own."""
