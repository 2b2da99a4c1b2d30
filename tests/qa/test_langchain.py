"""The retriever, the chain and the tool, used as LangChain's programs use such things."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda

from qa.answering.base import Answerer, Request
from qa.errors import BadQuestion, UnknownDocumentAsked
from qa.integrations.langchain import AnswerChunk, HybridRetriever, as_tool, chain
from qa.llm.cancellation import is_cancelled
from qa.pipeline import QA
from qa.settings import Settings
from qa.types import Answer, DraftSentence, Evidence, Turn
from vectorstore.errors import UnknownDocument
from vectorstore.library import Library

QUESTION = "青山县选派了多少名农技员？"
FOLLOW_UP = "那白河市呢？"
SAID = "青山县选派农技员86名驻村指导。[1]"
BOTH = "白河市和青山县的大棚各有多少？"


@pytest.fixture
def retriever(qa: QA) -> HybridRetriever:
    return HybridRetriever(retriever=qa.retriever)


def test_k_bounds_the_passages(retriever: HybridRetriever, qa: QA) -> None:
    every = retriever.invoke(QUESTION)
    assert len(every) > 3
    assert HybridRetriever(retriever=qa.retriever, k=2).invoke(QUESTION) == every[:2]
    assert HybridRetriever(retriever=qa.retriever, k=3, search_kwargs={"k": 1}).invoke(QUESTION) == every[:1]
    assert retriever.invoke(QUESTION, k=3) == every[:3]
    narrow = HybridRetriever(retriever=type(qa.retriever)(qa.library, k=2, depth=2), k=len(every))
    assert len(narrow.invoke(QUESTION)) == len(every)


def test_documents_are_chosen_by_name_or_id(retriever: HybridRetriever, qa: QA) -> None:
    id = qa.library.document_info("b.txt").id
    for chosen in ("b.txt", id):
        found = retriever.invoke(QUESTION, documents=[chosen])
        assert {document.metadata["document"] for document in found} == {"b.txt"}
    scoped = HybridRetriever(retriever=qa.retriever, search_kwargs={"documents": ["c.md"]})
    assert {document.metadata["document"] for document in scoped.invoke(QUESTION)} == {"c.md"}
    with pytest.raises(UnknownDocument, match=r"nowhere\.txt"):
        retriever.invoke(QUESTION, documents=["nowhere.txt"])


def test_a_document_s_id_says_where_it_stands(retriever: HybridRetriever, qa: QA) -> None:
    found = retriever.invoke(QUESTION)
    assert len({document.id for document in found}) == len(found)
    name, _, place = (found[0].id or "").rpartition(":")
    start, end = map(int, place.split("-"))
    assert found[0].page_content == qa.library.document(name).text[start:end]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"k": 0}, "greater than or equal to 1"),
        ({"search_kwargs": {"k": 0}}, "1 or more"),
        ({"search_kwargs": {"filter": {}}}, "takes k and documents"),
    ],
)
def test_what_the_retriever_does_not_know_is_refused(qa: QA, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        HybridRetriever(retriever=qa.retriever, **options)


def test_a_retriever_says_why_it_is_not_pickled(retriever: HybridRetriever) -> None:
    with pytest.raises(TypeError, match="vector_stores/vs_library/search"):
        pickle.dumps(retriever)


def same(answer: Answer) -> dict[str, Any]:
    """What two runs have in common."""
    return answer.model_dump(exclude={"latency_ms"})


HISTORY: list[Any] = [
    [HumanMessage(QUESTION), AIMessage(SAID)],
    [("human", QUESTION), ("ai", SAID)],
    [(QUESTION, SAID)],
    [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": SAID}],
    [Turn(role="user", content=QUESTION), Turn(role="assistant", content=SAID)],
]


@pytest.mark.parametrize(
    "given",
    [
        *({"question": FOLLOW_UP, "chat_history": history} for history in HISTORY),
        {"input": FOLLOW_UP, "chat_history": HISTORY[0]},
        {"input": [*HISTORY[0], HumanMessage(FOLLOW_UP)]},
        {"messages": [SystemMessage("Be brief."), *HISTORY[0], HumanMessage(FOLLOW_UP)]},
        [*HISTORY[0], HumanMessage(FOLLOW_UP)],
        ChatPromptTemplate.from_messages([*HISTORY[1], ("human", "{q}")]).invoke({"q": FOLLOW_UP}),
    ],
)
def test_a_follow_up_in_any_of_langchain_s_forms(qa: QA, given: Any) -> None:
    answer = chain(qa).invoke(given)
    assert answer.question == FOLLOW_UP
    assert "白河市" in answer.standalone_question
    assert "54" in answer.answer


@pytest.mark.parametrize("given", [QUESTION, {"question": QUESTION}, {"query": QUESTION}, HumanMessage(QUESTION)])
def test_a_question_alone(qa: QA, given: Any) -> None:
    assert same(chain(qa).invoke(given)) == same(qa.ask(QUESTION))


def test_a_dictionary_may_choose_documents(qa: QA) -> None:
    assert chain(qa).invoke({"question": QUESTION, "documents": ["c.md"]}).abstained
    with pytest.raises(UnknownDocumentAsked):
        chain(qa).invoke({"question": QUESTION, "documents": "nowhere.txt"})


@pytest.mark.parametrize("given", [{}, {"prompt": "x"}, [], [AIMessage("x")], 3, [{"nonsense": 1}]])
def test_an_input_without_a_question_is_told_what_to_give(qa: QA, given: Any) -> None:
    with pytest.raises(BadQuestion, match="question or input"):
        chain(qa).invoke(given)


@pytest.mark.parametrize("question", [BOTH, "红烧肉怎么做才好吃？"])
def test_chunks_add_up_to_the_answer(qa: QA, question: str) -> None:
    whole = qa.ask(question)
    chunks = list(chain(qa).stream(question))
    assert len(chunks) == len(whole.sentences) + 1
    assert "".join(chunk.answer for chunk in chunks) == whole.answer
    total: Any = chunks[0]
    for chunk in chunks[1:]:
        assert isinstance(chunk, AnswerChunk)
        total += chunk
    assert same(total) == same(whole)
    piped = chain(qa) | RunnableLambda(lambda answer: answer.answer)
    assert "".join(piped.stream(question)) == whole.answer

    async def together() -> tuple[list[Answer], Answer, list[Answer]]:
        one = [chunk async for chunk in chain(qa).astream(question)]
        return one, await chain(qa).ainvoke(question), await chain(qa).abatch([question] * 3)

    streamed, answer, batch = asyncio.run(together())
    assert [chunk.answer for chunk in streamed] == [chunk.answer for chunk in chunks]
    assert all(same(one) == same(whole) for one in (answer, *batch))


def test_many_callers_share_a_few_threads(retriever: HybridRetriever, qa: QA) -> None:
    async def all_at_once() -> list[Any]:
        asked = [retriever.ainvoke(QUESTION, k=1) for _ in range(20)]
        return await asyncio.gather(*asked, as_tool(qa).ainvoke(QUESTION))

    *found, said = asyncio.run(all_at_once())
    assert all(documents == found[0] for documents in found)
    assert "[1] a.txt: " in said
    assert sum(thread.name.startswith("report-qa") for thread in threading.enumerate()) <= 4


class Endless(Answerer):
    """Says the same until nobody waits."""

    name = "endless"

    def __init__(self) -> None:
        self.ended = threading.Event()

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        stored = request.candidates[0].stored
        sentence = stored.passage.sentences[0]
        try:
            while not is_cancelled():
                yield DraftSentence(sentence.text, (Evidence.of(stored, sentence),))
                time.sleep(0.01)
        finally:
            self.ended.set()


@pytest.mark.parametrize("stream", [True, False])
def test_a_caller_that_leaves_ends_the_work(library: Library, stream: bool) -> None:
    endless = Endless()
    asked = chain(QA(library, Settings(answerer="extractive"), endless))

    async def leave() -> None:
        if stream:
            chunks = asked.astream(QUESTION)
            assert (await anext(chunks)).sentences
            await chunks.aclose()  # type: ignore[attr-defined]
            return
        task = asyncio.ensure_future(asked.ainvoke(QUESTION))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert endless.ended.wait(20)


def test_an_error_reaches_the_asynchronous_caller(qa: QA) -> None:
    async def broken() -> list[Answer]:
        return [chunk async for chunk in chain(qa).astream("？？")]

    with pytest.raises(BadQuestion):
        asyncio.run(broken())


def test_a_tool_tells_the_warnings_of_an_answer(qa: QA) -> None:
    question = "黑水县选派了多少名农技员？"
    warnings = qa.ask(question).warnings
    assert warnings
    assert as_tool(qa).invoke({"question": question}).endswith("\n".join(warnings))
