"""An answer as a response of ``/v1/responses``; ``response_stream`` sends it as events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from qa.api.openai.annotations import FileAnnotation, UrlAnnotation, file_citation, url_citation
from qa.api.openai.conversation import Asked
from qa.api.openai.responses_schema import (
    FileSearchCall,
    FileSearchResult,
    IncompleteDetails,
    OutputMessage,
    OutputText,
    ReasoningItem,
    ResponseObject,
    ResponseUsage,
)
from qa.api.openai.structured import as_json
from qa.api.openai.transcript import Transcript, count_tokens
from qa.types import Answer, AnswerSentence, Citation, PassageHit

Status = Literal["in_progress", "completed", "incomplete", "failed"]
RESULTS = "file_search_call.results"


class ResponseBuilder:
    """Builds one response. The same answer and request give the same response again.

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
        self.searches = any(tool.get("type") == "file_search" for tool in request.get("tools", ()))
        self.query = asked.question
        self.passages: Sequence[PassageHit] = ()
        self.answer: Answer | None = None
        self.thoughts: ReasoningItem | None = None
        """What a language model thought; sent in a stream, and not kept."""

    def response(self, answer: Answer) -> ResponseObject:
        """Return the whole answer, or what there is of one that was stopped.

        Raises:
            BadRequest: it does not fit the schema that was asked for.
        """
        self.query, self.passages = answer.standalone_question, answer.passages
        for sentence in answer.sentences:
            self.say(sentence, [one for one in answer.citations if one.number in sentence.citations])
        self.finish(answer)
        self.end()
        return self.object(self.status)

    def add(self, text: str) -> str:
        """Take in a text that is no answer about the reports; return what can be sent of it."""
        return self._said.add(text)

    def plain(self, text: str) -> ResponseObject:
        """Return a response with such a text."""
        self.add(text)
        self.end()
        return self.object("completed")

    def say(self, sentence: AnswerSentence, citations: Sequence[Citation]) -> str:
        """Take in a sentence; return what can be sent of it: nothing where all comes as JSON in the end."""
        return "" if self._json else self._said.say(sentence, citations)

    def end(self) -> str:
        """Return what is left to be sent."""
        return self._said.end()

    def finish(self, answer: Answer) -> str:
        """Add what is said besides the sentences: all as JSON, an abstention, and that an image was not read."""
        self.answer = answer
        if self._json:
            if answer.stopped:
                return ""
            self._said.citations.update((one.number, one) for one in answer.citations)
            return self._said.add(as_json(answer, self._schema))
        said = self._said.add(answer.answer) if answer.abstained else ""
        return said + (self._said.add(f"\n\n{self._asked.notice}") if self._asked.notice else "")

    @property
    def status(self) -> Status:
        """What it ends as."""
        stopped = self.answer is not None and self.answer.stopped
        return "incomplete" if stopped or self._said.finish is not None else "completed"

    # The parts of a response.

    @property
    def message_id(self) -> str:
        """Id of the message in its output."""
        return f"msg_{self.id.removeprefix('resp_')}"

    def annotations(self) -> list[UrlAnnotation | FileAnnotation]:
        """Return those of what was said."""
        said = self._said
        if self.searches:
            return [file_citation(mark, said.citations[mark.number], said.language) for mark in said.marks]
        return [
            UrlAnnotation(**dict(url_citation(mark, said.citations[mark.number], self._base, said.language)))
            for mark in said.marks
        ]

    def message(self, status: Literal["in_progress", "completed", "incomplete"]) -> OutputMessage:
        """Return what was said, as the message of its output."""
        text = OutputText(text=self._said.text, annotations=self.annotations())
        return OutputMessage(id=self.message_id, status=status, content=[text])

    def search_call(self) -> FileSearchCall:
        """Return the search, as an item of its output."""
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
                for hit in self.passages
            ]
        id = f"fs_{self.id.removeprefix('resp_')}"
        return FileSearchCall(id=id, status="completed", queries=[self.query], results=results)

    def object(self, status: Status) -> ResponseObject:
        """Return the response as it stands; what it puts out only when it has ended."""
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
        said, answer = self._said, self.answer
        before: list[FileSearchCall | ReasoningItem | OutputMessage] = []
        if self.searches and answer is not None:
            before.append(self.search_call())
        if self.thoughts is not None:
            before.append(self.thoughts)
        response.output = [*before, self.message("incomplete" if status == "incomplete" else "completed")]
        if status == "incomplete":
            response.incomplete_details = IncompleteDetails(reason="max_output_tokens" if said.finish else None)
        written, sent = count_tokens(said.text), self._asked.tokens
        response.usage = ResponseUsage(input_tokens=sent, output_tokens=written, total_tokens=sent + written)
        cited = {mark.number for mark in said.marks} if not self._json else set(said.citations)
        response.citations = [one for number, one in sorted(said.citations.items()) if number in cited]
        if answer is not None:
            response.abstained, response.warnings = answer.abstained, answer.warnings
        return response
