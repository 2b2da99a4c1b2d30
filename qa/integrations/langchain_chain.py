"""The whole pipeline as a LangChain runnable, which streams sentence by sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from pydantic import Field

from qa.answering.rendering import piece
from qa.integrations.langchain_input import ChainInput, chain_input
from qa.integrations.threads import in_thread, stream_in_thread
from qa.pipeline import QA
from qa.types import Answer, AnswerSentence, Finished, Said
from vectorstore.text.language import language_of


class AnswerChunk(Answer):
    """A part of an answer: some of its text, with the sentences and citations that are new with it.

    The sum of all chunks is the answer.
    """

    last: bool = Field(default=False, exclude=True)
    """Whether it holds what is known only at the end."""

    def __add__(self, other: AnswerChunk) -> AnswerChunk:
        newer = other if other.last else self
        joined = {
            "answer": self.answer + other.answer,
            "sentences": [*self.sentences, *other.sentences],
            "citations": [*self.citations, *other.citations],
            "last": self.last or other.last,
        }
        return newer.model_copy(update=joined)


class AnswerChain(Runnable[Any, Answer]):
    """From a question to its verified answer; ``stream`` yields an ``AnswerChunk`` for each sentence.

    Takes what ``qa.integrations.langchain_input.chain_input`` does.
    """

    def __init__(self, qa: QA) -> None:
        self.qa = qa
        self.name = "report-qa"

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        return self._call_with_config(self._answer, input, config, run_type="chain")

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        return await self._acall_with_config(self._answer_async, input, config, run_type="chain")

    def stream(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any | None) -> Iterator[Answer]:
        yield from self._transform_stream_with_config(iter([input]), self._chunks_of, config, run_type="chain")

    async def astream(
        self, input: Any, config: RunnableConfig | None = None, **kwargs: Any | None
    ) -> AsyncIterator[Answer]:
        async def inputs() -> AsyncIterator[Any]:
            yield input

        chunks = self._atransform_stream_with_config(inputs(), self._chunks_of_async, config, run_type="chain")
        async for chunk in chunks:
            yield chunk

    def _answer(self, given: Any) -> Answer:
        asked = chain_input(given)
        return self.qa.ask(asked.question, asked.history, asked.documents)

    async def _answer_async(self, given: Any) -> Answer:
        return await in_thread(lambda: self._answer(given))

    def _chunks_of(self, given: Iterator[Any]) -> Iterator[Answer]:
        yield from self._chunks(chain_input(next(iter(given))))

    async def _chunks_of_async(self, given: AsyncIterator[Any]) -> AsyncIterator[Answer]:
        asked = chain_input(await anext(given))
        async for chunk in stream_in_thread(lambda: self._chunks(asked)):
            yield chunk

    def _chunks(self, asked: ChainInput) -> Iterator[AnswerChunk]:
        language = language_of(asked.question)
        previous: AnswerSentence | None = None
        for event in self.qa.stream(asked.question, asked.history, asked.documents):
            if isinstance(event, Said):
                text = piece(event.sentence, previous, language)
                previous = event.sentence
                yield AnswerChunk(
                    question=asked.question,
                    standalone_question=asked.question,
                    answer=text,
                    abstained=False,
                    sentences=[event.sentence],
                    citations=event.citations,
                )
            elif isinstance(event, Finished):
                rest = event.answer.answer if event.answer.abstained else ""
                kept = {"answer": rest, "sentences": [], "citations": [], "last": True}
                yield AnswerChunk(**dict(event.answer) | kept)
