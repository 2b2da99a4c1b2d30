"""What the routes share: the pipeline once it is ready, what keeps it from being ready until then, and the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import Request

from qa.api.rate_limit import Limits
from qa.api.worker_pool import Desk
from qa.errors import NotReady
from qa.observability.metrics import Metrics
from qa.observability.question_trace import Watch
from qa.sessions.chat import Chat
from qa.sessions.feedback import FeedbackStore
from qa.sessions.keys import Keys
from qa.sessions.suggestions import Suggestions
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.pipeline import QA
    from qa.sessions.conversations import Conversations


class _Ready(NamedTuple):
    chat: Chat
    feedback: FeedbackStore
    suggestions: Suggestions
    keys: Keys


class Service:
    """One for an application; ``ready`` may come later and from another thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.desk = Desk(settings)
        self.metrics = Metrics()
        self.watch = Watch([self.metrics])
        if settings.otlp_endpoint is not None:
            from qa.observability.traces import Traces

            self._traces: Traces | None = Traces(settings.otlp_endpoint)
            self.watch.observers.append(self._traces)
        else:
            self._traces = None
        self.waiting_for = "the library is being opened"
        self._ready: _Ready | None = None
        self.requires_key = settings.requires_key
        self.limits = Limits(settings.key_questions_per_minute, settings.key_questions_at_once)

    def ready(self, qa: QA, conversations: Conversations) -> None:
        """Begin to answer."""
        suggestions = Suggestions(qa, busy=lambda: self.desk.open > 0)
        database = conversations.database
        chat = Chat(qa, conversations, self.watch)
        self.metrics.gauge(lambda: self.desk.open, lambda: len(qa.library.documents()))
        self._ready = _Ready(chat, FeedbackStore(conversations), suggestions, Keys(database))

    @property
    def is_ready(self) -> bool:
        return self._ready is not None

    def _parts(self) -> _Ready:
        if self._ready is None:
            raise NotReady(f"{self.waiting_for}; try again in a moment")
        return self._ready

    @property
    def chat(self) -> Chat:
        """The chat; like what follows, it raises NotReady, which says what is being waited for, until there is one."""
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
        """End what runs beside the requests."""
        if self._ready is not None:
            self._ready.suggestions.stop()
        if self._traces is not None:
            self._traces.close()


def service_of(request: Request) -> Service:
    """Return the service of the application that a request came to."""
    service: Service = request.app.state.service
    return service
