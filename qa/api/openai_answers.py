"""OpenAI's chat format: messages to a question with its history, an answer to a completion or to chunks of one."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from qa.answering.rendering import piece
from qa.api.openai_schema import (
    Choice,
    ChunkChoice,
    Completion,
    CompletionChunk,
    CompletionMessage,
    Delta,
    MessageParam,
    Usage,
)
from qa.errors import BadQuestion
from qa.types import Answer, AnswerSentence, Event, Finished, Said, Thinking, Turn
from vectorstore.text.language import HAN, language_of

_CITATION_MARK = re.compile(r"\[\d+\]")
_TOKEN = re.compile(rf"[{HAN}]|[^\W{HAN}]+|[^\w\s]")


def question_of(messages: Sequence[MessageParam]) -> tuple[str, list[Turn]]:
    """Return the last user message, and the messages before it without their citation marks.

    Raises:
        BadQuestion: no message has the role ``user``.
    """
    last = max((place for place, message in enumerate(messages) if message.role == "user"), default=None)
    if last is None:
        raise BadQuestion("no message has the role user; the last one that has is the question")
    history = []
    for message in messages[:last]:
        if message.role == "user" and message.text.strip():
            history.append(Turn(role="user", content=message.text))
        elif message.role == "assistant" and message.text.strip():
            history.append(Turn(role="assistant", content=_CITATION_MARK.sub("", message.text)))
    return messages[last].text, history


def count_tokens(text: str) -> int:
    """Return the number of words, Chinese characters and punctuation marks."""
    return sum(1 for _ in _TOKEN.finditer(text))


class CompletionBuilder:
    """Builds one completion, whole or in chunks.

    Args:
        model: its id, as in the request.
        messages: the request's messages; only counted.
        question: the question among them; names of documents are written as in its language.
    """

    def __init__(self, model: str, messages: Sequence[MessageParam], question: str) -> None:
        self.id = f"chatcmpl-{uuid.uuid4().hex}"
        self.created = int(time.time())
        self.model = model
        self._language = language_of(question)
        self._prompt_tokens = sum(count_tokens(message.text) for message in messages)

    def completion(self, answer: Answer) -> Completion:
        """Return the whole answer."""
        message = CompletionMessage(content=answer.answer, citations=answer.citations, abstained=answer.abstained)
        return Completion(
            id=self.id,
            created=self.created,
            model=self.model,
            choices=[Choice(message=message)],
            usage=self._usage(answer),
        )

    async def chunks(self, events: AsyncGenerator[Event], include_usage: bool) -> AsyncIterator[str]:
        """Yield the chunks as JSON: the role, each verified sentence, the end, and usage if asked for.

        Their contents add up to that of ``completion``.
        """
        yield self._chunk(Delta(role="assistant", content=""))
        previous: AnswerSentence | None = None
        async for event in events:
            if isinstance(event, Thinking):
                yield self._chunk(Delta(reasoning_content=event.text))
            elif isinstance(event, Said):
                yield self._chunk(Delta(content=piece(event.sentence, previous, self._language)))
                previous = event.sentence
            elif isinstance(event, Finished):
                answer = event.answer
                if answer.abstained:
                    yield self._chunk(Delta(content=answer.answer))
                yield self._chunk(Delta(), answer)
                if include_usage:
                    yield self._json([], usage=self._usage(answer))

    def _chunk(self, delta: Delta, finished: Answer | None = None) -> str:
        if finished is None:
            return self._json([ChunkChoice(delta=delta)])
        return self._json([ChunkChoice(delta=delta, finish_reason="stop")], finished=finished)

    def _json(self, choices: list[ChunkChoice], usage: Usage | None = None, finished: Answer | None = None) -> str:
        chunk = CompletionChunk(id=self.id, created=self.created, model=self.model, choices=choices, usage=usage)
        if finished is not None:
            chunk.citations, chunk.abstained = finished.citations, finished.abstained
        # OpenAI's own chunks leave out of a delta what it doesn't change.
        dumped = chunk.model_dump(mode="json", exclude_none=True)
        for choice in dumped["choices"]:
            choice.setdefault("finish_reason", None)
        return json.dumps(dumped, ensure_ascii=False, separators=(",", ":"))

    def _usage(self, answer: Answer) -> Usage:
        written = count_tokens(answer.answer)
        return Usage(
            prompt_tokens=self._prompt_tokens,
            completion_tokens=written,
            total_tokens=self._prompt_tokens + written,
        )
