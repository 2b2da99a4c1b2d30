"""GET /metrics, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from qa.api.access import AskRoute, caller_of
from qa.api.schema import error_responses
from qa.api.service import service_of
from qa.observability.metrics import CONTENT_TYPE

router = APIRouter(route_class=AskRoute, tags=["health"], responses=error_responses(401, 403))


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"description": "Prometheus's text format.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **error_responses(500, 503),
    },
)
def metrics(request: Request) -> Response:
    """Return the metrics: questions, abstentions, dropped sentences, latency by stage, model errors."""
    caller_of(request).require_everything("metrics")
    return Response(service_of(request).metrics.text(), headers={"Content-Type": CONTENT_TYPE})
