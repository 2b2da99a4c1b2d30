"""/mcp: the Model Context Protocol over Streamable HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from qa.api.access import AskRoute
from qa.api.mcp_sessions import McpSessions
from qa.api.schema import error_responses

router = APIRouter(tags=["mcp"], route_class=AskRoute, responses=error_responses(401, 403, 413, 429, 500, 503))


class _Handled(Response):
    """A response that the MCP server writes."""

    def __init__(self, sessions: McpSessions) -> None:
        self._sessions = sessions
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._sessions.handle(scope, receive, send)


_OWN: dict[int | str, dict[str, Any]] = {
    202: {"description": "A notification was accepted."},
    400: {"description": "No message of the protocol; the body is a JSON-RPC error."},
    404: {"description": "An unknown method; the body is a JSON-RPC error."},
    406: {"description": "`Accept` has not both application/json and text/event-stream."},
    415: {"description": "The body is no JSON."},
}
"""Answers that the protocol defines itself."""


@router.post("/mcp", response_class=Response, responses=_OWN)
async def mcp(request: Request) -> Response:
    """Answer one message of an MCP client: tools `search`, `fetch`, `ask`, `list_documents`, `read_document`.

    Connect with any MCP client by this URL; a key goes into `Authorization: Bearer KEY`. No session is kept.
    """
    sessions: McpSessions = request.app.state.mcp
    return _Handled(sessions)
