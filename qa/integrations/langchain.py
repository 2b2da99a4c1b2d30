"""The retriever, the pipeline and an agent's tool as LangChain's kinds of things, for other people's programs.

A module of its own because importing ``langchain_core`` takes longer than answering a question.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from langchain.tools import BaseTool
from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import StructuredTool
from pydantic import BaseModel, ConfigDict, Field, model_validator

from qa.answering.base import Answerer, Request
from qa.integrations.langchain_chain import AnswerChain, AnswerChunk
from qa.integrations.threads import in_thread
from qa.pipeline import QA
from qa.retrieval import Retriever, passage_hit
from qa.types import Answer, Candidate, DraftSentence

__all__ = ["AnswerChain", "AnswerChunk", "HybridRetriever", "as_runnable", "as_tool", "chain", "to_langchain"]


class HybridRetriever(BaseRetriever):
    """The hybrid search as a LangChain retriever: ``HybridRetriever(retriever=reports.pipeline.retriever, k=4)``.

    A call may choose for itself: ``invoke(question, k=2, documents=["report.pdf"])``. It can't be pickled: it holds an
    open library, which one process owns.

    Raises:
        ValueError: ``k`` is below 1, or ``search_kwargs`` has something else than ``k`` and ``documents``.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Retriever
    documents: list[str] | None = None
    """Names or ids of the documents to look in; None for all."""
    k: int | None = Field(default=None, ge=1)
    """Passages to return at most; None for as many as the pipeline itself looks at."""
    search_kwargs: dict[str, Any] = Field(default_factory=dict)
    """``k`` and ``documents`` once more, as LangChain's vector stores take them; they go before the fields."""

    @model_validator(mode="after")
    def _known(self) -> HybridRetriever:
        _checked(**self.search_kwargs)
        return self

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        return self._search(query, **kwargs)

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        return await in_thread(lambda: self._search(query, **kwargs))

    def _search(self, query: str, **kwargs: Any) -> list[Document]:
        chosen = {"k": self.k, "documents": self.documents} | self.search_kwargs | kwargs
        k, documents = _checked(**chosen)
        retriever, library = self.retriever, self.retriever.library
        if k is not None and k > retriever.k:
            retriever = Retriever(library, k, max(k, retriever.depth))
        scope = None if documents is None else [library.document_info(name).id for name in documents]
        return [to_langchain(candidate) for candidate in retriever.search(query, scope)[:k]]

    def __getstate__(self) -> NoReturn:
        raise TypeError(
            "a HybridRetriever holds an open library, which one process owns, so it can't be pickled; in another "
            "process ask a running server: POST /v1/vector_stores/vs_library/search"
        )


def _checked(
    k: int | None = None, documents: list[str] | None = None, **unknown: object
) -> tuple[int | None, list[str] | None]:
    if unknown:
        raise ValueError(f"the retriever knows no {', '.join(map(repr, unknown))}; it takes k and documents")
    if k is not None and (not isinstance(k, int) or k < 1):
        raise ValueError(f"k is {k!r}; it is how many passages to return, 1 or more")
    return k, documents


def to_langchain(candidate: Candidate) -> Document:
    """Return a candidate as a LangChain document, its spans and provenance in the metadata.

    Its id says where it stands, as MCP's ``search`` has it: the document's id, and first and last offset in its text.
    """
    hit = passage_hit(candidate)
    id = f"{hit.document_id}:{hit.spans[0][0]}-{hit.spans[-1][1]}"
    return Document(page_content=hit.text, metadata=hit.model_dump(exclude={"text"}), id=id)


def chain(qa: QA) -> Runnable[Any, Answer]:
    """Return the whole pipeline as a runnable from a question to its verified answer.

    The question may be a string, ``{"question": ..., "chat_history": [...]}``, ``{"input": ...}``, or messages; with a
    dictionary ``documents`` names those to look in. Streamed, it yields an ``AnswerChunk`` for each sentence.

    Raises, when it runs:
        BadQuestion, UnknownDocumentAsked
    """
    return AnswerChain(qa)


class _Asked(BaseModel):
    question: str = Field(description="One question that stands alone.")


def as_tool(qa: QA) -> BaseTool:
    """Return a tool for an agent (``langchain.agents.create_agent``): a question in, the cited answer as text out.

    What the tool says is verified; what the agent makes of it is not.
    """

    def ask(question: str) -> str:
        answer = qa.ask(question)
        sources = [f"[{c.number}] {c.document}: {c.quote}" for c in answer.citations]
        return "\n".join([answer.answer, *sources, *answer.warnings])

    async def ask_async(question: str) -> str:
        return await in_thread(lambda: ask(question))

    return StructuredTool.from_function(
        ask,
        ask_async,
        "ask_reports",
        "Ask the reports in the library one question that stands alone. Every sentence of the answer is "
        "quoted with its source; when the reports don't say, that is what it returns.",
        args_schema=_Asked,
    )


def as_runnable(answerer: Answerer) -> Runnable[Request, list[DraftSentence]]:
    """Return ``answerer`` as a runnable from a request to draft sentences; streamed, they come one by one.

    Draft sentences are not verified: ``qa.pipeline`` does that.
    """

    def draft(request: Request) -> Iterator[list[DraftSentence]]:
        for sentence in answerer.draft(request):
            if isinstance(sentence, DraftSentence):
                yield [sentence]

    return RunnableLambda(draft, name=answerer.name)
