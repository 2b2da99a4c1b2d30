"""What the routes share: the pipeline once it is ready, what keeps it from being ready until then, and the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from qa.api.desk import Desk
from qa.chat import Chat
from qa.errors import NotReady
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.conversations import Conversations
    from qa.pipeline import QA


class Service:
    """One for an application; ``ready`` may come later and from another thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.desk = Desk(settings)
        self.waiting_for = "the library is being opened"
        self._chat: Chat | None = None

    def ready(self, qa: QA, conversations: Conversations) -> None:
        """Begin to answer."""
        self._chat = Chat(qa, conversations)

    @property
    def chat(self) -> Chat:
        """The chat.

        Raises:
            NotReady: says what is being waited for.
        """
        if self._chat is None:
            raise NotReady(f"{self.waiting_for}; try again in a moment")
        return self._chat


def service_of(request: Request) -> Service:
    """Return the service of the application that a request came to."""
    service: Service = request.app.state.service
    return service
