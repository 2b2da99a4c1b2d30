"""POST /chat: a question, answered with JSON or with server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from qa.api.access import AskRoute, Owner, RateLimited, chat_of
from qa.api.admission import Admission
from qa.api.errors import describe
from qa.api.examples import ANSWER, stream_example
from qa.api.schema import ChatRequest, IdempotencyKey, error_responses
from qa.api.service import service_of
from qa.api.streaming import event_stream, last_event, stream_schema
from qa.sessions.chat import EVENTS, ChatAnswer, ChatError, ChatEvent
from qa.sessions.retries import turn_ids

router = APIRouter(route_class=AskRoute, tags=["chat"], responses=error_responses(401, 403))

_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer or an abstention; when asked for, a stream that ends with one `done` or `error`.",
        "content": {
            "application/json": {"example": ANSWER},
            "text/event-stream": {**stream_schema(*EVENTS), "example": stream_example()},
        },
    }
}


@router.post(
    "/chat",
    response_model=ChatAnswer,
    responses={**_ANSWERED, **error_responses(400, 404, 413, 422, 429, 500, 503)},
    dependencies=[RateLimited],
)
async def ask(
    body: ChatRequest, request: Request, owner: Owner, admit: Admission, idempotency_key: IdempotencyKey = None
) -> Response:
    """Ask a question, in a new conversation or as a follow-up.

    A stream's events: `started`, `rewritten`, `passages`, one `sentence` for each verified sentence, then exactly one
    `done` (with the whole answer) or `error`. Disconnecting in mid-stream stops the work; what was sent is stored,
    with `stopped`.

    Sent again with the same `Idempotency-Key`, the same question gives the same answer, and its turn is stored once; a
    turn that was stopped is answered again in its place.
    """
    service = service_of(request)
    chat = chat_of(request)
    place = admit()
    same = body.model_dump(exclude={"stream"})
    ids = None if idempotency_key is None else turn_ids(owner, idempotency_key, same)
    arguments = (body.question, body.conversation_id, body.documents, body.replaces, owner, body.collections, ids)
    await run_in_threadpool(chat.check, *arguments)
    streamed = body.stream or "text/event-stream" in request.headers.get("accept", "")
    new = None if ids is None else ids.conversation
    conversation = body.conversation_id or new  # one that is sent again waits until the first one has ended
    events = service.workers.stream(partial(chat.stream, *arguments, shown=streamed), place, conversation)
    if streamed:
        return event_stream(_encoded(events, request.state.request_id))
    answer = await last_event(request, events)
    if not isinstance(answer, ChatAnswer):
        return Response(status_code=499)  # the client has disconnected
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
