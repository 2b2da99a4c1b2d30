"""An answer as a chat completion: whole, or as the chunks of a stream."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import Any

from fastapi.concurrency import run_in_threadpool

from qa.api.openai.annotations import message_annotations
from qa.api.openai.conversation import Asked
from qa.api.openai.openwebui import source_event, status_event
from qa.api.openai.schema import (
    Choice,
    ChunkChoice,
    Completion,
    CompletionChunk,
    CompletionMessage,
    CompletionRequest,
    Delta,
    Usage,
)
from qa.api.openai.structured import as_json
from qa.api.openai.transcript import Transcript, count_tokens
from qa.types import Answer, Citation, Event, Finished, Said, Thinking


class CompletionBuilder:
    """Builds one completion, whole or in chunks.

    Args:
        body: the request.
        asked: the question among its messages.
        base: URL of the service, without a slash at its end.
    """

    def __init__(self, body: CompletionRequest, asked: Asked, base: str) -> None:
        self.id = f"chatcmpl-{uuid.uuid4().hex}"
        self.created = int(time.time())
        self._body = body
        self._asked = asked
        self._base = base
        self._transcript = Transcript(asked.language, body.stops, body.most_tokens)
        self._shown: set[int] = set()

    def completion(self, answer: Answer) -> Completion:
        """Return the whole answer.

        Raises:
            BadRequest: it does not fit the schema that was asked for.
        """
        said = self._transcript
        if self._as_json:
            self._add_json(answer)
        else:
            for sentence in answer.sentences:
                said.say(sentence, [one for one in answer.citations if one.number in sentence.citations])
            self._add_rest(answer)
        said.end()
        message = CompletionMessage(
            content=said.text,
            annotations=message_annotations(said.marks, said.citations, self._base, said.language),
            citations=self._citations(answer),
            abstained=answer.abstained,
            warnings=answer.warnings,
        )
        return self.plain(message)

    def plain(self, message: CompletionMessage) -> Completion:
        """Return a completion with a message that is whole."""
        choice = Choice(message=message, finish_reason=self._transcript.finish or "stop")
        return Completion(
            id=self.id,
            created=self.created,
            model=self._body.model,
            choices=[choice],
            usage=self._usage(message.content),
        )

    async def chunks(self, events: AsyncGenerator[Event]) -> AsyncIterator[str]:
        """Yield the chunks as JSON: the role, each verified sentence, the end, and usage if asked for.

        Their contents add up to that of ``completion``. The work ends where the text is cut.
        """
        yield self._chunk(Delta(role="assistant", content=""))
        answer: Answer | None = None
        async for event in events:
            if shown := status_event(event, self._asked.language):
                yield self._chunk(Delta(), event=shown)
            if isinstance(event, Thinking):
                yield self._chunk(Delta(reasoning_content=event.text))
            elif isinstance(event, Said) and not self._as_json:
                for chunk in self._content(self._transcript.say(event.sentence, event.citations)):
                    yield chunk
            elif isinstance(event, Finished):
                answer = event.answer
                said = await run_in_threadpool(self._add_json if self._as_json else self._add_rest, answer)
                for chunk in self._content(said):
                    yield chunk
            if self._transcript.finish is not None:
                break
        for chunk in self._content(self._transcript.end()):
            yield chunk
        yield self._last(answer)
        for chunk in self._asked_usage():
            yield chunk

    def plain_chunks(self, text: str) -> Iterable[str]:
        """Yield the chunks of a text that is no answer about the reports."""
        yield self._chunk(Delta(role="assistant", content=""))
        yield from self._content(self._transcript.add(text) + self._transcript.end())
        yield self._json([ChunkChoice(delta=Delta(), finish_reason=self._transcript.finish or "stop")])
        yield from self._asked_usage()

    def _asked_usage(self) -> Iterable[str]:
        """Yield the chunk with the usage, where the request asks for it."""
        if self._body.stream_options is not None and self._body.stream_options.include_usage:
            yield self._json([], usage=self._usage(self._transcript.text))

    @property
    def _as_json(self) -> bool:
        return self._body.response_format is not None and self._body.response_format.type != "text"

    def _add_json(self, answer: Answer) -> str:
        wanted = self._body.response_format and self._body.response_format.json_schema
        self._transcript.citations.update((one.number, one) for one in answer.citations)
        return self._transcript.add(as_json(answer, wanted.schema_ if wanted else None))

    def _add_rest(self, answer: Answer) -> str:
        """Add what is said besides the sentences: an abstention, and that an image was not read."""
        said = self._transcript.add(answer.answer) if answer.abstained else ""
        return said + (self._transcript.add(f"\n\n{self._asked.notice}") if self._asked.notice else "")

    def _content(self, text: str) -> Iterable[str]:
        """Yield a chunk with a text, and one for each source that is new with it."""
        if text:
            yield self._chunk(Delta(content=text))
        for mark in self._transcript.marks:
            if mark.number not in self._shown:
                self._shown.add(mark.number)
                cited = self._transcript.citations[mark.number]
                yield self._chunk(Delta(), event=source_event(cited, self._base, self._asked.language))

    def _citations(self, answer: Answer | None) -> list[Citation]:
        """Return the citations of what was said: all of them, but where the text was cut."""
        said = self._transcript
        if answer is not None and said.finish is None:
            return answer.citations
        kept = {mark.number for mark in said.marks}
        return [citation for number, citation in sorted(said.citations.items()) if number in kept]

    def _chunk(self, delta: Delta, event: dict[str, Any] | None = None) -> str:
        return self._json([ChunkChoice(delta=delta)], event=event)

    def _last(self, answer: Answer | None) -> str:
        said = self._transcript
        return self._json(
            [ChunkChoice(delta=Delta(), finish_reason=said.finish or "stop")],
            annotations=message_annotations(said.marks, said.citations, self._base, said.language),
            citations=self._citations(answer),
            abstained=answer is not None and answer.abstained,
            warnings=answer.warnings if answer is not None else [],
        )

    def _json(self, choices: list[ChunkChoice], **more: Any) -> str:
        chunk = CompletionChunk(id=self.id, created=self.created, model=self._body.model, choices=choices, **more)
        # OpenAI's own chunks leave out of a delta what it doesn't change.
        dumped = chunk.model_dump(mode="json", exclude_none=True)
        for choice in dumped["choices"]:
            choice.setdefault("finish_reason", None)
        return json.dumps(dumped, ensure_ascii=False, separators=(",", ":"))

    def _usage(self, text: str) -> Usage:
        sent, written = self._asked.tokens, count_tokens(text)
        return Usage(prompt_tokens=sent, completion_tokens=written, total_tokens=sent + written)
