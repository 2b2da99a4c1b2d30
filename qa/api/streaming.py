"""Answers on their way to a client: as server-sent events, or whole unless the client has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

Event = TypeVar("Event")

PING_SECONDS = 15
SEND_SECONDS = 30
"""A client that takes nothing for so long is given up."""
GRACE_SECONDS = 5
"""A stream may finish in that time when the server is told to stop."""


def stream_schema(*names: str) -> dict[str, Any]:
    """Return how an OpenAPI document (of version 3.2) describes a stream of events, of these names if there are any."""
    item: dict[str, Any] = {
        "type": "object",
        "properties": {"data": {"type": "string", "contentMediaType": "application/json"}},
        "required": ["data"],
    }
    if names:
        item["properties"]["event"] = {"enum": list(names)}
        item["required"] = ["event", "data"]
    return {"itemSchema": item}


def event_stream(events: AsyncIterator[ServerSentEvent]) -> EventSourceResponse:
    """Return a response that sends ``events`` as they come, and closes the iterator when the client leaves."""
    return EventSourceResponse(
        events,
        ping=PING_SECONDS,
        send_timeout=SEND_SECONDS,
        shutdown_event=None,
        shutdown_grace_period=GRACE_SECONDS,
        sep="\n",
    )


async def last_unless_gone(request: Request, events: AsyncGenerator[Event]) -> Event | None:
    """Return the last event; None as soon as the client has left."""

    async def last() -> Event | None:
        latest = None
        try:
            async for event in events:
                latest = event
            return latest
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
