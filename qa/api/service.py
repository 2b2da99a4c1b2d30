"""What the routes share: the question-answering pipeline, the stores, the worker pool, and whether they are ready."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import Request

from qa.api.rate_limit import FailureLimiter, RateLimiter
from qa.api.readiness import Readiness
from qa.api.worker_pool import WorkerPool
from qa.errors import NotReady
from qa.observability.metrics import Metrics
from qa.observability.question_trace import QuestionTracer
from qa.sessions.chat import Chat
from qa.sessions.feedback import FeedbackStore
from qa.sessions.keys import Keys
from qa.sessions.suggestions import Suggestions
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.pipeline import QA
    from qa.sessions.conversations import Conversations


WRONG_KEYS_PER_MINUTE = 20
"""Of one address; then its requests are refused (429)."""


class _Ready(NamedTuple):
    chat: Chat
    feedback: FeedbackStore
    suggestions: Suggestions
    keys: Keys


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
        self.requires_key = settings.requires_key
        self.wrong_keys = FailureLimiter(WRONG_KEYS_PER_MINUTE)
        self.rate_limiter = RateLimiter(settings.key_questions_per_minute, settings.key_questions_at_once)

    def ready(self, qa: QA, conversations: Conversations) -> None:
        """Start answering questions."""
        suggestions = Suggestions(qa, busy=lambda: self.workers.pending > 0)
        database = conversations.database
        chat = Chat(qa, conversations, self.tracer)
        self.metrics.answerer = qa.answerer.name
        self.metrics.set_gauges(lambda: self.workers.pending, lambda: qa.library.directory.count())
        self._ready = _Ready(chat, FeedbackStore(conversations), suggestions, Keys(database))

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

    def check_capacity(self) -> None:
        """Raise when another question can't be taken on.

        Raises:
            NotReady, Busy
        """
        self.require_ready()
        self.workers.check_capacity()

    def stop(self) -> None:
        """Take no more questions; those that run go on until ``workers.stop`` is called."""
        self._stopping = True

    def _parts(self) -> _Ready:
        if self._ready is None:
            raise NotReady(f"{self.waiting_for}; try again in a moment")
        return self._ready

    @property
    def chat(self) -> Chat:
        """The chat. Until the service is ready, this and the next properties raise NotReady with the reason."""
        return self._parts().chat

    @property
    def feedback(self) -> FeedbackStore:
        return self._parts().feedback

    @property
    def suggestions(self) -> Suggestions:
        return self._parts().suggestions

    @property
    def keys(self) -> Keys:
        return self._parts().keys

    def close(self) -> None:
        """Stop the background threads."""
        self.readiness.close()
        if self._ready is not None:
            self._ready.suggestions.stop()
        if self._traces is not None:
            self._traces.close()


def service_of(request: Request) -> Service:
    """Return the service of the application that received ``request``."""
    service: Service = request.app.state.service
    return service
