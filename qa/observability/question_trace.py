"""Question traces: which request a question belongs to, and what is counted, timed and logged about it.

Traces hold neither the question nor the answer's text in logs, spans or metrics: only durations, outcomes and counts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from qa.errors import Cancelled, ModelError
from qa.types import Answer, Finished, Retrieved, Rewritten, Started, TokenUsage

if TYPE_CHECKING:
    from qa.llm.base import Message, Model, Piece, Schema
    from qa.types import Event

log = logging.getLogger("qa.api.question")


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Identifies a request in logs and traces."""

    request_id: str = ""
    traceparent: str | None = None
    """The W3C trace context that the client sent."""


REQUEST: ContextVar[RequestContext] = ContextVar("request", default=RequestContext())  # noqa: B039 - frozen


@dataclass(slots=True)
class Stage:
    """A stage of an answer; times in nanoseconds as of ``time.time_ns``."""

    name: str
    start: int
    end: int = 0


@dataclass(slots=True)
class QuestionTrace:
    """How one question was answered; times in nanoseconds as of ``time.time_ns``."""

    request: RequestContext
    start: int
    stages: list[Stage] = field(default_factory=list)
    end: int = 0
    answer: Answer | None = None
    error: str = ""
    """Class name of the exception. (The exception itself keeps frames alive.)"""

    @property
    def outcome(self) -> str:
        """One of "answered", "abstained", "left" (the client disconnected) and "failed"."""
        if self.answer is not None:
            return "abstained" if self.answer.abstained else "answered"
        return "left" if self.error in (GeneratorExit.__name__, Cancelled.__name__) else "failed"

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / 1e9


class Observer(Protocol):
    """Receives the trace of each question when it has ended, in the thread that answered it."""

    def question_finished(self, trace: QuestionTrace) -> None: ...


class QuestionTracer:
    """Passes a question's events through, and gives its observers the trace at the end."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self.observers = list(observers)

    def __call__(self, events: Iterator[Event]) -> Iterator[Event]:
        trace = QuestionTrace(REQUEST.get(), time.time_ns())
        try:
            for event in events:
                _record(trace, event)
                yield event
        except BaseException as error:
            trace.error = type(error).__name__
            raise
        finally:
            if isinstance(events, Generator):
                events.close()  # ends the work now, not when garbage is collected
            trace.end = time.time_ns()
            if trace.stages and not trace.stages[-1].end:
                trace.stages[-1].end = trace.end
            self._notify(trace)

    def _notify(self, trace: QuestionTrace) -> None:
        for observer in (_LOG_LINE, *self.observers):
            try:
                observer.question_finished(trace)
            except Exception:  # an observer's failure must not fail the answer
                log.exception("%s failed", type(observer).__name__)


def _record(trace: QuestionTrace, event: Event) -> None:
    """Note in ``trace`` which stage ``event`` ends and which one it begins."""
    now = time.time_ns()
    begins = {Started: "rewrite", Rewritten: "retrieve", Retrieved: "answer"}.get(type(event))
    if begins is None and not isinstance(event, Finished):
        return
    if trace.stages:
        trace.stages[-1].end = now
    if begins is not None:
        trace.stages.append(Stage(begins, now))
    elif isinstance(event, Finished):
        trace.answer = event.answer


class _LogLine:
    """Writes one log line for each question."""

    def question_finished(self, trace: QuestionTrace) -> None:
        stages = {stage.name: round((stage.end - stage.start) / 1e6) for stage in trace.stages}
        answer = trace.answer
        extra = {
            "outcome": trace.outcome,
            "ms": round(trace.seconds * 1000),
            "stages_ms": stages,
            "answerer": answer and answer.answerer,
            "reason": answer and answer.reason,
            "dropped": answer and answer.dropped,
            "warnings": answer and len(answer.warnings),
        }
        times = ", ".join(f"{name} {took}" for name, took in stages.items())
        log.info("question %s in %d ms (%s)", trace.outcome, extra["ms"], times, extra=extra)


_LOG_LINE = _LogLine()


class MeasuredModel:
    """A language model whose calls are measured.

    Args:
        done: called after each call with its seconds, its error's code or None, and what it cost, if that is known.
    """

    def __init__(self, model: Model, done: Callable[[float, str | None, TokenUsage | None], None]) -> None:
        self.name = model.name
        self._model = model
        self._done = done

    def stream(self, messages: Sequence[Message], schema: Schema | None = None) -> Iterator[Piece]:
        """See ``Model.stream``."""
        started = time.perf_counter()
        code: str | None = None
        usage: TokenUsage | None = None
        try:
            for piece in self._model.stream(messages, schema):
                if isinstance(piece, TokenUsage):
                    usage = piece
                yield piece
        except ModelError as error:
            code = error.code
            raise
        finally:
            self._done(time.perf_counter() - started, code, usage)
