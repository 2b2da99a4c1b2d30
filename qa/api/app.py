"""The HTTP application: ``create_app`` assembles routes, error handlers and middleware."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool

from qa.api import errors, routes
from qa.api.access import authorized
from qa.api.mcp_sessions import McpSessions
from qa.api.middleware import RequestMiddleware
from qa.api.origins import AllowedHosts, OriginMiddleware
from qa.api.service import Service
from qa.settings import Settings
from qa.version import version
from vectorstore.reading.limits import MEGABYTE

if TYPE_CHECKING:  # takes seconds to import, and /healthz must answer before
    from qa.pipeline import QA
    from qa.sessions.conversations import Conversations

MAX_BODY = 1024 * 1024
"""Bytes. A question takes a few thousand, and may list a thousand documents."""

DESCRIPTION = """Answers questions about a library of reports. Every sentence of an answer is cited to the exact
characters of its source; what can't be shown there is not said, and when nothing answers, the answer says so
(`abstained`). Errors have one shape everywhere; `X-Request-ID` is taken from the request or made up, and given back."""


def create_app(settings: Settings, qa: QA | None = None, conversations: Conversations | None = None) -> FastAPI:
    """Return the application.

    Without ``qa`` and ``conversations`` it answers ``/healthz``, and 503 elsewhere, until
    ``app.state.service.ready(qa, conversations)`` is called. There is no ``/docs``: FastAPI's pages load scripts from
    a CDN, and this service needs no network. Any OpenAPI viewer can show ``/openapi.json``.
    """
    service = Service(settings)
    sessions = McpSessions(service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with sessions.open():
            yield
        await run_in_threadpool(service.close)

    app = FastAPI(
        title="report-qa",
        version=version(),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # routes.config serves it, behind the API key
        redirect_slashes=False,
        lifespan=lifespan,
    )
    if qa is not None and conversations is not None:
        service.ready(qa, conversations)
    app.state.service = service
    app.state.mcp = sessions
    errors.install(app)
    for router in routes.PUBLIC:
        app.include_router(router)
    for router in routes.ROUTERS:
        app.include_router(router, dependencies=[Depends(authorized)])
    app.add_middleware(OriginMiddleware, hosts=AllowedHosts(settings))
    app.add_middleware(
        RequestMiddleware,
        max_body=MAX_BODY,
        max_upload=max(MAX_BODY, settings.upload_mb * MEGABYTE),
        responded=service.metrics.responded,
    )
    return app
