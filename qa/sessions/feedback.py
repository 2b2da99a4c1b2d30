"""Stores feedback on answers in the catalogue, with a copy of the question, the answer and the history."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from qa.errors import UnknownMessage
from qa.sessions.conversations import ANONYMOUS, Conversations
from qa.types import Answer, Turn

Rating = Literal["up", "down"]
COMMENT_CHARS = 2000
HISTORY = 20
"""Messages before the question that are kept with a rating."""
# The table holds a copy of the answer, for a conversation drops its oldest messages and those that were asked again;
# what people thought of them stays until the conversation itself is deleted.
_RATED = "f.message_id, f.conversation_id, f.rating, f.comment, f.created, f.answer, f.history"


class Opinion(BaseModel):
    """A rating of an answer, with an optional comment."""

    rating: Rating
    comment: str = ""
    created: str = Field(description="ISO 8601, UTC.")


class RatedAnswer(Opinion):
    """A rating with the answer that it is about."""

    message_id: str
    conversation_id: str
    answer: Answer
    history: list[Turn] = Field(description="Messages before the question, oldest first.")


class FeedbackStore:
    """Stores ratings, one for each answer of a conversation. Thread-safe, as the database is."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._database = conversations.database

    def put(self, message_id: str, rating: Rating, comment: str = "", owner: str = ANONYMOUS) -> RatedAnswer:
        """Store a rating of an answer; it replaces an earlier one.

        Raises:
            UnknownMessage: the owner has no such answer.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT m.conversation_id, m.answer, q.id FROM messages m "
                "JOIN conversations c ON c.id = m.conversation_id "
                "JOIN messages q ON q.conversation_id = c.id AND q.ordinal = m.ordinal - 1 "
                "WHERE m.id = ? AND m.role = 'assistant' AND c.owner = ?",
                (message_id, owner),
            ).fetchone()
            if row is None:
                raise _unknown(message_id)
            conversation_id, answer, question_id = row
            rated = RatedAnswer(
                message_id=message_id,
                conversation_id=conversation_id,
                rating=rating,
                comment=comment,
                created=datetime.now(UTC).isoformat(timespec="milliseconds"),
                answer=Answer.model_validate_json(answer),
                history=self._conversations.history(conversation_id, HISTORY, owner, replaces=question_id),
            )
            turns = json.dumps([turn.model_dump() for turn in rated.history], ensure_ascii=False)
            connection.execute(
                "INSERT OR REPLACE INTO feedback "
                "(message_id, conversation_id, rating, comment, created, answer, history) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (message_id, conversation_id, rating, comment, rated.created, answer, turns),
            )
        return rated

    def delete(self, message_id: str, owner: str = ANONYMOUS) -> None:
        """Delete a rating.

        Raises:
            UnknownMessage: the owner has rated no such answer.
        """
        with self._database.transaction() as connection:
            deleted = connection.execute(
                "DELETE FROM feedback WHERE message_id = ? AND conversation_id IN "
                "(SELECT id FROM conversations WHERE owner = ?)",
                (message_id, owner),
            ).rowcount
        if not deleted:
            raise _unknown(message_id)

    def of_conversation(self, conversation_id: str) -> dict[str, Opinion]:
        """Return the ratings of a conversation's answers, by message id."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT message_id, rating, comment, created FROM feedback WHERE conversation_id = ?",
                (conversation_id,),
            ).fetchall()
        return {row[0]: Opinion(rating=row[1], comment=row[2], created=row[3]) for row in rows}

    def recent(
        self, rating: Rating | None = None, limit: int = 100, owner: str | None = ANONYMOUS
    ) -> list[RatedAnswer]:
        """Return ratings with their answers, newest first.

        Args:
            rating: only those; None for all.
            owner: None for all owners.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                f"SELECT {_RATED} FROM feedback f JOIN conversations c ON c.id = f.conversation_id "
                "WHERE (?1 IS NULL OR f.rating = ?1) AND (?2 IS NULL OR c.owner = ?2) "
                "ORDER BY f.created DESC, f.message_id LIMIT ?3",
                (rating, owner, limit),
            ).fetchall()
        return [_rated_answer(row) for row in rows]


def documents_of(answer: Answer) -> list[str]:
    """Return the names of the documents that an answer cites; for an abstention, those of its passages."""
    return list(dict.fromkeys(source.document for source in answer.citations or answer.passages))


def _rated_answer(row: Any) -> RatedAnswer:
    return RatedAnswer(
        message_id=row[0],
        conversation_id=row[1],
        rating=row[2],
        comment=row[3],
        created=row[4],
        answer=Answer.model_validate_json(row[5]),
        history=[Turn(**turn) for turn in json.loads(row[6])],
    )


def _unknown(message_id: str) -> UnknownMessage:
    return UnknownMessage(f"there is no answer {message_id[:64]!r} (any more), or nothing was said about it")
