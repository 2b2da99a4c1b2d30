"""What the routes share: the question-answering pipeline, the stores, the worker pool, and whether they are ready."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple, cast

from starlette.requests import Request

from qa.api.rate_limit import FailureLimiter, RateLimiter
from qa.api.readiness import Readiness
from qa.api.worker_pool import Place, WorkerPool
from qa.errors import NotReady
from qa.observability.metrics import Metrics
from qa.observability.question_trace import QuestionTracer
from qa.sessions.chat import Chat
from qa.sessions.feedback import FeedbackStore
from qa.sessions.keys import Keys
from qa.sessions.responses import Responses
from qa.sessions.suggestions import Suggestions
from qa.settings import Settings
from vectorstore.changes import Changes, OpenLibrary, Watching

if TYPE_CHECKING:
    from qa.pipeline import QA
    from qa.sessions.conversations import Conversations
    from vectorstore.corpus import Scope
    from vectorstore.library import Library


SCOPES = 64
"""Scopes whose suggested questions are kept."""
WRONG_KEYS_PER_MINUTE = 20
"""Of one address; then its requests are refused (429)."""


class _Ready(NamedTuple):
    chat: Chat
    feedback: FeedbackStore
    suggestions: OrderedDict[Scope | None, Suggestions]
    keys: Keys
    changes: Changes
    watching: Watching
    responses: Responses


class Service:
    """State of one application. ``ready`` may be called later than the first request, and from another thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.workers = WorkerPool(settings)
        self.readiness = Readiness()
        self.metrics = Metrics()
        self.tracer = QuestionTracer([self.metrics])
        if settings.otlp_endpoint is not None:
            from qa.observability.traces import Traces

            self._traces: Traces | None = Traces(settings.otlp_endpoint)
            self.tracer.observers.append(self._traces)
        else:
            self._traces = None
        self.waiting_for = "the library is being opened"
        self._ready: _Ready | None = None
        self._stopping = False
        self._scopes = threading.Lock()
        self._starting = threading.Lock()
        self._serving = self._started = False
        self.requires_key = settings.requires_key
        self.wrong_keys = FailureLimiter(WRONG_KEYS_PER_MINUTE)
        self.rate_limiter = RateLimiter(settings.key_questions_per_minute, settings.key_questions_at_once)

    def ready(self, qa: QA, conversations: Conversations) -> None:
        """Start answering questions."""
        database = conversations.database
        chat = Chat(qa, conversations, self.tracer)
        self.metrics.answerer = qa.answerer.name
        self.metrics.set_gauges(lambda: self.workers.pending, lambda: qa.library.directory.count())
        library = cast("Library", qa.library)
        changes = Changes(library, self.settings.data_dir, self.settings.read_options(), self.settings.job_lease)
        watching = Watching(
            self.settings.watched, OpenLibrary(changes), self.settings.ignored, self.settings.reads_pictures
        )
        self._ready = _Ready(
            chat,
            FeedbackStore(conversations),
            OrderedDict(),
            Keys(database),
            changes,
            watching,
            Responses(database),
        )
        self._start_changes()

    @property
    def is_ready(self) -> bool:
        return self._ready is not None and not self._stopping

    def require_ready(self) -> None:
        """Raise when questions can't be asked.

        Raises:
            NotReady: with the reason.
        """
        self._parts()
        if self._stopping:
            raise NotReady("the service is stopping")

    def admit(self) -> Place:
        """Return a place for another question.

        Raises:
            NotReady, Busy: it can't be taken on.
        """
        self.require_ready()
        return self.workers.admit()

    def stop(self) -> None:
        """Take no more questions; those that run go on until ``workers.stop`` is called."""
        self._stopping = True

    def _parts(self) -> _Ready:
        if self._ready is None:
            raise NotReady(f"{self.waiting_for}; try again in a moment")
        return self._ready

    @property
    def chat(self) -> Chat:
        """The chat over the whole library: not for what a caller sees.

        Until the service is ready, this and the next properties raise NotReady with the reason.
        """
        return self._parts().chat

    @property
    def changes(self) -> Changes:
        return self._parts().changes

    @property
    def is_stopping(self) -> bool:
        """Whether streams that would never end have to."""
        return self._stopping

    @property
    def feedback(self) -> FeedbackStore:
        return self._parts().feedback

    @property
    def library(self) -> Library:
        """The whole library, to change it: not for what a caller sees."""
        return cast("Library", self.chat.qa.library)

    def chat_within(self, scope: Scope | None) -> Chat:
        """Return the chat over what is in some collections, given by ids; None for the whole library."""
        return self.chat.within(scope)

    def suggestions_within(self, scope: Scope | None) -> Suggestions:
        """Return the questions to suggest about what is in some collections; each scope has its own."""
        held = self._parts().suggestions
        with self._scopes:
            found = held.pop(scope, None) or Suggestions(self.chat.qa.within(scope), lambda: self.workers.pending > 0)
            held[scope] = found
            dropped = held.popitem(last=False)[1] if len(held) > SCOPES else None
            if self._stopping:  # else one made after ``close`` would ask a library that is closed
                found.stop(wait=False)
        if dropped is not None:
            dropped.stop(wait=False)
        return found

    @property
    def keys(self) -> Keys:
        return self._parts().keys

    def serve(self) -> None:
        """Let the threads that change the library start, as soon as it is ready: requests can come now."""
        self._serving = True
        self._start_changes()

    def _start_changes(self) -> None:
        with self._starting:
            if self._serving and self._ready is not None and not self._stopping and not self._started:
                self._started = True
                if self.settings.work:
                    self._ready.changes.worker.start()
                self._ready.watching.start()

    def stop_changes(self) -> None:
        """Stop the threads that change the library; again does nothing."""
        self._stopping = True
        if self._ready is not None:
            self._ready.watching.stop()
            self._ready.changes.worker.stop()

    @property
    def responses(self) -> Responses:
        return self._parts().responses

    def close(self) -> None:
        """Stop the background threads."""
        self.stop_changes()
        self.readiness.close()
        if self._ready is not None:
            with self._scopes:
                searching = list(self._ready.suggestions.values())
            for suggestions in searching:
                suggestions.stop()
        if self._traces is not None:
            self._traces.close()


def service_of(request: Request) -> Service:
    """Return the service of the application that received ``request``."""
    service: Service = request.app.state.service
    return service
