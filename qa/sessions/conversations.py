"""Stores conversations in the catalogue: their messages in order, each answer exactly as it was first sent.

Each conversation has an owner, the id of an API key (empty where none is required), and only its owner can read it.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import BaseModel, Field

from qa.answering.rendering import rendered
from qa.errors import UnknownConversation, UnknownMessage
from qa.types import Answer, Turn
from vectorstore.text.language import language_of

if TYPE_CHECKING:
    from vectorstore.storage.database import Database

TITLE_CHARS = 60
"""Longest title that is made from the first question."""
ANONYMOUS = ""
"""The owner where no API keys are required."""


class Message(BaseModel):
    """One message; an assistant's has the answer as it was first sent."""

    id: str
    role: Literal["user", "assistant"]
    content: str = Field(description="What was typed, or the answer with its citation marks.")
    created: str = Field(description="ISO 8601, UTC.")
    answer: Answer | None = None


class Conversation(BaseModel):
    """A conversation without its messages."""

    id: str
    title: str = Field(description="Its first question, unless it was given another; empty before there is one.")
    created: str = Field(description="ISO 8601, UTC.")
    updated: str = Field(description="ISO 8601, UTC: when its last message came.")


class CountedConversation(Conversation):
    """A conversation in a list, with the number of its messages."""

    message_count: int


class StoredTurn(NamedTuple):
    """A question and its answer, as they were stored."""

    question: Message
    answer: Message


class Conversations:
    """Stores conversations; a question and its answer in one transaction. Thread-safe, as the database is.

    Args:
        database: the catalogue's; its migrations make the tables.
        limit: messages kept in one conversation (an odd number is rounded down); the oldest go first, in pairs.
    """

    def __init__(self, database: Database, limit: int = 200) -> None:
        self.database = database
        self._limit = limit - limit % 2

    def create(self, owner: str = ANONYMOUS, title: str = "") -> Conversation:
        """Create a conversation with a random id, and return it."""
        now = _now()
        conversation = Conversation(id=uuid.uuid4().hex, title=title, created=now, updated=now)
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT INTO conversations (id, title, created, updated, owner) VALUES (?, ?, ?, ?, ?)",
                (conversation.id, title, now, now, owner),
            )
        return conversation

    def get(self, conversation_id: str, owner: str = ANONYMOUS) -> Conversation:
        """Return a conversation.

        Raises:
            UnknownConversation: the owner has none with that id.
        """
        with self.database.read() as connection:
            return _require(connection, conversation_id, owner)

    def recent(
        self, limit: int = 100, owner: str = ANONYMOUS, before: tuple[str, str] | None = None
    ) -> list[CountedConversation]:
        """Return conversations, most recently updated first.

        Args:
            before: cursor: ``updated`` and ``id`` of the last one of the previous page.
        """
        updated, identity = before or ("~", "")  # sorts after every date
        with self.database.read() as connection:
            rows = connection.execute(
                "SELECT c.id, c.title, c.created, c.updated, "
                "(SELECT count(*) FROM messages m WHERE m.conversation_id = c.id) FROM conversations c "
                "WHERE c.owner = ? AND (c.updated < ? OR (c.updated = ? AND c.id > ?)) "
                "ORDER BY c.updated DESC, c.id LIMIT ?",
                (owner, updated, updated, identity, limit),
            ).fetchall()
        return [CountedConversation(**_conversation(row).model_dump(), message_count=row[4]) for row in rows]

    def rename(self, conversation_id: str, title: str, owner: str = ANONYMOUS) -> Conversation:
        """Change a conversation's title, and return the conversation.

        Raises:
            UnknownConversation: the owner has none with that id.
        """
        with self.database.transaction() as connection:
            conversation = _require(connection, conversation_id, owner)
            connection.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation_id))
        return conversation.model_copy(update={"title": title})

    def delete(self, conversation_id: str, owner: str = ANONYMOUS) -> None:
        """Delete a conversation with its messages and their feedback.

        Raises:
            UnknownConversation: the owner has none with that id.
        """
        with self.database.transaction() as connection:
            _require(connection, conversation_id, owner)
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    def messages(self, conversation_id: str, owner: str = ANONYMOUS) -> list[Message]:
        """Return a conversation's messages, oldest first.

        Raises:
            UnknownConversation: the owner has none with that id.
        """
        with self.database.read() as connection:
            _require(connection, conversation_id, owner)
            rows = connection.execute(
                f"SELECT {_MESSAGE} FROM messages WHERE conversation_id = ? ORDER BY ordinal", (conversation_id,)
            ).fetchall()
        return [_message(row) for row in rows]

    def history(
        self, conversation_id: str, turns: int, owner: str = ANONYMOUS, replaces: str | None = None
    ) -> list[Turn]:
        """Return the last ``turns`` messages, oldest first; answers without their citation marks.

        Args:
            replaces: id of a question of the conversation; only messages before it are returned.

        Raises:
            UnknownConversation: the owner has none with that id.
            UnknownMessage: ``replaces`` is not a question of it.
        """
        with self.database.read() as connection:
            _require(connection, conversation_id, owner)
            end = _next_ordinal(connection, conversation_id, replaces)
            rows = connection.execute(
                f"SELECT {_MESSAGE} FROM messages WHERE conversation_id = ? AND ordinal < ? "
                "ORDER BY ordinal DESC LIMIT ?",
                (conversation_id, end, turns),
            ).fetchall()
        return [_turn(_message(row)) for row in reversed(rows)]

    def append(
        self, conversation_id: str, answer: Answer, owner: str = ANONYMOUS, replaces: str | None = None
    ) -> StoredTurn:
        """Store a question with its answer, and return both messages.

        Args:
            replaces: id of a question of the conversation; it and all that follows it are deleted.

        Raises:
            UnknownConversation: it has been deleted; nothing is stored.
            UnknownMessage: ``replaces`` is not, or no longer, a question of it; nothing is stored.
        """
        now = _now()
        question = Message(id=uuid.uuid4().hex, role="user", content=answer.question, created=now)
        message = Message(id=uuid.uuid4().hex, role="assistant", content=answer.answer, created=now, answer=answer)
        with self.database.transaction() as connection:
            _require(connection, conversation_id, owner)
            ordinal = _next_ordinal(connection, conversation_id, replaces)
            connection.execute(
                "DELETE FROM messages WHERE conversation_id = ? AND ordinal >= ?", (conversation_id, ordinal)
            )
            connection.executemany(
                f"INSERT INTO messages ({_MESSAGE}, conversation_id, ordinal) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(*_row(question), conversation_id, ordinal), (*_row(message), conversation_id, ordinal + 1)],
            )
            connection.execute(
                "DELETE FROM messages WHERE conversation_id = ? AND ordinal <= ?",
                (conversation_id, ordinal + 1 - self._limit),
            )
            connection.execute(
                "UPDATE conversations SET updated = ?, title = CASE title WHEN '' THEN ? ELSE title END WHERE id = ?",
                (now, _title(answer.question), conversation_id),
            )
        return StoredTurn(question, message)


