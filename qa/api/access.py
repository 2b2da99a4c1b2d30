"""Who asks: the owner that a request's conversations belong to."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from qa.conversations import NOBODY


def owner_of(request: Request) -> str:
    """Return the id of the request's API key; ``NOBODY`` where no keys are asked for."""
    owner: str = getattr(request.state, "owner", NOBODY)
    return owner


Owner = Annotated[str, Depends(owner_of)]
