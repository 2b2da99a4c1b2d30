"""GET /healthz and GET /readyz, for process supervisors."""

from __future__ import annotations

from fastapi import APIRouter, Request

from qa.api.schema import Health, Readiness, error_responses
from qa.api.service import service_of
from qa.version import version

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Health)
async def healthz() -> Health:
    """Say that the process answers: from the event loop, whatever the rest waits for."""
    return Health(status="ok", version=version())


@router.get("/readyz", response_model=Readiness, responses=error_responses(500, 503))
async def readyz(request: Request) -> Readiness:
    """Say that questions can be answered: the library has just been searched. Otherwise 503, with the reason."""
    service = service_of(request)
    service.require_ready()
    qa = service.chat.qa
    held = await service.readiness.held(service.library)
    hidden = service.requires_key  # whoever asks here need not have one
    return Readiness(
        status="ready",
        documents=None if hidden else held.documents,
        passages=None if hidden else held.passages,
        answerer=qa.answerer.name,
        version=version(),
    )
