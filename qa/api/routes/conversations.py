"""GET and DELETE /conversations/{id}."""

from __future__ import annotations

from fastapi import APIRouter, Request

from qa.api.schema import ConversationView, error_responses
from qa.api.service import service_of

router = APIRouter(tags=["conversations"])


@router.get(
    "/conversations/{conversation_id}", response_model=ConversationView, responses=error_responses(404, 500, 503)
)
def conversation(conversation_id: str, request: Request) -> ConversationView:
    """Return a conversation with its messages, each answer with its citations as they were first sent."""
    conversations = service_of(request).chat.conversations
    found = conversations.get(conversation_id)
    return ConversationView(**found.model_dump(), messages=conversations.messages(conversation_id))


@router.delete("/conversations/{conversation_id}", status_code=204, responses=error_responses(404, 500, 503))
def delete(conversation_id: str, request: Request) -> None:
    """Delete a conversation for good."""
    service_of(request).chat.conversations.delete(conversation_id)
