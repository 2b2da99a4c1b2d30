"""/v1: chat completions, models and embeddings, compatible with OpenAI's API."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from qa.api.access import AskRoute, RateLimited, chat_of
from qa.api.errors import describe, openai_detail
from qa.api.examples import OPENAI_ERROR
from qa.api.openai_answers import CompletionBuilder, count_tokens, question_of
from qa.api.openai_schema import (
    MODEL,
    Completion,
    CompletionRequest,
    Embedding,
    EmbeddingList,
    EmbeddingRequest,
    EmbeddingUsage,
    Model,
    ModelList,
    OpenAIError,
)
from qa.api.service import Service, service_of
from qa.api.streaming import event_stream, last_event, stream_schema
from qa.errors import BadRequest, UnknownModel
from qa.types import Event, Finished

STARTED = int(time.time())
_BATCH = 8
"""Texts embedded between two checks for a disconnect."""


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {
        status: {
            "model": OpenAIError,
            "description": "An error in OpenAI's shape.",
            "content": {"application/json": {"example": OPENAI_ERROR}},
        }
        for status in (*statuses, *([507] if 503 in statuses else []))  # a full disk
    }


router = APIRouter(route_class=AskRoute, prefix="/v1", tags=["openai"], responses=_errors(401, 403))


@router.get("/models", response_model=ModelList, responses=_errors(500, 503))
def models(request: Request) -> ModelList:
    """List the models: one that answers, and the library's embedder."""
    return ModelList(data=_models(service_of(request)))


@router.get("/models/{model:path}", response_model=Model, responses=_errors(404, 500, 503))
def model(model: str, request: Request) -> Model:
    """Return a model."""
    return _require(model, _models(service_of(request)))


def _models(service: Service) -> list[Model]:
    embedder = service.chat.qa.library.embedder.name
    return [Model(id=name, created=STARTED) for name in (MODEL, embedder)]


def _require(name: str, known: list[Model]) -> Model:
    for model in known:
        if model.id == name:
            return model
    raise UnknownModel(f"there is no model {name[:64]!r} for this; there is {', '.join(repr(m.id) for m in known)}")


@router.post(
    "/chat/completions",
    response_model=Completion,
    responses={
        200: {
            "description": "The answer; when asked for, as a stream of chunks that ends with `[DONE]`.",
            "content": {"text/event-stream": stream_schema()},
        },
        **_errors(400, 404, 413, 429, 500, 503),
    },
    dependencies=[RateLimited],
)
async def completions(body: CompletionRequest, request: Request) -> Response:
    """Answer the last user message. Nothing is stored: the messages are the conversation."""
    service = service_of(request)
    chat = chat_of(request)
    _require(body.model, _models(service)[:1])
    question, history = question_of(body.messages)
    service.check_capacity()
    await run_in_threadpool(chat.check, question, None, body.documents, collections=body.collections)
    events = service.workers.stream(partial(chat.events, question, history, body.documents, body.collections))
    builder = CompletionBuilder(body.model, body.messages, question)
    if body.stream:
        usage = body.stream_options is not None and body.stream_options.include_usage
        return event_stream(_encoded(events, builder, usage, request.state.request_id))
    last = await last_event(request, events)
    if not isinstance(last, Finished):
        return Response(status_code=499)  # the client has disconnected
    return Response(builder.completion(last.answer).model_dump_json(), media_type="application/json")


async def _encoded(
    events: AsyncGenerator[Event], builder: CompletionBuilder, usage: bool, request_id: str
) -> AsyncIterator[ServerSentEvent]:
    try:
        async for chunk in builder.chunks(events, usage):
            yield ServerSentEvent(chunk, sep="\n")
        yield ServerSentEvent("[DONE]", sep="\n")
    except Exception as error:
        status, detail = describe(error, request_id)
        yield ServerSentEvent(json.dumps(openai_detail(status, detail.code, detail.message)), sep="\n")
    finally:
        await events.aclose()


@router.post(
    "/embeddings",
    response_model=EmbeddingList,
    responses=_errors(400, 404, 413, 429, 500, 503),
    dependencies=[RateLimited],
)
async def embeddings(body: EmbeddingRequest, request: Request) -> Response:
    """Embed texts with the library's embedder."""
    service = service_of(request)
    _require(body.model, _models(service)[1:])
    embedder = service.chat.qa.library.embedder
    if body.dimensions not in (None, embedder.dimensions):
        raise BadRequest(
            f"dimensions is {body.dimensions}; the vectors of {embedder.name!r} have {embedder.dimensions}"
        )
    texts = [body.input] if isinstance(body.input, str) else body.input

    def work() -> Iterator[list[Embedding]]:
        done: list[Embedding] = []
        for start in range(0, len(texts), _BATCH):
            rows = embedder.encode(texts[start : start + _BATCH], body.input_type)
            done += [_embedding(start + place, row, body.encoding_format) for place, row in enumerate(rows)]
            yield done

    service.check_capacity()
    found = await last_event(request, service.workers.stream(work))
    if found is None:
        return Response(status_code=499)
    counted = sum(map(count_tokens, texts))
    usage = EmbeddingUsage(prompt_tokens=counted, total_tokens=counted)
    answer = EmbeddingList(data=found, model=body.model, usage=usage)
    return Response(answer.model_dump_json(), media_type="application/json")


def _embedding(index: int, row: Any, encoding: str) -> Embedding:
    if encoding == "base64":
        return Embedding(index=index, embedding=base64.b64encode(row.astype("<f4").tobytes()).decode())
    return Embedding(index=index, embedding=row.tolist())
