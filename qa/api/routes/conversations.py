"""/conversations: list, create, read, rename, export and delete conversations."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from qa.api.access import AskRoute, Owner, corpus_of
from qa.api.export import file_name, markdown
from qa.api.schema import error_responses
from qa.api.schema_chats import ConversationList, ConversationView, MessageView, NewConversation, NewTitle
from qa.api.service import service_of
from qa.sessions.conversations import Conversation, title_of
from qa.sessions.superseded import marked

router = APIRouter(route_class=AskRoute, tags=["conversations"], responses=error_responses(401, 403))


@router.get("/conversations", response_model=ConversationList, responses=error_responses(422, 500, 503))
def conversations(
    request: Request,
    owner: Owner,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str | None, Query(max_length=100, description="`next` of the list before this one.")] = None,
    search: Annotated[str, Query(max_length=200, description="Words that its title or a message must have.")] = "",
) -> ConversationList:
    """List conversations, most recently updated first."""
    found = service_of(request).chat.conversations.recent(limit + 1, owner, _cursor(before), search.strip())
    shown = found[:limit]
    more = f"{shown[-1].updated}_{shown[-1].id}" if len(found) > limit else None
    return ConversationList(conversations=shown, next=more)


def _cursor(before: str | None) -> tuple[str, str] | None:
    """Return ``updated`` and id of the last conversation of the previous page; the id may be missing."""
    if before is None:
        return None
    updated, _, identity = before.replace(" ", "+").partition("_")  # an unescaped "+"
    return updated, identity or "~"


@router.post(
    "/conversations",
    status_code=201,
    response_model=Conversation,
    responses=error_responses(400, 404, 413, 422, 500, 503),
)
def create(body: NewConversation, request: Request, owner: Owner) -> Conversation:
    """Create a conversation, and list it.

    `POST /chat` without a `conversation_id` creates one that is listed once it is followed up, so that questions asked
    one by one don't fill the list.
    """
    scope = None if body.collections is None else corpus_of(request).scope(body.collections)
    return service_of(request).chat.conversations.create(owner, body.title, scope)


@router.get(
    "/conversations/{conversation_id}", response_model=ConversationView, responses=error_responses(404, 500, 503)
)
def conversation(conversation_id: str, request: Request, owner: Owner) -> ConversationView:
    """Return a conversation with its messages, each answer with its citations as they were first sent."""
    return _view(request, conversation_id, owner)


def _view(request: Request, conversation_id: str, owner: str) -> ConversationView:
    service = service_of(request)
    conversations = service.chat.conversations
    found = conversations.get(conversation_id, owner)
    opinions = service.feedback.of_conversation(conversation_id)
    messages = [
        MessageView(**dict(message), feedback=opinions.get(message.id))
        for message in marked(conversations.messages(conversation_id, owner), service.library)
    ]
    title = found.title or next((title_of(message.content) for message in messages), "")
    return ConversationView(**dict(found) | {"title": title}, messages=messages)


@router.patch(
    "/conversations/{conversation_id}",
    response_model=Conversation,
    responses=error_responses(400, 404, 413, 422, 500, 503),
)
def rename(conversation_id: str, body: NewTitle, request: Request, owner: Owner) -> Conversation:
    """Rename a conversation."""
    return service_of(request).chat.conversations.rename(conversation_id, body.title, owner)


@router.delete("/conversations/{conversation_id}", status_code=204, responses=error_responses(404, 500, 503))
def delete(conversation_id: str, request: Request, owner: Owner) -> None:
    """Delete a conversation, with the feedback on its answers."""
    service_of(request).chat.conversations.delete(conversation_id, owner)


@router.get(
    "/conversations/{conversation_id}/export",
    response_class=Response,
    responses={
        200: {
            "description": "The conversation as a file: Markdown with footnotes, or as `GET /conversations/{id}`.",
            "content": {
                "text/markdown": {"schema": {"type": "string"}},
                "application/json": {"schema": {"$ref": "#/components/schemas/ConversationView"}},
            },
        },
        **error_responses(404, 422, 500, 503),
    },
)
def export(
    conversation_id: str, request: Request, owner: Owner, format: Literal["markdown", "json"] = "markdown"
) -> Response:
    """Return a conversation as a file to download."""
    view = _view(request, conversation_id, owner)
    if format == "json":
        content, media, suffix = view.model_dump_json(indent=2), "application/json", "json"
    else:
        content, media, suffix = markdown(view, view.messages), "text/markdown; charset=utf-8", "md"
    plain = f"conversation-{view.id}"
    titled = quote(f"{file_name(view.title, plain)}.{suffix}", safe="")  # RFC 6266: any language, for those who can
    disposition = f"attachment; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{titled}"
    return Response(content, media_type=media, headers={"Content-Disposition": disposition})
