"""What the routes under /v1 share: their errors, the models that there are, and where the service is."""

from __future__ import annotations

import time
from typing import Any

from fastapi import Request

from qa.api.access import suggestions_of
from qa.api.examples import OPENAI_ERROR
from qa.api.openai.schema import MODEL, Model, OpenAIError
from qa.api.service import Service
from qa.errors import UnknownModel

STARTED = int(time.time())
SUGGESTED = 12
"""Questions of which a client's suggestions are taken."""


def openai_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of the errors with these statuses."""
    return {
        status: {
            "model": OpenAIError,
            "description": "An error in OpenAI's shape.",
            "content": {"application/json": {"example": OPENAI_ERROR}},
        }
        for status in (*statuses, *([507] if 503 in statuses else []))  # a full disk
    }


def models_of(service: Service) -> list[Model]:
    """Return the model that answers, and the library's embedder."""
    embedder = service.chat.qa.library.embedder.name
    return [Model(id=name, created=STARTED) for name in (MODEL, embedder)]


def require(name: str, known: list[Model]) -> Model:
    """Return the model of that name.

    Raises:
        UnknownModel
    """
    for model in known:
        if model.id == name:
            return model
    raise UnknownModel(f"there is no model {name[:64]!r} for this; there is {', '.join(repr(m.id) for m in known)}")


def base_url(request: Request) -> str:
    """Return where the client reached the service, without a slash at its end."""
    return str(request.base_url).rstrip("/")


def suggested(request: Request) -> list[str]:
    """Return questions that what the caller may see answers."""
    return [suggestion.question for suggestion in suggestions_of(request).get(SUGGESTED)]
