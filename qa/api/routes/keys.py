"""/keys: delete what revoked API keys left behind; `qa keys` makes and revokes them."""

from __future__ import annotations

from fastapi import APIRouter, Request

from qa.api.access import KeyedRoute, caller_of
from qa.api.schema import error_responses
from qa.api.schema_chats import ForgottenKey
from qa.api.service import service_of

router = APIRouter(route_class=KeyedRoute, tags=["conversations"], responses=error_responses(401, 403))


@router.delete("/keys/{key}/conversations", response_model=ForgottenKey, responses=error_responses(400, 404, 500, 503))
def forget(key: str, request: Request) -> ForgottenKey:
    """Delete all conversations and stored responses of a revoked API key, given by id or name; nobody can read them."""
    caller_of(request).require_everything("conversations of other keys")
    return ForgottenKey(**service_of(request).keys.forget(key)._asdict())
