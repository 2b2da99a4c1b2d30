"""The retriever, the pipeline and an agent's tool as LangChain's kinds of things, for other people's programs.

A module of its own because importing ``langchain_core`` takes longer than answering a question.
"""

from __future__ import annotations

from collections.abc import Iterator

from langchain.tools import BaseTool, tool
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict

from qa.answering.base import Answerer, Request
from qa.pipeline import QA
from qa.retrieval import Retriever, passage_hit
from qa.types import Answer, Candidate, DraftSentence


class HybridRetriever(BaseRetriever):
    """The hybrid search as a LangChain retriever: ``HybridRetriever(retriever=reports.pipeline.retriever)``."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Retriever
    documents: list[str] | None = None
    """Ids of the documents to look in; None for all."""

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [to_langchain(candidate) for candidate in self.retriever.search(query, self.documents)]


def to_langchain(candidate: Candidate) -> Document:
    """Return a candidate as a LangChain document, its spans and provenance in the metadata."""
    hit = passage_hit(candidate)
    return Document(page_content=hit.text, metadata=hit.model_dump(exclude={"text"}))


def chain(qa: QA) -> Runnable[str, Answer]:
    """Return the whole pipeline as a runnable from a question to its verified answer.

    Raises, when it runs:
        BadQuestion
    """
    return RunnableLambda(lambda question: qa.ask(question), name="report-qa")


def as_tool(qa: QA) -> BaseTool:
    """Return a tool for an agent (``langchain.agents.create_agent``): a question in, the cited answer as text out.

    What the tool says is verified; what the agent makes of it is not.
    """

    @tool(
        "ask_reports",
        description="Ask the reports in the library one question that stands alone. Every sentence of the answer is "
        "quoted with its source; when the reports don't say, that is what it returns.",
    )
    def ask(question: str) -> str:
        answer = qa.ask(question)
        sources = [f"[{c.number}] {c.document}: {c.quote}" for c in answer.citations]
        return "\n".join([answer.answer, *sources])

    return ask


def as_runnable(answerer: Answerer) -> Runnable[Request, list[DraftSentence]]:
    """Return ``answerer`` as a runnable from a request to draft sentences; streamed, they come one by one.

    Draft sentences are not verified: ``qa.pipeline`` does that.
    """

    def draft(request: Request) -> Iterator[list[DraftSentence]]:
        for sentence in answerer.draft(request):
            if isinstance(sentence, DraftSentence):
                yield [sentence]

    return RunnableLambda(draft, name=answerer.name)
