"""Stores feedback on answers in the catalogue, with a copy of the question, the answer and the history."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, Field

from qa.errors import UnknownMessage
from qa.sessions.access import ANONYMOUS
from qa.sessions.conversations import Conversations
from qa.types import Answer, Turn
from vectorstore.storage.tables import Row, conversations, delete, feedback, messages, select, upsert

Rating = Literal["up", "down"]
COMMENT_CHARS = 2000
HISTORY = 20
"""Messages before the question that are kept with a rating."""
# The table holds a copy of the answer, for a conversation drops its oldest messages and those that were asked again;
# what people thought of them stays until the conversation itself is deleted.
_RATED = ("message_id", "conversation_id", "rating", "comment", "created", "answer", "history")
_QUESTION = messages.alias()
_ANSWER = select(messages.c.conversation_id, messages.c.answer, _QUESTION.c.id).select_from(
    messages.join(conversations, conversations.c.id == messages.c.conversation_id).join(
        _QUESTION,
        (_QUESTION.c.conversation_id == conversations.c.id) & (_QUESTION.c.ordinal == messages.c.ordinal - 1),
    )
)


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
            query = _ANSWER.where(
                messages.c.id == message_id, messages.c.role == "assistant", conversations.c.owner == owner
            )
            row = connection.execute(query.with_for_update(of=conversations)).one_or_none()
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
            values = rated.model_dump(include={"message_id", "conversation_id", "rating", "comment", "created"})
            upsert(connection, feedback, [{**values, "answer": answer, "history": turns}])
        return rated

    def delete(self, message_id: str, owner: str = ANONYMOUS) -> None:
        """Delete a rating.

        Raises:
            UnknownMessage: the owner has rated no such answer.
        """
        with self._database.transaction() as connection:
            owned = select(conversations.c.id).where(conversations.c.owner == owner)
            deleted = connection.execute(
                delete(feedback).where(feedback.c.message_id == message_id, feedback.c.conversation_id.in_(owned))
            ).rowcount
        if not deleted:
            raise _unknown(message_id)

    def of_conversation(self, conversation_id: str) -> dict[str, Opinion]:
        """Return the ratings of a conversation's answers, by message id."""
        query = select(feedback.c.message_id, feedback.c.rating, feedback.c.comment, feedback.c.created)
        rows = self._database.rows(query.where(feedback.c.conversation_id == conversation_id))
        return {row.message_id: Opinion(rating=row.rating, comment=row.comment, created=row.created) for row in rows}

    def recent(
        self, rating: Rating | None = None, limit: int = 100, owner: str | None = ANONYMOUS
    ) -> list[RatedAnswer]:
        """Return ratings with their answers, newest first.

        Args:
            rating: only those; None for all.
            owner: None for all owners.
        """
        query = (
            select(*(feedback.c[name] for name in _RATED))
            .join(conversations, conversations.c.id == feedback.c.conversation_id)
            .order_by(feedback.c.created.desc(), feedback.c.message_id)
            .limit(limit)
        )
        if rating is not None:
            query = query.where(feedback.c.rating == rating)
        if owner is not None:
            query = query.where(conversations.c.owner == owner)
        rows = self._database.rows(query)
        return [_rated_answer(row) for row in rows]


def documents_of(answer: Answer) -> list[str]:
    """Return the names of the documents that an answer cites; for an abstention, those of its passages."""
    return list(dict.fromkeys(source.document for source in answer.citations or answer.passages))


def _rated_answer(row: Row) -> RatedAnswer:
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
