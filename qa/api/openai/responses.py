"""An answer as a response of ``/v1/responses``: whole, or as the events of a stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any, Literal

from qa.api.openai.annotations import FileAnnotation, UrlAnnotation, file_citation, url_citation
from qa.api.openai.conversation import Asked
from qa.api.openai.responses_schema import (
    FileSearchCall,
    FileSearchResult,
    IncompleteDetails,
    OutputMessage,
    OutputText,
    ResponseFailure,
    ResponseObject,
    ResponseUsage,
)
from qa.api.openai.structured import as_json
from qa.api.openai.transcript import Transcript, count_tokens
from qa.types import Answer, Event, Finished, PassageHit, Retrieved, Rewritten, Said

Status = Literal["in_progress", "completed", "incomplete", "failed"]
StreamEvent = tuple[str, dict[str, Any]]
"""The type of an event and its data."""
RESULTS = "file_search_call.results"


class ResponseBuilder:
    """Builds one response, whole or in events. The same answer and request give the same response again.

    Args:
        id: of the response, with its prefix.
        created: Unix time in seconds.
        request: what the response repeats of its request; see ``ResponseRequest.repeated``.
        asked: the question among its messages.
        base: URL of the service, without a slash at its end.
    """

    def __init__(self, id: str, created: int, request: Mapping[str, Any], asked: Asked, base: str) -> None:
        self.id = id
        self.created = created
        self._request = request
        self._asked = asked
        self._base = base
        self._said = Transcript(asked.language, most_tokens=request.get("max_output_tokens"))
        wanted = request.get("text", {}).get("format") or {}
        self._json = wanted.get("type", "text") != "text"
        self._schema = wanted.get("schema") if wanted.get("type") == "json_schema" else None
        self._searches = any(tool.get("type") == "file_search" for tool in request.get("tools", ()))
        self._query = asked.question
        self._passages: Sequence[PassageHit] = ()
        self._answer: Answer | None = None
        self._number = 0
        self._told = 0

    def response(self, answer: Answer) -> ResponseObject:
        """Return the whole answer, or what there is of one that was stopped.

        Raises:
            BadRequest: it does not fit the schema that was asked for.
        """
        self._query, self._passages = answer.standalone_question, answer.passages
        if not self._json:
            for sentence in answer.sentences:
                self._said.say(sentence, [one for one in answer.citations if one.number in sentence.citations])
        self._finish(answer)
        self._said.end()
        return self._object(self._status(answer))

    async def events(self, events: AsyncGenerator[Event]) -> AsyncIterator[StreamEvent]:
        """Yield the events that OpenAI's stream has for a message, ending with ``completed`` or ``incomplete``.

        Where the text is cut, the work goes on to its end: only then the response is stored, to be gone on from.
        """
        for kind in ("response.created", "response.in_progress"):
            yield self._event(kind, response=self._object("in_progress"))
        opened = False
        async for event in events:
            match event:
                case Rewritten(standalone_question):
                    self._query = standalone_question
                case Retrieved(passages):
                    self._passages = passages
                    for one in self._searched():
                        yield one
                    for one in self._opened():
                        yield one
                    opened = True
                case Said(sentence, citations) if not self._json:
                    for one in self._text(self._said.say(sentence, citations)):
                        yield one
                case Finished(answer):
                    for one in self._text(self._finish(answer)):
                        yield one
        if opened:
            for one in self._closed():
                yield one

    def plain(self, text: str) -> ResponseObject:
        """Return a response with a text that is no answer about the reports."""
        self._said.add(text)
        self._said.end()
        return self._object("completed")

    def plain_events(self, text: str) -> list[StreamEvent]:
        """Return the events of such a response."""
        begun = self._event("response.created", response=self._object("in_progress"))
        return [begun, *self._opened(), *self._text(self._said.add(text)), *self._closed()]

    def failed(self, message: str) -> StreamEvent:
        """Return the event of a response that ends with an error."""
        response = self._object("failed").model_copy(update={"error": ResponseFailure(message=message)})
        return self._event("response.failed", response=response)

    def _finish(self, answer: Answer) -> str:
        """Add what is said besides the sentences: all as JSON, an abstention, and that an image was not read."""
        self._answer = answer
        if self._json:
            if answer.stopped:
                return ""
            self._said.citations.update((one.number, one) for one in answer.citations)
            return self._said.add(as_json(answer, self._schema))
        said = self._said.add(answer.answer) if answer.abstained else ""
        return said + (self._said.add(f"\n\n{self._asked.notice}") if self._asked.notice else "")

    def _status(self, answer: Answer | None) -> Status:
        stopped = answer is not None and answer.stopped
        return "incomplete" if stopped or self._said.finish is not None else "completed"

    # The events of a stream.

    def _event(self, kind: str, **data: Any) -> StreamEvent:
        self._number += 1
        dumped = {
            name: value.model_dump(mode="json") if hasattr(value, "model_dump") else value
            for name, value in data.items()
        }
        return kind, {"type": kind, "sequence_number": self._number - 1, **dumped}

    def _searched(self) -> list[StreamEvent]:
        """Return the events of a file search, where one was asked for; it has been done by now."""
        if not self._searches:
            return []
        done = self._search_call()
        place: dict[str, Any] = {"output_index": 0}
        begun = done.model_copy(update={"status": "in_progress", "queries": [], "results": None})
        steps = [
            self._event(f"response.file_search_call.{step}", **place, item_id=done.id)
            for step in ("in_progress", "searching", "completed")
        ]
        return [
            self._event("response.output_item.added", **place, item=begun),
            *steps,
            self._event("response.output_item.done", **place, item=done),
        ]

    @property
    def _place(self) -> dict[str, Any]:
        return {"item_id": self._message_id, "output_index": int(self._searches), "content_index": 0}

    def _opened(self) -> list[StreamEvent]:
        empty = self._message("in_progress").model_copy(update={"content": []})
        part = OutputText(text="", annotations=[])
        return [
            self._event("response.output_item.added", output_index=int(self._searches), item=empty),
            self._event("response.content_part.added", **self._place, part=part),
        ]

    def _text(self, text: str) -> list[StreamEvent]:
        """Return the events of a text, and of the annotations that are new with it."""
        if not text:
            return []
        events = [self._event("response.output_text.delta", **self._place, delta=text, logprobs=[])]
        annotations = self._annotations()
        for index in range(self._told, len(annotations)):
            told = {"annotation_index": index, "annotation": annotations[index]}
            events.append(self._event("response.output_text.annotation.added", **self._place, **told))
        self._told = len(annotations)
        return events

    def _closed(self) -> list[StreamEvent]:
        status = self._status(self._answer)
        message = self._message("incomplete" if status == "incomplete" else "completed")
        (part,) = message.content
        return [
            *self._text(self._said.end()),
            self._event("response.output_text.done", **self._place, text=part.text, logprobs=[]),
            self._event("response.content_part.done", **self._place, part=part),
            self._event("response.output_item.done", output_index=int(self._searches), item=message),
            self._event(f"response.{status}", response=self._object(status)),
        ]

    # The parts of a response.

    @property
    def _message_id(self) -> str:
        return f"msg_{self.id.removeprefix('resp_')}"

    def _annotations(self) -> list[UrlAnnotation | FileAnnotation]:
        said = self._said
        if self._searches:
            return [file_citation(mark, said.citations[mark.number], said.language) for mark in said.marks]
        return [
            UrlAnnotation(**dict(url_citation(mark, said.citations[mark.number], self._base, said.language)))
            for mark in said.marks
        ]

    def _message(self, status: Literal["in_progress", "completed", "incomplete"]) -> OutputMessage:
        text = OutputText(text=self._said.text, annotations=self._annotations())
        return OutputMessage(id=self._message_id, status=status, content=[text])

    def _search_call(self) -> FileSearchCall:
        results = None
        if RESULTS in self._request.get("include", ()):
            results = [
                FileSearchResult(
                    file_id=hit.document_id,
                    filename=hit.document,
                    score=hit.score,
                    text=hit.text,
                    attributes={"title": hit.title, "section": hit.section},
                )
                for hit in self._passages
            ]
        id = f"fs_{self.id.removeprefix('resp_')}"
        return FileSearchCall(id=id, status="completed", queries=[self._query], results=results)

    def _object(self, status: Status) -> ResponseObject:
        repeated = self._request
        ended = status in ("completed", "incomplete")
        response = ResponseObject(
            id=self.id,
            created_at=self.created,
            status=status,
            instructions=repeated.get("instructions"),
            max_output_tokens=repeated.get("max_output_tokens"),
            metadata=repeated.get("metadata", {}),
            model=repeated["model"],
            output=[],
            previous_response_id=repeated.get("previous_response_id"),
            store=repeated["store"],
            text=repeated.get("text", {}) | {"format": repeated.get("text", {}).get("format") or {"type": "text"}},
            tools=repeated.get("tools", []),
        )
        if not ended:
            return response
        said, answer = self._said, self._answer
        search = [self._search_call()] if self._searches and answer is not None else []
        response.output = [*search, self._message("incomplete" if status == "incomplete" else "completed")]
        if status == "incomplete":
            response.incomplete_details = IncompleteDetails(reason="max_output_tokens" if said.finish else None)
        written, sent = count_tokens(said.text), self._asked.tokens
        response.usage = ResponseUsage(input_tokens=sent, output_tokens=written, total_tokens=sent + written)
        cited = {mark.number for mark in said.marks} if not self._json else set(said.citations)
        response.citations = [one for number, one in sorted(said.citations.items()) if number in cited]
        if answer is not None:
            response.abstained, response.warnings = answer.abstained, answer.warnings
        return response
