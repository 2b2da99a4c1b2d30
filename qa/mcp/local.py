"""The library in this process, as MCP's tools need it: each call runs in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio.to_thread

from qa.mcp.results import (
    AskResult,
    DocumentEntries,
    SearchResults,
    TextRange,
    entry_of,
    found,
    range_of,
)

if TYPE_CHECKING:
    from qa.pipeline import QA


class LocalReports:
    """See ``qa.mcp.results.Reports``.

    Args:
        url: of the server that also serves the documents, without a slash at its end; empty for none.
    """

    def __init__(self, qa: QA, url: str = "") -> None:
        self.qa = qa
        self.url = url

    async def ask(self, question: str, documents: list[str] | None) -> AskResult:
        return AskResult.of(await anyio.to_thread.run_sync(lambda: self.qa.ask(question, (), documents)))

    async def search(self, query: str, limit: int, documents: list[str] | None) -> SearchResults:
        hits = await anyio.to_thread.run_sync(lambda: self.qa.search(query, documents))
        return found(hits[:limit], self.url)

    async def read(self, document: str, start: int, length: int) -> TextRange:
        whole = await anyio.to_thread.run_sync(lambda: self.qa.library.document(document))
        return range_of(whole, start, length, self.url)

    async def documents(self) -> DocumentEntries:
        infos = await anyio.to_thread.run_sync(self.qa.library.documents)
        return DocumentEntries(documents=[entry_of(info) for info in infos])
