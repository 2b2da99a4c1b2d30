"""/feedback: ratings of answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from qa.api.access import AskRoute, Owner
from qa.api.schema import error_responses
from qa.api.schema_chats import FeedbackList, FeedbackView, NewFeedback
from qa.api.service import service_of
from qa.sessions.feedback import Rating

router = APIRouter(route_class=AskRoute, tags=["feedback"], responses=error_responses(401, 403))


@router.post(
    "/feedback", status_code=201, response_model=FeedbackView, responses=error_responses(400, 404, 413, 422, 500, 503)
)
def put(body: NewFeedback, request: Request, owner: Owner) -> FeedbackView:
    """Rate an answer; a second rating replaces the first."""
    service = service_of(request)
    rated = service.feedback.put(body.message_id, body.rating, body.comment, owner)
    service.metrics.rated(rated.rating)
    return FeedbackView.of(rated)


@router.delete("/feedback/{message_id}", status_code=204, responses=error_responses(404, 500, 503))
def delete(message_id: str, request: Request, owner: Owner) -> None:
    """Delete a rating."""
    service_of(request).feedback.delete(message_id, owner)


@router.get("/feedback", response_model=FeedbackList, responses=error_responses(422, 500, 503))
def feedback(
    request: Request,
    owner: Owner,
    rating: Rating | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> FeedbackList:
    """List ratings with their questions and answers, newest first."""
    found = service_of(request).feedback.recent(rating, limit, owner)
    return FeedbackList(feedback=[FeedbackView.of(rated) for rated in found])
