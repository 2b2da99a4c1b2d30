"""/v1: models and chat completions, compatible with OpenAI's API."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from qa.api.access import AskRoute, RateLimited, chat_of
from qa.api.admission import Admission
from qa.api.errors import describe, openai_detail
from qa.api.openai import structured
from qa.api.openai.completions import CompletionBuilder
from qa.api.openai.conversation import asked_in
from qa.api.openai.openwebui import task_answer
from qa.api.openai.routing import base_url, models_of, openai_errors, require, suggested
from qa.api.openai.schema import Completion, CompletionMessage, CompletionRequest, Model, ModelList
from qa.api.service import service_of
from qa.api.streaming import event_stream, last_event, stream_schema
from qa.types import Event, Finished

router = APIRouter(route_class=AskRoute, prefix="/v1", tags=["openai"], responses=openai_errors(401, 403))


@router.get("/models", response_model=ModelList, responses=openai_errors(500, 503))
def models(request: Request) -> ModelList:
    """List the models: one that answers, and the library's embedder."""
    return ModelList(data=models_of(service_of(request)))


@router.get("/models/{model:path}", response_model=Model, responses=openai_errors(404, 500, 503))
def model(model: str, request: Request) -> Model:
    """Return a model."""
    return require(model, models_of(service_of(request)))


@router.post(
    "/chat/completions",
    response_model=Completion,
    responses={
        200: {
            "description": "The answer; when asked for, as a stream of chunks that ends with `[DONE]`.",
            "content": {"text/event-stream": stream_schema()},
        },
        **openai_errors(400, 404, 413, 429, 500, 503),
    },
    dependencies=[RateLimited],
)
async def completions(body: CompletionRequest, request: Request, admit: Admission) -> Response:
    """Answer the last user message. Nothing is stored: the messages are the conversation.

    What a client's background tasks ask for (Open WebUI's titles, tags, suggestions) is answered without a search.
    """
    service = service_of(request)
    chat = chat_of(request)
    require(body.model, models_of(service)[:1])
    asked = asked_in(body.messages)
    builder = CompletionBuilder(body, asked, base_url(request))
    task = await run_in_threadpool(task_answer, asked.question, partial(suggested, request))
    if task is not None or asked.is_empty:
        return _plain(task or asked.notice, builder, body)
    if body.response_format is not None and body.response_format.json_schema is not None:
        await run_in_threadpool(structured.check, body.response_format.json_schema.schema_)
    place = admit()
    await run_in_threadpool(chat.check, asked.question, None, body.documents, collections=body.collections)
    events = service.workers.stream(
        partial(chat.events, asked.question, asked.history, body.documents, body.collections), place
    )
    if body.stream:
        return event_stream(_encoded(events, builder, request.state.request_id))
    last = await last_event(request, events)
    if not isinstance(last, Finished):
        return Response(status_code=499)  # the client has disconnected
    completion = await run_in_threadpool(builder.completion, last.answer)
    return Response(completion.model_dump_json(), media_type="application/json")


def _plain(text: str, builder: CompletionBuilder, body: CompletionRequest) -> Response:
    """Return a text that is no answer about the reports."""
    if not body.stream:
        completion = builder.plain(CompletionMessage(content=text, citations=[], abstained=True))
        return Response(completion.model_dump_json(), media_type="application/json")

    async def events() -> AsyncIterator[ServerSentEvent]:
        for chunk in (*builder.plain_chunks(text), "[DONE]"):
            yield ServerSentEvent(chunk, sep="\n")

    return event_stream(events())


async def _encoded(
    events: AsyncGenerator[Event], builder: CompletionBuilder, request_id: str
) -> AsyncIterator[ServerSentEvent]:
    try:
        async for chunk in builder.chunks(events):
            yield ServerSentEvent(chunk, sep="\n")
        yield ServerSentEvent("[DONE]", sep="\n")
    except Exception as error:
        status, detail = describe(error, request_id)
        yield ServerSentEvent(json.dumps(openai_detail(status, detail.code, detail.message)), sep="\n")
    finally:
        await events.aclose()