_MESSAGE = "id, role, content, created, answer"


def _require(connection: Any, conversation_id: str, owner: str) -> Conversation:
    row = connection.execute(
        "SELECT id, title, created, updated FROM conversations WHERE id = ? AND owner = ?", (conversation_id, owner)
    ).fetchone()
    if row is None:
        raise UnknownConversation(f"there is no conversation {conversation_id[:64]!r}; leave it out to start a new one")
    return _conversation(row)


def _next_ordinal(connection: Any, conversation_id: str, replaces: str | None) -> int:
    """Return the ordinal of the next question: that of the question it replaces, else the first free one."""
    if replaces is None:
        last = "SELECT COALESCE(MAX(ordinal), -1) FROM messages WHERE conversation_id = ?"
        return int(connection.execute(last, (conversation_id,)).fetchone()[0]) + 1
    row = connection.execute(
        "SELECT ordinal FROM messages WHERE conversation_id = ? AND id = ? AND role = 'user'",
        (conversation_id, replaces),
    ).fetchone()
    if row is None:
        raise UnknownMessage(
            f"there is no question {replaces[:64]!r} in this conversation (any more); read the conversation again"
        )
    return int(row[0])


def _conversation(row: Any) -> Conversation:
    return Conversation(id=row[0], title=row[1], created=row[2], updated=row[3])


def _message(row: Any) -> Message:
    answer = None if row[4] is None else Answer.model_validate_json(row[4])
    return Message(id=row[0], role=row[1], content=row[2], created=row[3], answer=answer)


def _row(message: Message) -> tuple[str | None, ...]:
    """Return the values of the columns ``_MESSAGE``."""
    answer = None if message.answer is None else message.answer.model_dump_json()
    return message.id, message.role, message.content, message.created, answer


def _turn(message: Message) -> Turn:
    if message.answer is None or message.answer.abstained:
        return Turn(role=message.role, content=message.content)
    answer = message.answer
    return Turn(role=message.role, content=rendered(answer.sentences, language_of(answer.question), marks=False))


def _title(question: str) -> str:
    title = " ".join(question.split())
    return title if len(title) <= TITLE_CHARS else title[: TITLE_CHARS - 1] + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
