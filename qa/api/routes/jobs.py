"""/jobs: changes of the library that wait, run or are over; retry, cancel, and their events as a stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import ServerSentEvent
from starlette.responses import Response

from qa.api.access import KeyedRoute, caller_of, changes_of
from qa.api.schema import error_responses
from qa.api.schema_jobs import Accepted, JobList, JobState, JobView
from qa.api.service import Service, service_of
from qa.api.streaming import event_stream, stream_schema
from qa.errors import JobConflict, UnknownJob
from qa.sessions.access import ANONYMOUS
from vectorstore.changes import Changes
from vectorstore.storage.jobs import UNFINISHED, Job
from vectorstore.text.language import Language

router = APIRouter(route_class=KeyedRoute, tags=["jobs"], responses=error_responses(401, 403))

InLanguage = Annotated[Language | None, Query(description="Of `reason`; English when left out.")]

_LOOK_SECONDS = 0.3
"""Between two looks at the queue, for a stream of events."""
_KEY_SECONDS = 3.0
"""Between two looks at whether the key of a stream was revoked."""
_RECENT = 20
"""Jobs that are over, shown at a stream's start."""


@router.get("/jobs", response_model=JobList, responses=error_responses(404, 422, 500, 503))
def jobs(
    request: Request,
    state: Annotated[list[JobState] | None, Query(description="Only jobs in one of these states.")] = None,
    document: Annotated[
        str | None, Query(max_length=1000, description="Only jobs of this document: name or id.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[str | None, Query(max_length=64, description="`next` of the list before this one.")] = None,
    language: InLanguage = None,
) -> JobList:
    """List jobs, those that came last first. They are kept for 30 days.

    A key that is limited to some collections sees those that it asked for, here and below.
    """
    changes = changes_of(request)
    name = None
    if document is not None:
        latest = changes.jobs.latest(document)
        name = latest.document if latest is not None else document
    found = changes.jobs.recent(limit + 1, state, name, None if before is None else _found(changes, before).number)
    more = found[limit - 1].id if len(found) > limit else None
    counts = changes.jobs.counts()
    return JobList(
        jobs=views(changes, found[:limit], language),
        counts={one: counts.get(one, 0) for one in JobState.__args__},  # type: ignore[attr-defined]
        next=more,
    )


def views(changes: Changes, found: list[Job], language: Language | None = None) -> list[JobView]:
    """Return jobs as callers see them; ``language``: of their reasons."""
    positions = changes.jobs.positions(found)
    return [JobView.of(job, position, language) for job, position in zip(found, positions, strict=True)]


@router.get(
    "/jobs/events",
    response_class=Response,
    responses={
        200: {
            "description": "`jobs` once, with those that are not over and the last 20 that are; then a `job` for each "
            "change. It ends when the server stops, or the key is revoked.",
            "content": {"text/event-stream": stream_schema("jobs", "job")},
        },
        **error_responses(422, 500, 503),
    },
)
async def events(request: Request, language: InLanguage = None) -> Response:
    """Watch the jobs, as server-sent events."""
    service = service_of(request)
    service.require_ready()
    return event_stream(_events(service, changes_of(request), language, caller_of(request).owner))


async def _events(
    service: Service, changes: Changes, language: Language | None, owner: str
) -> AsyncIterator[ServerSentEvent]:
    before = await run_in_threadpool(changes.jobs.since, "")
    first = await run_in_threadpool(_first, changes)
    seen = {job.id: job.updated for job in [*before, *first]}
    latest = max(seen.values(), default="")
    shown = Accepted(jobs=await run_in_threadpool(views, changes, first, language))
    yield ServerSentEvent(shown.model_dump_json(), event="jobs", sep="\n")
    due = time.monotonic() + _KEY_SECONDS
    while not service.is_stopping:
        await asyncio.sleep(_LOOK_SECONDS)
        if owner != ANONYMOUS and time.monotonic() >= due:
            if not await run_in_threadpool(service.keys.is_active, owner):
                return
            due = time.monotonic() + _KEY_SECONDS
        found = await run_in_threadpool(changes.jobs.since, latest)
        changed = [job for job in found if seen.get(job.id) != job.updated]
        seen = {job.id: job.updated for job in found}  # no others will be among the next ones as they were
        latest = max([latest, *seen.values()])
        for view in await run_in_threadpool(views, changes, changed, language):
            yield ServerSentEvent(view.model_dump_json(), event="job", sep="\n")


def _first(changes: Changes) -> list[Job]:
    waiting = changes.jobs.recent(1000, UNFINISHED)
    over = changes.jobs.recent(_RECENT, ("ready", "failed", "cancelled"))
    return sorted([*waiting, *over], key=lambda job: -job.number)


@router.get("/jobs/{job_id}", response_model=JobView, responses=error_responses(404, 422, 500, 503))
def job(job_id: str, request: Request, language: InLanguage = None) -> JobView:
    """Return a job."""
    changes = changes_of(request)
    return views(changes, [_found(changes, job_id)], language)[0]


@router.post("/jobs/{job_id}/retry", response_model=JobView, responses=error_responses(404, 409, 500, 503))
def retry(job_id: str, request: Request) -> JobView:
    """Queue a failed or cancelled job again."""
    changes = changes_of(request)
    found = _found(changes, job_id)
    if not changes.retry(job_id):
        over = found.state in ("failed", "cancelled")
        why = "a later one changes the same document" if over else "only failed and cancelled ones can"
        raise JobConflict(f"the job of {found.document!r} is {found.state} and can't be retried: {why}")
    return views(changes, [_found(changes, job_id)])[0]


@router.post("/jobs/{job_id}/cancel", response_model=JobView, responses=error_responses(404, 409, 500, 503))
def cancel(job_id: str, request: Request) -> JobView:
    """Cancel a job that is not over. What answered before goes on answering."""
    changes = changes_of(request)
    found = _found(changes, job_id)
    if not changes.jobs.cancel(job_id):
        raise JobConflict(f"the job of {found.document!r} is {found.state}, and can't be cancelled any more")
    return views(changes, [_found(changes, job_id)])[0]


def _found(changes: Changes, job_id: str) -> Job:
    found = changes.jobs.get(job_id)
    if found is None:
        raise UnknownJob(f"there is no job {job_id[:64]!r}; GET /jobs lists those of the last 30 days")
    return found
