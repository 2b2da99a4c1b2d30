"""POST /chat: a question, answered with JSON or with server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from qa.api.access import Owner
from qa.api.errors import describe
from qa.api.examples import ANSWER, stream_example
from qa.api.schema import ChatRequest, error_responses
from qa.api.service import service_of
from qa.chat import ChatAnswer, ChatError, ChatEvent

router = APIRouter(tags=["chat"])

PING_SECONDS = 15
SEND_SECONDS = 30
"""A client that takes nothing for so long is given up."""
GRACE_SECONDS = 5
"""A stream may finish in that time when the server is told to stop."""

_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer or an abstention; when asked for, a stream that ends with one `done` or `error`.",
        "content": {
            "application/json": {"example": ANSWER},
            "text/event-stream": {"schema": {"type": "string"}, "example": stream_example()},
        },
    }
}


@router.post(
    "/chat", response_model=ChatAnswer, responses={**_ANSWERED, **error_responses(400, 404, 413, 422, 500, 503)}
)
async def ask(body: ChatRequest, request: Request, owner: Owner) -> Response:
    """Ask a question, in a new conversation or as a follow-up.

    A stream's events: `started`, `rewritten`, `passages`, one `sentence` for each verified sentence, then exactly one
    `done` (which holds the whole answer) or `error`. Leaving in mid-stream stops the work, and nothing is stored.
    """
    service = service_of(request)
    chat = service.chat
    service.desk.admit()
    arguments = (body.question, body.conversation_id, body.documents, body.replaces, owner)
    await run_in_threadpool(chat.check, *arguments)
    events = service.desk.events(partial(chat.stream, *arguments), body.conversation_id)
    if body.stream or "text/event-stream" in request.headers.get("accept", ""):
        return EventSourceResponse(
            _encoded(events, request.state.request_id),
            ping=PING_SECONDS,
            send_timeout=SEND_SECONDS,
            shutdown_event=None,
            shutdown_grace_period=GRACE_SECONDS,
            sep="\n",
        )
    answer = await _unless_gone(request, events)
    if answer is None:
        return Response(status_code=499)  # nobody is there to read it
    return Response(answer.model_dump_json(), media_type="application/json")


async def _encoded(events: AsyncGenerator[ChatEvent], request_id: str) -> AsyncIterator[ServerSentEvent]:
    try:
        async for event in events:
            yield _server_sent(event)
    except Exception as error:
        _, detail = describe(error, request_id)
        yield _server_sent(ChatError(error=detail))
    finally:
        await events.aclose()


def _server_sent(event: ChatEvent) -> ServerSentEvent:
    return ServerSentEvent(event.model_dump_json(), event=event.event, sep="\n")


async def _unless_gone(request: Request, events: AsyncGenerator[ChatEvent]) -> ChatAnswer | None:
    """Return the last event; None as soon as the client has left."""

    async def last() -> ChatAnswer | None:
        try:
            async for event in events:
                if isinstance(event, ChatAnswer):
                    return event
            return None
        finally:
            await events.aclose()

    async def left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    work, gone = asyncio.ensure_future(last()), asyncio.ensure_future(left())
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        work.cancel()
        gone.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)
