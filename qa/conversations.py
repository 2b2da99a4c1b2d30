"""Conversations in the catalogue: their messages in order, each answer exactly as it was first sent."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from qa.errors import UnknownConversation
from qa.types import Answer, Turn

if TYPE_CHECKING:
    from vectorstore.database import Database

TITLE_CHARS = 60

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS conversations (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        created TEXT NOT NULL,
        updated TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS messages (
        id TEXT PRIMARY KEY,
        conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        role TEXT NOT NULL,
        content TEXT NOT NULL,
        answer TEXT,
        created TEXT NOT NULL,
        UNIQUE (conversation_id, ordinal))""",
)


class Message(BaseModel):
    """One message; an assistant's carries the answer as it was first sent."""

    id: str
    role: Literal["user", "assistant"]
    content: str = Field(description="What was typed, or the answer with its citation marks.")
    created: str = Field(description="ISO 8601, UTC.")
    answer: Answer | None = None


class Conversation(BaseModel):
    """A conversation without its messages."""

    id: str
    title: str = Field(description="Its first question; empty before there is one.")
    created: str = Field(description="ISO 8601, UTC.")
    updated: str = Field(description="ISO 8601, UTC: when its last message came.")


class Conversations:
    """Stores conversations; a question and its answer together or not at all. Thread-safe as the database is.

    Args:
        database: the catalogue's; the tables are made when they are missing.
        limit: messages kept in one conversation (an odd number is rounded down); the oldest go first, in pairs.
    """

    def __init__(self, database: Database, limit: int = 200) -> None:
        self._database = database
        self._limit = limit - limit % 2
        with database.transaction() as connection:
            for statement in SCHEMA:
                connection.execute(statement)

    def create(self) -> Conversation:
        """Return a new conversation, under a random id."""
        now = _now()
        conversation = Conversation(id=uuid.uuid4().hex, title="", created=now, updated=now)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO conversations (id, title, created, updated) VALUES (?, ?, ?, ?)",
                (conversation.id, "", now, now),
            )
        return conversation

    def get(self, conversation_id: str) -> Conversation:
        """Return a conversation.

        Raises:
            UnknownConversation: there is none under that id.
        """
        with self._database.read() as connection:
            return _require(connection, conversation_id)

    def recent(self, limit: int = 100) -> list[Conversation]:
        """Return conversations, the one that was used last first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, title, created, updated FROM conversations ORDER BY updated DESC, id LIMIT ?", (limit,)
            ).fetchall()
        return [_conversation(row) for row in rows]

    def delete(self, conversation_id: str) -> None:
        """Remove a conversation with its messages.

        Raises:
            UnknownConversation: there is none under that id.
        """
        with self._database.transaction() as connection:
            _require(connection, conversation_id)
            connection.execute("DELETE FROM messages WHERE conversation_id = ?", (conversation_id,))
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    def messages(self, conversation_id: str) -> list[Message]:
        """Return a conversation's messages, oldest first.

        Raises:
            UnknownConversation: there is none under that id.
        """
        with self._database.read() as connection:
            _require(connection, conversation_id)
            rows = connection.execute(
                "SELECT id, role, content, created, answer FROM messages WHERE conversation_id = ? ORDER BY ordinal",
                (conversation_id,),
            ).fetchall()
        return [_message(row) for row in rows]

    def history(self, conversation_id: str, turns: int) -> list[Turn]:
        """Return the last ``turns`` messages, oldest first; an answer stands there without its citation marks.

        Raises:
            UnknownConversation: there is none under that id.
        """
        with self._database.read() as connection:
            _require(connection, conversation_id)
            rows = connection.execute(
                "SELECT id, role, content, created, answer FROM messages WHERE conversation_id = ? "
                "ORDER BY ordinal DESC LIMIT ?",
                (conversation_id, turns),
            ).fetchall()
        return [_turn(_message(row)) for row in reversed(rows)]

    def append(self, conversation_id: str, answer: Answer) -> Message:
        """Store a question with its answer, and return the assistant's message.

        Raises:
            UnknownConversation: it was deleted meanwhile; nothing is stored.
        """
        now = _now()
        message = Message(id=uuid.uuid4().hex, role="assistant", content=answer.answer, created=now, answer=answer)
        with self._database.transaction() as connection:
            _require(connection, conversation_id)
            last = connection.execute(
                "SELECT COALESCE(MAX(ordinal), -1) FROM messages WHERE conversation_id = ?", (conversation_id,)
            ).fetchone()[0]
            rows = [
                (uuid.uuid4().hex, conversation_id, last + 1, "user", answer.question, None, now),
                (message.id, conversation_id, last + 2, "assistant", message.content, answer.model_dump_json(), now),
            ]
            connection.executemany(
                "INSERT INTO messages (id, conversation_id, ordinal, role, content, answer, created) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            connection.execute(
                "DELETE FROM messages WHERE conversation_id = ? AND ordinal <= ?",
                (conversation_id, last + 2 - self._limit),
            )
            connection.execute(
                "UPDATE conversations SET updated = ?, title = CASE title WHEN '' THEN ? ELSE title END WHERE id = ?",
                (now, _title(answer.question), conversation_id),
            )
        return message


def _require(connection: Any, conversation_id: str) -> Conversation:
    row = connection.execute(
        "SELECT id, title, created, updated FROM conversations WHERE id = ?", (conversation_id,)
    ).fetchone()
    if row is None:
        raise UnknownConversation(f"there is no conversation {conversation_id[:64]!r}; leave it out to start a new one")
    return _conversation(row)


def _conversation(row: Any) -> Conversation:
    return Conversation(id=row[0], title=row[1], created=row[2], updated=row[3])


def _message(row: Any) -> Message:
    answer = None if row[4] is None else Answer.model_validate_json(row[4])
    return Message(id=row[0], role=row[1], content=row[2], created=row[3], answer=answer)


def _turn(message: Message) -> Turn:
    if message.answer is None or message.answer.abstained:
        return Turn(role=message.role, content=message.content)
    return Turn(role=message.role, content="".join(sentence.text for sentence in message.answer.sentences))


def _title(question: str) -> str:
    title = " ".join(question.split())
    return title if len(title) <= TITLE_CHARS else title[: TITLE_CHARS - 1] + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
