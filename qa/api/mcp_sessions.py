"""The MCP server within the HTTP service: started by its first request, stopped with the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from qa.api.streaming import last_event
from qa.errors import Cancelled, NotReady
from qa.sessions.access import ANONYMOUS, NOBODY, Caller, Role
from qa.types import Finished

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from qa.api.service import Service
    from qa.mcp.local import LocalReports
    from qa.mcp.results import AskResult, DocumentEntries, SearchResults, TextRange
    from qa.sessions.chat import Chat

Value = TypeVar("Value")
_REQUEST: ContextVar[Request | None] = ContextVar("mcp_request", default=None)
"""The request that is being answered, for listing resources: the protocol's package passes it to tools alone."""


class McpSessions:
    """Answers MCP's requests, each on its own: no session is kept, so that any process of the service may answer."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._wanted: asyncio.Event | None = None
        self._started = asyncio.Event()
        self._failure: Exception | None = None
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Serve until the context ends. Its task group belongs to one task, which waits for the first request."""
        self._wanted, self._started = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(self._run(self._wanted), name="mcp")
        try:
            yield
        finally:
            self._wanted = None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            NotReady: the server is stopping.
        """
        if self._wanted is not None:
            self._wanted.set()
            await self._started.wait()
        if self._manager is None:
            raise self._failure or NotReady("the service is stopping")
        _REQUEST.set(Request(scope, receive))
        await self._manager.handle_request(scope, receive, send)

    async def _run(self, wanted: asyncio.Event) -> None:
        await wanted.wait()
        try:
            manager = await anyio.to_thread.run_sync(self._made)
            async with manager.run():
                self._manager = manager
                self._started.set()
                await asyncio.Event().wait()  # until it is cancelled
        except Exception as error:
            self._failure = error
        finally:
            self._manager = None
            self._started.set()

    def _made(self) -> StreamableHTTPSessionManager:
        from mcp.server.transport_security import TransportSecuritySettings

        from qa.mcp.server import ReportServer

        server = ReportServer(
            lambda ctx: ServiceReports(self._service, _REQUEST.get() if ctx is None else ctx.request_context.request)
        )
        unguarded = TransportSecuritySettings(
            enable_dns_rebinding_protection=False
        )  # the service guards all its routes
        server.streamable_http_app(json_response=True, stateless_http=True, transport_security=unguarded)
        return server.session_manager


class ServiceReports:
    """The service's library, as MCP's tools need it; see ``qa.mcp.results.Reports``.

    Questions count against the key's rate limit, and run in the worker pool.

    Args:
        request: the HTTP request, whose key has been checked; None shows nothing where keys are required.
    """

    def __init__(self, service: Service, request: Request | None) -> None:
        self._service = service
        self._request = request
        unknown = NOBODY if service.requires_key else Caller()
        self._caller: Caller = getattr(request.state, "caller", unknown) if request is not None else unknown
        self._url = str(request.base_url).rstrip("/") if request is not None else ""

    async def ask(self, question: str, documents: list[str] | None) -> AskResult:
        from qa.mcp.results import AskResult

        chat = self._chat()
        with self._slot():
            await anyio.to_thread.run_sync(partial(chat.check, question, None, documents))
            event = await self._last(partial(chat.events, question, (), documents))
        assert isinstance(event, Finished)
        return AskResult.of(event.answer)

    async def search(self, query: str, limit: int, documents: list[str] | None) -> SearchResults:
        from qa.mcp.results import found

        qa = self._chat().qa
        with self._slot():
            hits = await self._last(lambda: iter([qa.search(query, documents)]))
        return found(hits[:limit], self._url)

    async def read(self, document: str, start: int, length: int) -> TextRange:
        self._caller.require(Role.DOWNLOAD)
        return await self._local().read(document, start, length)

    async def documents(self) -> DocumentEntries:
        return await self._local().documents()

    def _local(self) -> LocalReports:
        from qa.mcp.local import LocalReports

        return LocalReports(self._chat().qa, self._url)

    def _chat(self) -> Chat:
        self._caller.require(Role.ASK)
        return self._service.chat_within(self._caller.scope)

    def _slot(self) -> AbstractContextManager[None]:
        return nullcontext() if self._caller.owner == ANONYMOUS else self._service.rate_limiter.slot(self._caller.owner)

    async def _last(self, work: Callable[[], Iterator[Value]]) -> Value:
        """Return the last event of ``work``, which runs in the worker pool.

        Raises:
            Cancelled: the client has disconnected.
        """
        assert self._request is not None  # a tool is called by one
        with self._service.admit() as place:
            found = await last_event(self._request, self._service.workers.stream(work, place))
        if found is None:
            raise Cancelled("the client has disconnected")
        return found
