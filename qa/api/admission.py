"""Admission: a request's place in the worker pool, which is given back if the request ends before its work begins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import Annotated

from fastapi import Depends, Request

from qa.api.service import service_of
from qa.api.worker_pool import Place


async def _admission(request: Request) -> AsyncIterator[Callable[[], Place]]:
    """Give what admits a question: it raises NotReady, or Busy where all places are taken."""
    service = service_of(request)
    with ExitStack() as places:

        def admit() -> Place:
            return places.enter_context(service.admit())

        yield admit


Admission = Annotated[Callable[[], Place], Depends(_admission)]
