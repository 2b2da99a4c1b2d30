"""The library of a running server, as MCP's tools need it: each call goes to the same tool of that server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent
from pydantic import BaseModel

from qa.errors import ServerRefused
from qa.mcp.results import AskResult, DocumentEntries, SearchResults, TextRange

CONNECT_SECONDS, READ_SECONDS = 10.0, 600.0
"""A language model may take minutes before a question's answer is whole."""
Result = TypeVar("Result", bound=BaseModel)


@asynccontextmanager
async def connected(url: str, key: str | None) -> AsyncIterator[Client]:
    """Yield a client of the MCP server at ``url``.

    Args:
        key: the API key that the server asks for; None for none.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    # No proxy from the environment: the server is on this machine.
    timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    async with (
        httpx2.AsyncClient(headers=headers, timeout=timeout, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client


class RemoteReports:
    """See ``qa.mcp.results.Reports``.

    Args:
        client: connected to the server's ``/mcp``.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ask(self, question: str, documents: list[str] | None) -> AskResult:
        return await self._call(AskResult, "ask", question=question, documents=documents)

    async def search(self, query: str, limit: int, documents: list[str] | None) -> SearchResults:
        return await self._call(SearchResults, "search", query=query, limit=limit, documents=documents)

    async def read(self, document: str, start: int, length: int) -> TextRange:
        return await self._call(TextRange, "read_document", document=document, start=start, length=max(1, length))

    async def documents(self) -> DocumentEntries:
        return await self._call(DocumentEntries, "list_documents")

    async def _call(self, kind: type[Result], tool: str, **arguments: Any) -> Result:
        result = await self._client.call_tool(tool, arguments)
        if result.is_error:
            message = " ".join(part.text for part in result.content if isinstance(part, TextContent))
            raise ServerRefused("refused", message.removeprefix(f"Error executing tool {tool}: "))
        return kind.model_validate(result.structured_content)
