"""Access control: the API key of a request, what it may do and see, whose conversations it has, and its rate limit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response

from qa.api.service import service_of
from qa.errors import Unauthorized
from qa.sessions.access import ANONYMOUS, Caller, Role

if TYPE_CHECKING:
    from qa.sessions.chat import Chat
    from qa.sessions.suggestions import Suggestions
    from vectorstore.changes import Changes
    from vectorstore.corpus import Corpus

_BEARER = HTTPBearer(
    auto_error=False,
    bearerFormat="qa-…",
    scheme_name="key",
    description="An API key (`qa keys add NAME`), where `GET /config` says that one is required.",
)


async def authenticate(request: Request) -> None:
    """Note whose request this is, as ``request.state.caller``: an API key's, or anybody's without keys.

    Raises:
        Unauthorized: a key is required, and the request has none or a wrong one.
        TooManyRequests: too many wrong ones came from its address.
        NotReady: keys can't be looked up yet.
    """
    service = service_of(request)
    request.state.caller = Caller()
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
    request.state.caller = Caller(key.id, frozenset(key.roles), key.collections)


class KeyedRoute(APIRoute):
    """A route that asks for a key before the body is read; FastAPI's dependencies come after that.

    Without saying so, a route is for those who manage the library; ``AskRoute`` and ``DownloadRoute`` are for others.
    """

    role: ClassVar[Role] = Role.MANAGE

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the check."""
        handler = super().get_route_handler()

        async def keyed(request: Request) -> Response:
            await authenticate(request)
            request.state.caller.require(self.role)
            return await handler(request)

        return keyed


class AskRoute(KeyedRoute):
    """A route for keys with the role ``ask``."""

    role = Role.ASK


class DownloadRoute(KeyedRoute):
    """A route for keys with the role ``download``."""

    role = Role.DOWNLOAD


def caller_of(request: Request) -> Caller:
    """Return who asks, which ``KeyedRoute`` has found out."""
    caller: Caller = request.state.caller
    return caller


def chat_of(request: Request) -> Chat:
    """Return the chat over what the caller may see: a route's way to documents and answers."""
    return service_of(request).chat_within(caller_of(request).scope)


def corpus_of(request: Request) -> Corpus:
    """Return what the caller may see of the library."""
    return chat_of(request).qa.library


def changes_of(request: Request) -> Changes:
    """Return what the caller may change, and what of it is under way."""
    caller, changes = caller_of(request), service_of(request).changes
    return changes if caller.scope is None else changes.of(caller.owner, caller.scope)


def suggestions_of(request: Request) -> Suggestions:
    """Return the questions to suggest about what the caller may see."""
    return service_of(request).suggestions_within(caller_of(request).scope)


async def authorized(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)] = None
) -> str:
    """Return the id of the request's API key, which ``KeyedRoute`` has checked; ``ANONYMOUS`` without keys."""
    return caller_of(request).owner


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
