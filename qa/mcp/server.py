"""The MCP server: read-only tools and resources over a library; both transports serve this one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp_types import CallToolResult, Resource, TextContent, ToolAnnotations
from pydantic import Field

from qa.errors import QAError
from qa.mcp.results import (
    MOST_CHARACTERS,
    AskResult,
    DocumentEntries,
    Reports,
    SearchResults,
    TextRange,
)
from qa.version import version
from vectorstore.errors import VectorStoreError

INSTRUCTIONS = """A library of reports. Use `ask` for a question: every sentence of its answer is quoted or verified
against the documents and carries citations, and `abstained` says that the documents don't answer. Use `search` and
`fetch` to read passages yourself. Quote citations as they are; don't add what they don't say."""
READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_PASSAGE = re.compile(r"(?P<document>.+):(?P<start>\d{1,12})-(?P<end>\d{1,12})")

Question = Annotated[str, Field(description="One question in plain language, which stands alone.")]
Documents = Annotated[list[str] | None, Field(description="Names or ids of the documents to look in; all without.")]
Found = Callable[[Context[Any] | None], Reports]
"""Returns the library for the caller of a tool; for nobody in particular where resources are listed.

Raises:
    QAError: there is none yet.
"""


class ReportServer(MCPServer[None]):
    """An MCP server over the library that ``reports`` finds for a request.

    Args:
        reports: called in each request.
    """

    def __init__(self, reports: Found) -> None:
        super().__init__("report-qa", instructions=INSTRUCTIONS, version=version(), log_level="WARNING")
        self._reports = reports
        self.add_tool(self._search, "search", "Search the reports", annotations=READS)
        self.add_tool(self._fetch, "fetch", "Fetch a passage or a report", annotations=READS)
        self.add_tool(self._ask, "ask", "Ask the reports", annotations=READS)
        self.add_tool(self._list_documents, "list_documents", "List the reports", annotations=READS)
        self.add_tool(self._read_document, "read_document", "Read a report", annotations=READS)
        self.resource("report://documents/{document}", name="report", title="A report's text", mime_type="text/plain")(
            self._resource
        )

    async def _search(
        self,
        query: Annotated[str, Field(description="Words or a question, in Chinese or English.")],
        ctx: Context[Any],
        limit: Annotated[int, Field(ge=1, le=40)] = 10,
        documents: Documents = None,
    ) -> SearchResults:
        """Find the passages of the reports that fit a query best."""
        with _errors(ToolError):
            return await self._reports(ctx).search(query, limit, documents)

    async def _fetch(
        self, id: Annotated[str, Field(description="Of a search result, or of a document.")], ctx: Context[Any]
    ) -> TextRange:
        """Fetch the passage of a search result, or the beginning of a document."""
        passage = _PASSAGE.fullmatch(id)
        with _errors(ToolError):
            reports = self._reports(ctx)
            if passage is None:
                return await reports.read(id, 0, MOST_CHARACTERS)
            start, end = int(passage["start"]), int(passage["end"])
            return await reports.read(passage["document"], start, max(0, end - start))

    async def _ask(
        self, question: Question, ctx: Context[Any], documents: Documents = None
    ) -> Annotated[CallToolResult, AskResult]:
        """Ask the reports a question. The answer's sentences are verified and cited; or it says that they don't say."""
        with _errors(ToolError):
            result = await self._reports(ctx).ask(question, documents)
        return CallToolResult(
            content=[TextContent(type="text", text=result.as_text())], structured_content=result.model_dump(mode="json")
        )

    async def _list_documents(self, ctx: Context[Any]) -> DocumentEntries:
        """List the documents of the library."""
        with _errors(ToolError):
            return await self._reports(ctx).documents()

    async def _read_document(
        self,
        document: Annotated[str, Field(description="Name or id.")],
        ctx: Context[Any],
        start: Annotated[int, Field(ge=0, description="Offset of the first character.")] = 0,
        length: Annotated[int, Field(ge=1, le=MOST_CHARACTERS)] = MOST_CHARACTERS,
    ) -> TextRange:
        """Read a part of a document's text. The offsets are those of citations."""
        with _errors(ToolError):
            return await self._reports(ctx).read(document, start, length)

    async def _resource(self, document: str, ctx: Context[Any]) -> str:
        """The text of a report, whole."""
        with _errors(ResourceError):
            reports = self._reports(ctx)
            part = await reports.read(document, 0, MOST_CHARACTERS)
            texts = [part.text]
            while part.end < part.length:
                part = await reports.read(document, part.end, MOST_CHARACTERS)
                texts.append(part.text)
        return "".join(texts)

    async def list_resources(self) -> list[Resource]:
        """Return a resource for each document."""
        with _errors(ResourceError):
            listed = await self._reports(None).documents()
        return [
            Resource(uri=one.uri, name=one.name, title=one.title, mime_type="text/plain") for one in listed.documents
        ]


@contextmanager
def _errors(kind: type[Exception]) -> Iterator[None]:
    """Turn the errors that a caller can act on into the protocol's; others stay this server's own affair."""
    try:
        yield
    except (QAError, VectorStoreError) as error:
        raise kind(str(error)) from error
