"""/v1/responses: a question, answered with annotations, and gone on from by the response's id."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from qa.api.access import AskRoute, Owner, RateLimited, chat_of
from qa.api.admission import Admission
from qa.api.errors import describe
from qa.api.openai import structured
from qa.api.openai.conversation import Asked, asked_in
from qa.api.openai.openwebui import task_answer
from qa.api.openai.response_stream import ResponseStream, StreamEvent
from qa.api.openai.responses import ResponseBuilder
from qa.api.openai.responses_schema import (
    DeletedResponse,
    InputItemList,
    InputItemView,
    ResponseObject,
    ResponseRequest,
)
from qa.api.openai.routing import base_url, models_of, openai_errors, require, suggested
from qa.api.openai.stores import scope_of
from qa.api.service import Service, service_of
from qa.api.streaming import event_stream, last_event, stream_schema
from qa.sessions.chat import Chat
from qa.sessions.partial import kept
from qa.sessions.responses import Responses, StoredResponse
from qa.types import Answer, Event, Finished

router = APIRouter(route_class=AskRoute, prefix="/v1", tags=["openai"], responses=openai_errors(401, 403))


@router.post(
    "/responses",
    response_model=ResponseObject,
    responses={
        200: {
            "description": "The response; when asked for, as a stream that ends with `response.completed`, "
            "`response.incomplete` or `response.failed`.",
            "content": {"text/event-stream": stream_schema()},
        },
        **openai_errors(400, 404, 413, 429, 500, 503),
    },
    dependencies=[RateLimited],
)
async def create(body: ResponseRequest, request: Request, owner: Owner, admit: Admission) -> Response:
    """Answer the last user message of the input. A stream that its client leaves is stored as far as it was sent."""
    service = service_of(request)
    require(body.model, models_of(service)[:1])
    asked = asked_in(body.items)
    made = ResponseBuilder(f"resp_{uuid.uuid4().hex}", int(time.time()), body.repeated(), asked, base_url(request))
    task = await run_in_threadpool(task_answer, asked.question, partial(suggested, request))
    if task is not None:
        return _plain(task, made, body)
    if asked.is_empty:
        await run_in_threadpool(_keep_notice, service, body, asked, made, owner)
        return _plain(asked.notice, made, body)
    if body.wanted_schema is not None:
        await run_in_threadpool(structured.check, body.wanted_schema)
    place = admit()
    work = await run_in_threadpool(_work, chat_of(request), service.responses, body, asked, made, owner)
    events = service.workers.stream(work, place)
    if body.stream:
        return event_stream(_encoded(events, made, request.state.request_id))
    last = await last_event(request, events)
    if not isinstance(last, Finished):
        return Response(status_code=499)  # the client has disconnected
    response = await run_in_threadpool(made.response, last.answer)
    return Response(response.model_dump_json(), media_type="application/json")


def _work(
    chat: Chat, stored: Responses, body: ResponseRequest, asked: Asked, made: ResponseBuilder, owner: str
) -> Callable[[], Iterator[Event]]:
    """Return what answers in the worker pool; raises what can be known before."""
    history, previous = asked.history, body.previous_response_id
    if previous is not None:
        history = stored.history(previous, chat.qa.settings.history_turns, owner) + history
    documents = scope_of(chat.qa.library, body.file_search, body.documents)
    chat.check(asked.question, None, documents)

    def keep(answer: Answer) -> None:
        _keep(stored, body, asked, made, owner, answer)

    def work() -> Iterator[Event]:
        return kept(chat.events(asked.question, history, documents), keep, bool(body.stream))

    return work


def _keep(
    stored: Responses, body: ResponseRequest, asked: Asked, made: ResponseBuilder, owner: str, answer: Answer
) -> None:
    if body.store is not False:
        request = body.repeated() | {"unread": asked.unread, "input_tokens": asked.tokens}
        response = StoredResponse(made.id, body.previous_response_id, made.created, request, asked.history, answer)
        stored.put(response, owner)


def _keep_notice(service: Service, body: ResponseRequest, asked: Asked, made: ResponseBuilder, owner: str) -> None:
    """Store what is said to an image alone: it may be gone on from as any other response."""
    stored = service.responses
    if body.previous_response_id is not None:
        stored.get(body.previous_response_id, owner)
    question = asked.question
    answer = Answer(question=question, standalone_question=question, answer=asked.notice, abstained=True)
    # Its text is the notice, which would come a second time with what was not read; and it is no JSON.
    _keep(stored, body.model_copy(update={"text": None}), replace(asked, unread=False), made, owner, answer)


def _plain(text: str, made: ResponseBuilder, body: ResponseRequest) -> Response:
    """Return a text that is no answer about the reports."""
    if not body.stream:
        return Response(made.plain(text).model_dump_json(), media_type="application/json")

    async def events() -> AsyncIterator[ServerSentEvent]:
        for event in _server_sent(ResponseStream(made).plain_events(text)):
            yield event

    return event_stream(events())


async def _encoded(
    events: AsyncGenerator[Event], made: ResponseBuilder, request_id: str
) -> AsyncIterator[ServerSentEvent]:
    stream = ResponseStream(made)
    try:
        async for event in stream.events(events):
            for sent in _server_sent([event]):
                yield sent
    except Exception as error:
        _, detail = describe(error, request_id)
        for sent in _server_sent([stream.failed(detail.message)]):
            yield sent
    finally:
        await events.aclose()


def _server_sent(events: Iterable[StreamEvent]) -> Iterator[ServerSentEvent]:
    for kind, data in events:
        yield ServerSentEvent(json.dumps(data, ensure_ascii=False, separators=(",", ":")), event=kind, sep="\n")


@router.get("/responses/{response_id}", response_model=ResponseObject, responses=openai_errors(404, 500, 503))
def retrieve(response_id: str, request: Request, owner: Owner) -> ResponseObject:
    """Return a stored response."""
    stored = service_of(request).responses.get(response_id, owner)
    unread, tokens = stored.request["unread"], stored.request["input_tokens"]
    asked = Asked(stored.answer.question, list(stored.turns), unread, tokens)
    made = ResponseBuilder(stored.id, stored.created, stored.request, asked, base_url(request))
    return made.response(stored.answer)


@router.delete("/responses/{response_id}", response_model=DeletedResponse, responses=openai_errors(404, 500, 503))
def delete(response_id: str, request: Request, owner: Owner) -> DeletedResponse:
    """Delete a stored response; those that follow it stay."""
    service_of(request).responses.delete(response_id, owner)
    return DeletedResponse(id=response_id)


@router.get(
    "/responses/{response_id}/input_items", response_model=InputItemList, responses=openai_errors(404, 500, 503)
)
def input_items(response_id: str, request: Request, owner: Owner) -> InputItemList:
    """Return the messages of a stored response's own input, newest first as OpenAI has them."""
    stored = service_of(request).responses.get(response_id, owner)
    turns = [*((turn.role, turn.content) for turn in stored.turns), ("user", stored.answer.question)]
    items = [
        InputItemView(
            id=f"msg_{response_id.removeprefix('resp_')}_{place}",
            role="user" if role == "user" else "assistant",
            content=[{"type": "input_text" if role == "user" else "output_text", "text": text}],
        )
        for place, (role, text) in enumerate(turns)
    ][::-1]
    return InputItemList(data=items, first_id=items[0].id, last_id=items[-1].id)
