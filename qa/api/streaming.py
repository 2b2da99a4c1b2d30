"""Sends answers to clients: as server-sent events, or whole, and stops when the client disconnects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, TypeVar

from fastapi import Request
from sse_starlette import EventSourceResponse, ServerSentEvent

Event = TypeVar("Event")

PING_SECONDS = 15
SEND_SECONDS = 30
"""A client that accepts no data for this long is disconnected."""
GRACE_SECONDS = 30
"""sse-starlette's own limit at a stop, never reached: ``qa.api.http_server`` ends the streams before."""


def stream_schema(*names: str) -> dict[str, Any]:
    """Return how OpenAPI 3.2 describes a stream of events, limited to events of these names if there are any."""
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
    """Return a response that sends ``events`` as they come, and closes the iterator when the client disconnects."""
    return EventSourceResponse(
        events,
        ping=PING_SECONDS,
        send_timeout=SEND_SECONDS,
        shutdown_event=None,
        shutdown_grace_period=GRACE_SECONDS,
        sep="\n",
    )


async def last_event(request: Request, events: AsyncGenerator[Event]) -> Event | None:
    """Return the last of ``events``; None as soon as the client disconnects."""

    async def last() -> Event | None:
        latest = None
        try:
            async for event in events:
                latest = event
            return latest
        finally:
            await events.aclose()

    async def disconnected() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    work, disconnect = asyncio.ensure_future(last()), asyncio.ensure_future(disconnected())
    try:
        await asyncio.wait({work, disconnect}, return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        work.cancel()
        disconnect.cancel()
        await asyncio.gather(work, disconnect, return_exceptions=True)
