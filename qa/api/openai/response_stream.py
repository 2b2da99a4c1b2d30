"""The events of a stream of ``/v1/responses``, in the order and form of OpenAI's own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from qa.api.openai.responses import ResponseBuilder
from qa.api.openai.responses_schema import OutputText, ReasoningItem, ReasoningText, ResponseFailure
from qa.types import Event, Finished, Retrieved, Rewritten, Said, Thinking

StreamEvent = tuple[str, dict[str, Any]]
"""The type of an event and its data."""


class ResponseStream:
    """Sends one response: what was searched, a model's thoughts before its first sentence, and the message.

    Args:
        made: the response in the making.
    """

    def __init__(self, made: ResponseBuilder) -> None:
        self._made = made
        self._number = 0
        self._told = 0
        """Annotations that were sent."""
        self._next_output = 0
        self._opened = False

    async def events(self, events: AsyncGenerator[Event]) -> AsyncIterator[StreamEvent]:
        """Yield the events of an answer, ending with ``completed`` or ``incomplete``.

        Where the text is cut, the work goes on to its end: only then the response is stored, to be gone on from.
        """
        for kind in ("response.created", "response.in_progress"):
            yield self._event(kind, response=self._made.object("in_progress"))
        async for event in events:
            # An answer is fitted into the client's own schema in the end, which may take a while.
            ended = isinstance(event, Finished)
            for one in await run_in_threadpool(self._of, event) if ended else self._of(event):
                yield one

    def _of(self, event: Event) -> list[StreamEvent]:
        made = self._made
        match event:
            case Rewritten(standalone_question):
                made.query = standalone_question
            case Retrieved(passages):
                made.passages = passages
                return self._searched()
            case Thinking(text) if not self._opened:
                return self._thought(text)
            case Said(sentence, citations):
                return self._text(made.say(sentence, citations))
            case Finished(answer):
                return [*self._text(made.finish(answer)), *self._closed()]
        return []

    def plain_events(self, text: str) -> list[StreamEvent]:
        """Return the events of a text that is no answer about the reports."""
        begun = self._event("response.created", response=self._made.object("in_progress"))
        return [begun, *self._text(self._made.add(text)), *self._closed()]

    def failed(self, message: str) -> StreamEvent:
        """Return the event of a response that ends with an error."""
        response = self._made.object("failed").model_copy(update={"error": ResponseFailure(message=message)})
        return self._event("response.failed", response=response)

    def _event(self, kind: str, **data: Any) -> StreamEvent:
        self._number += 1
        dumped = {
            name: value.model_dump(mode="json") if isinstance(value, BaseModel) else value
            for name, value in data.items()
        }
        return kind, {"type": kind, "sequence_number": self._number - 1, **dumped}

    def _searched(self) -> list[StreamEvent]:
        """Return the events of a file search, where one was asked for; it has been done by now."""
        if not self._made.searches:
            return []
        self._next_output = 1
        done = self._made.search_call()
        begun = done.model_copy(update={"status": "in_progress", "queries": [], "results": None})
        steps = [
            self._event(f"response.file_search_call.{step}", output_index=0, item_id=done.id)
            for step in ("in_progress", "searching", "completed")
        ]
        return [
            self._event("response.output_item.added", output_index=0, item=begun),
            *steps,
            self._event("response.output_item.done", output_index=0, item=done),
        ]

    def _thought(self, text: str) -> list[StreamEvent]:
        """Return the events of some of a model's thoughts."""
        events = []
        thoughts = self._made.thoughts
        if thoughts is None:
            id = f"rs_{self._made.id.removeprefix('resp_')}"
            thoughts = self._made.thoughts = ReasoningItem(id=id, status="in_progress", summary=[])
            events = [
                self._event("response.output_item.added", output_index=self._next_output, item=thoughts),
                self._event(
                    "response.reasoning_summary_part.added", **self._summary_place, part=ReasoningText(text="")
                ),
            ]
            thoughts.summary.append(ReasoningText(text=""))
        thoughts.summary[0].text += text
        return [*events, self._event("response.reasoning_summary_text.delta", **self._summary_place, delta=text)]

    @property
    def _summary_place(self) -> dict[str, Any]:
        thoughts = self._made.thoughts
        return {"item_id": thoughts.id if thoughts else "", "output_index": self._next_output, "summary_index": 0}

    def _thoughts_closed(self) -> list[StreamEvent]:
        thoughts = self._made.thoughts
        if thoughts is None:
            return []
        thoughts.status = "completed"
        (part,) = thoughts.summary
        events = [
            self._event("response.reasoning_summary_text.done", **self._summary_place, text=part.text),
            self._event("response.reasoning_summary_part.done", **self._summary_place, part=part),
            self._event("response.output_item.done", output_index=self._next_output, item=thoughts),
        ]
        self._next_output += 1
        return events

    @property
    def _place(self) -> dict[str, Any]:
        return {"item_id": self._made.message_id, "output_index": self._next_output, "content_index": 0}

    def _text(self, text: str) -> list[StreamEvent]:
        """Return the events of a text, and of the annotations that are new with it."""
        if not text:
            return []
        events = [*self._open(), self._event("response.output_text.delta", **self._place, delta=text, logprobs=[])]
        annotations = self._made.annotations()
        for index in range(self._told, len(annotations)):
            told = {"annotation_index": index, "annotation": annotations[index]}
            events.append(self._event("response.output_text.annotation.added", **self._place, **told))
        self._told = len(annotations)
        return events

    def _open(self) -> list[StreamEvent]:
        """Return the events that begin the message, once."""
        if self._opened:
            return []
        self._opened = True
        thought = self._thoughts_closed()
        empty = self._made.message("in_progress").model_copy(update={"content": []})
        return [
            *thought,
            self._event("response.output_item.added", output_index=self._next_output, item=empty),
            self._event("response.content_part.added", **self._place, part=OutputText(text="", annotations=[])),
        ]

    def _closed(self) -> list[StreamEvent]:
        """Return the events that end the message and the response."""
        begun = [*self._open(), *self._text(self._made.end())]
        status = self._made.status
        message = self._made.message("incomplete" if status == "incomplete" else "completed")
        (part,) = message.content
        return [
            *begun,
            self._event("response.output_text.done", **self._place, text=part.text, logprobs=[]),
            self._event("response.content_part.done", **self._place, part=part),
            self._event("response.output_item.done", output_index=self._next_output, item=message),
            self._event(f"response.{status}", response=self._made.object(status)),
        ]
