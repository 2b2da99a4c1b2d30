"""/v1/embeddings: texts as vectors of the library's own embedder."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from qa.api.access import AskRoute, RateLimited
from qa.api.admission import Admission
from qa.api.openai.embeddings_schema import Embedding, EmbeddingList, EmbeddingRequest, EmbeddingUsage
from qa.api.openai.routing import models_of, openai_errors, require
from qa.api.openai.transcript import count_tokens
from qa.api.service import service_of
from qa.api.streaming import last_event
from qa.errors import BadRequest

_BATCH = 8
"""Texts embedded between two checks for a disconnect."""
router = APIRouter(route_class=AskRoute, prefix="/v1", tags=["openai"], responses=openai_errors(401, 403))


@router.post(
    "/embeddings",
    response_model=EmbeddingList,
    responses=openai_errors(400, 404, 413, 429, 500, 503),
    dependencies=[RateLimited],
)
async def embeddings(body: EmbeddingRequest, request: Request, admit: Admission) -> Response:
    """Embed texts with the library's embedder."""
    service = service_of(request)
    require(body.model, models_of(service)[1:])
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

    place = admit()
    found = await last_event(request, service.workers.stream(work, place))
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
