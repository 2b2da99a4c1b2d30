"""The messages of a request as a question with its history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from qa import messages
from qa.api.openai.transcript import count_tokens
from qa.errors import BadQuestion
from qa.types import Turn
from vectorstore.text.language import Language, language_of

_CITATION_MARK = re.compile(r"\[\d+\]")
_RAG = re.compile(r"### Task:.*</context>\s*(?P<question>\S.*)", re.S)
"""What Open WebUI puts before a question when documents of its own are attached; they are not this library's."""


class Message(Protocol):
    """A message of either API."""

    @property
    def role(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def unread(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """The last user message, and what came before it."""

    question: str
    history: list[Turn] = field(default_factory=list)
    unread: bool = False
    """Whether the question came with an image, or something else that is no text."""
    tokens: int = 0
    """Of all messages."""

    @property
    def language(self) -> Language:
        return language_of(self.question)

    @property
    def notice(self) -> str:
        """What is said about parts that were not read; empty where there was none."""
        return messages.ONLY_TEXT_IS_READ(self.language) if self.unread else ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to answer but an image."""
        return self.unread and not self.question.strip()


def asked_in(given: Sequence[Message]) -> Asked:
    """Return the last user message as the question, the messages before it without their citation marks as history.

    Parts of earlier messages that are no text are left out: a chat goes on after an image.

    Raises:
        BadQuestion: no message has the role ``user``.
    """
    last = max((place for place, message in enumerate(given) if message.role == "user"), default=None)
    if last is None:
        raise BadQuestion("no message has the role user; the last one that has is the question")
    question = given[last].text
    if wrapped := _RAG.fullmatch(question):
        question = wrapped["question"]
    tokens = sum(count_tokens(message.text) for message in given)
    return Asked(question, list(_history(given[:last])), given[last].unread, tokens)


def _history(given: Iterable[Message]) -> Iterable[Turn]:
    for message in given:
        text = message.text
        if message.role == "assistant":
            text = _CITATION_MARK.sub("", text)
            for said in (messages.ONLY_TEXT_IS_READ.zh, messages.ONLY_TEXT_IS_READ.en):
                text = text.replace(said, "")
        if not text.strip():
            continue
        if message.role == "user":
            yield Turn(role="user", content=text)
        elif message.role == "assistant":
            yield Turn(role="assistant", content=text.strip())
