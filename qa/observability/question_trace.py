"""Looking on while questions are answered: which request they belong to, what is counted, timed and logged of them.

Nothing of what people ask or are answered is kept here, only how it went.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from qa.errors import ModelError
from qa.types import Answer, Finished, Retrieved, Rewritten, Started

if TYPE_CHECKING:
    from qa.llm.base import Message, Model
    from qa.types import Event

log = logging.getLogger("qa.api.question")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a request is known by."""

    request_id: str = ""
    traceparent: str | None = None
    """The W3C trace context that came with it."""


REQUEST: ContextVar[Mark] = ContextVar("request", default=Mark())  # noqa: B039 - frozen


@dataclass(slots=True)
class Stage:
    """A stage of an answer, in nanoseconds of ``time.time_ns``."""

    name: str
    start: int
    end: int = 0


@dataclass(slots=True)
class Course:
    """How the answer to one question went."""

    mark: Mark
    start: int
    stages: list[Stage] = field(default_factory=list)
    end: int = 0
    answer: Answer | None = None
    error: str = ""
    """The name of what was raised: "GeneratorExit" when the client left. (The error itself would keep frames alive.)"""

    @property
    def outcome(self) -> str:
        if self.answer is not None:
            return "abstained" if self.answer.abstained else "answered"
        return "left" if self.error == GeneratorExit.__name__ else "failed"

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / 1e9


class Observer(Protocol):
    """Is told of each question when it is over, in the thread that answered it."""

    def over(self, course: Course) -> None: ...


class Watch:
    """Hands a question's events on, and tells its observers how it went."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self.observers = list(observers)

    def __call__(self, events: Iterator[Event]) -> Iterator[Event]:
        course = Course(REQUEST.get(), time.time_ns())
        try:
            for event in events:
                _note(course, event)
                yield event
        except BaseException as error:
            course.error = type(error).__name__
            raise
        finally:
            if isinstance(events, Generator):
                events.close()  # a client that left ends the work now, and not when garbage is collected
            course.end = time.time_ns()
            if course.stages and not course.stages[-1].end:
                course.stages[-1].end = course.end
            for observer in (_LINE, *self.observers):
                try:
                    observer.over(course)
                except Exception:  # an answer doesn't fail because nobody could count it
                    log.exception("%s failed", type(observer).__name__)


def _note(course: Course, event: Event) -> None:
    now = time.time_ns()
    begins = {Started: "rewrite", Rewritten: "retrieve", Retrieved: "answer"}.get(type(event))
    if begins is None and not isinstance(event, Finished):
        return
    if course.stages:
        course.stages[-1].end = now
    if begins is not None:
        course.stages.append(Stage(begins, now))
    elif isinstance(event, Finished):
        course.answer = event.answer


class _Line:
    """One log line for each question."""

    def over(self, course: Course) -> None:
        stages = {stage.name: round((stage.end - stage.start) / 1e6) for stage in course.stages}
        answer = course.answer
        extra = {
            "outcome": course.outcome,
            "ms": round(course.seconds * 1000),
            "stages_ms": stages,
            "answerer": answer and answer.answerer,
            "reason": answer and answer.reason,
            "dropped": answer and answer.dropped,
            "warnings": answer and len(answer.warnings),
        }
        times = ", ".join(f"{name} {took}" for name, took in stages.items())
        log.info("question %s in %d ms (%s)", course.outcome, extra["ms"], times, extra=extra)


_LINE = _Line()


class WatchedModel:
    """A language model whose calls are counted: ``done(seconds, error code or None)`` after each."""

    def __init__(self, model: Model, done: Callable[[float, str | None], None]) -> None:
        self.name = model.name
        self._model = model
        self._done = done

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """See ``Model.stream``."""
        started = time.perf_counter()
        code: str | None = None
        try:
            yield from self._model.stream(messages)
        except ModelError as error:
            code = error.code
            raise
        finally:
            self._done(time.perf_counter() - started, code)
