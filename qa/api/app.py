"""The HTTP application: ``create_app`` puts routes, errors and middleware together."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool

from qa.api import errors, routes
from qa.api.access import authorized
from qa.api.middleware import RequestEnvelope
from qa.api.service import Service
from qa.settings import Settings
from qa.version import version

if TYPE_CHECKING:  # the pipeline takes seconds to import; a server that starts answers before it is there
    from qa.pipeline import QA
    from qa.sessions.conversations import Conversations

MAX_BODY = 1024 * 1024
"""Bytes: a question is a few thousand, and may name a thousand documents."""

DESCRIPTION = """Answers questions about a library of reports. Every sentence of an answer is cited to the exact
characters of its source; what can't be shown there is not said, and when nothing answers, the answer says so
(`abstained`). Errors have one shape everywhere; `X-Request-ID` is taken from the request or made up, and given back."""


def create_app(settings: Settings, qa: QA | None = None, conversations: Conversations | None = None) -> FastAPI:
    """Return the application.

    Without ``qa`` and ``conversations`` it answers ``/healthz``, and 503 elsewhere, until
    ``app.state.service.ready(qa, conversations)`` is called. There is no ``/docs``: FastAPI's pages load scripts from a
    content network, and this service needs none at run time. ``/openapi.json`` is there for any viewer.
    """
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        await run_in_threadpool(service.close)

    app = FastAPI(
        title="report-qa",
        version=version(),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # a route of ours, behind the key like all others
        redirect_slashes=False,
        lifespan=lifespan,
    )
    if qa is not None and conversations is not None:
        service.ready(qa, conversations)
    app.state.service = service
    errors.install(app)
    for router in routes.PUBLIC:
        app.include_router(router)
    for router in routes.ROUTERS:
        app.include_router(router, dependencies=[Depends(authorized)])
    app.add_middleware(RequestEnvelope, max_body=MAX_BODY, responded=service.metrics.responded)
    return app
