"""Stores conversations in the catalogue: their messages in order, each answer exactly as it was first sent.

Each conversation has an owner, the id of an API key (empty where none is required), and only its owner can read it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, Field

from qa.answering.rendering import rendered
from qa.errors import UnknownConversation, UnknownMessage
from qa.sessions.access import ANONYMOUS
from qa.sessions.retries import TurnIds, require_unused
from qa.types import Answer, Turn
from vectorstore.storage.collections import Scope, dump_scope, load_scope
from vectorstore.storage.tables import (
    Connection,
    Query,
    Row,
    citations,
    conversations,
    delete,
    func,
    insert,
    messages,
    select,
    update,
)
from vectorstore.text.language import language_of

if TYPE_CHECKING:
    from vectorstore.storage.database import Database

TITLE_CHARS = 60
"""Longest title that is made from the first question."""
AROUND = 30
"""Characters shown on either side of what a search found."""


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
    collections: list[str] | None = Field(
        None, description="Ids of the collections that it is limited to; null for all that its owner may see."
    )


class FoundIn(BaseModel):
    """The first message of a conversation that has the words that were searched for."""

    message_id: str
    text: str = Field(description="The words with some of what stands around them, on one line.")


class CountedConversation(Conversation):
    """A conversation in a list, with the number of its messages."""

    message_count: int
    found: FoundIn | None = Field(
        default=None, description="Where a search found it; null where it was its title, or nothing was searched for."
    )


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

    def create(
        self, owner: str = ANONYMOUS, title: str = "", scope: Scope | None = None, id: str | None = None
    ) -> Conversation:
        """Create a conversation, and return it.

        Args:
            scope: ids of the collections that its questions are limited to; None for no limit.
            id: None for a random one; the owner's conversation that has it already is returned, ``updated`` now.
        """
        now = _now()
        row = {"id": id or uuid.uuid4().hex, "title": title, "created": now, "updated": now}
        with self.database.transaction() as connection:
            if id is not None:
                self.database.one_at_a_time(f"conversation {id}")
                known = connection.execute(_of(id, owner).with_for_update()).one_or_none()
                if known is not None:
                    connection.execute(update(conversations).where(conversations.c.id == id).values(updated=now))
                    return _conversation(known).model_copy(update={"updated": now})
            connection.execute(insert(conversations).values(**row, owner=owner, collections=dump_scope(scope)))
        return Conversation(**row, collections=None if scope is None else list(scope))

    def scope(self, conversation_id: str, owner: str = ANONYMOUS) -> Scope | None:
        """Return the ids of the collections that a conversation is limited to; None for no limit.

        Raises:
            UnknownConversation: the owner has none with that id.
        """
        limit = self.get(conversation_id, owner).collections
        return None if limit is None else tuple(limit)

    def get(self, conversation_id: str, owner: str = ANONYMOUS) -> Conversation:
        """Return a conversation.

        Raises:
            UnknownConversation: the owner has none with that id.
        """
        with self.database.read() as connection:
            return _require(connection, conversation_id, owner)

    def recent(
        self, limit: int = 100, owner: str = ANONYMOUS, before: tuple[str, str] | None = None, search: str = ""
    ) -> list[CountedConversation]:
        """Return conversations, most recently updated first; a question that was asked alone is none of them.

        Args:
            before: cursor: ``updated`` and ``id`` of the last one of the previous page.
            search: words that the title or a message must have, as they stand, whatever the case of ASCII letters.
        """
        query = (
            select(*_CONVERSATION, _COUNT)
            .where(conversations.c.owner == owner, (conversations.c.title != "") | ~_HAS_MESSAGES)
            .order_by(conversations.c.updated.desc(), conversations.c.id)
            .limit(limit)
        )
        if before is not None:
            updated, identity = before
            same = (conversations.c.updated == updated) & (conversations.c.id > identity)
            query = query.where((conversations.c.updated < updated) | same)
        if not search:
            return [_counted(row) for row in self.database.rows(query)]
        has = messages.c.content.icontains(search, autoescape=True)
        of_it = select(messages.c.id).where(messages.c.conversation_id == conversations.c.id, has).exists()
        rows = self.database.rows(query.where(conversations.c.title.icontains(search, autoescape=True) | of_it))
        found = self._found([row[0] for row in rows], search)
        return [_counted(row).model_copy(update={"found": found.get(row[0])}) for row in rows]

    def _found(self, ids: Sequence[str], search: str) -> dict[str, FoundIn]:
        """Return, by conversation, its first message that has ``search``."""
        rows = self.database.rows(
            select(messages.c.conversation_id, messages.c.id, messages.c.content)
            .where(messages.c.conversation_id.in_(ids), messages.c.content.icontains(search, autoescape=True))
            .order_by(messages.c.ordinal.desc())
        )
        return {conversation: FoundIn(message_id=id, text=_around(search, text)) for conversation, id, text in rows}

    def rename(self, conversation_id: str, title: str, owner: str = ANONYMOUS) -> Conversation:
        """Change a conversation's title, and return the conversation.

        Raises:
            UnknownConversation: the owner has none with that id.
        """
        with self.database.transaction() as connection:
            conversation = _require(connection, conversation_id, owner, to_change=True)
            connection.execute(update(conversations).where(conversations.c.id == conversation_id).values(title=title))
        return conversation.model_copy(update={"title": title})

    def delete(self, conversation_id: str, owner: str = ANONYMOUS) -> None:
        """Delete a conversation with its messages and their feedback.

        Raises:
            UnknownConversation: the owner has none with that id.
        """
        with self.database.transaction() as connection:
            _require(connection, conversation_id, owner, to_change=True)
            connection.execute(delete(conversations).where(conversations.c.id == conversation_id))

    def delete_empty(self, created: Conversation, owner: str = ANONYMOUS) -> None:
        """Delete a conversation as ``create`` returned it, if nothing was said in it and nobody else began it since."""
        mine = (conversations.c.id == created.id) & (conversations.c.owner == owner)
        with self.database.transaction() as connection:
            as_it_was = conversations.c.updated == created.updated
            connection.execute(delete(conversations).where(mine, as_it_was, ~_HAS_MESSAGES))

    def messages(self, conversation_id: str, owner: str = ANONYMOUS) -> list[Message]:
        """Return a conversation's messages, oldest first.

        Raises:
            UnknownConversation: the owner has none with that id.
        """
        with self.database.read() as connection:
            _require(connection, conversation_id, owner)
            query = select(*_MESSAGE).where(messages.c.conversation_id == conversation_id).order_by(messages.c.ordinal)
            rows = connection.execute(query).all()
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
            query = (
                select(*_MESSAGE)
                .where(messages.c.conversation_id == conversation_id, messages.c.ordinal < end)
                .order_by(messages.c.ordinal.desc())
                .limit(turns)
            )
            rows = connection.execute(query).all()
        found = (_turn(_message(row)) for row in reversed(rows))
        return [turn for turn in found if turn.content]  # nothing had been said of a stopped answer

    def append(
        self,
        conversation_id: str,
        answer: Answer,
        owner: str = ANONYMOUS,
        replaces: str | None = None,
        alone: bool = False,
        ids: TurnIds | None = None,
    ) -> StoredTurn:
        """Store a question with its answer, and return both messages.

        The first question gives a conversation without a title its own.

        Args:
            replaces: id of a question of the conversation; it and all that follows it are deleted.
            alone: whether the question was asked without a conversation; it has no title, and is not listed, until it
                is followed up.
            ids: those of the two messages; random ones by default.

        Raises:
            UnknownConversation: it has been deleted; nothing is stored.
            UnknownMessage: ``replaces`` is not, or no longer, a question of it; nothing is stored.
            KeyReused: there is a message of one of ``ids``; nothing is stored.
        """
        now = _now()
        first, second = (uuid.uuid4().hex, uuid.uuid4().hex) if ids is None else (ids.question, ids.answer)
        question = Message(id=first, role="user", content=answer.question, created=now)
        message = Message(id=second, role="assistant", content=answer.answer, created=now, answer=answer)
        with self.database.transaction() as connection:
            if ids is not None:
                self.database.one_at_a_time(f"turn {ids.question}")
            _require(connection, conversation_id, owner, to_change=True)
            ordinal = _next_ordinal(connection, conversation_id, replaces)
            dropped = (messages.c.ordinal >= ordinal) | (messages.c.ordinal <= ordinal + 1 - self._limit)
            connection.execute(delete(messages).where(messages.c.conversation_id == conversation_id, dropped))
            if ids is not None:
                require_unused(connection, ids)
            rows = [_row(question, conversation_id, ordinal), _row(message, conversation_id, ordinal + 1)]
            connection.execute(insert(messages), rows)
            cited = {(citation.document_id, citation.sha256) for citation in answer.citations}
            noted = [{"message_id": message.id, "document_id": id, "sha256": sha} for id, sha in sorted(cited)]
            if noted:
                connection.execute(insert(citations), noted)
            changed = update(conversations).where(conversations.c.id == conversation_id)
            connection.execute(changed.values(updated=now))
            if not alone:
                first = connection.execute(_first_question(conversation_id)).scalar_one()
                connection.execute(changed.where(conversations.c.title == "").values(title=title_of(first)))
        return StoredTurn(question, message)


_CONVERSATION = (
    conversations.c.id, conversations.c.title, conversations.c.created, conversations.c.updated,
    conversations.c.collections,
)  # fmt: skip
_COUNT = (
    select(func.count())
    .select_from(messages)
    .where(messages.c.conversation_id == conversations.c.id)
    .scalar_subquery()
    .label("messages")
)
_HAS_MESSAGES = select(messages.c.id).where(messages.c.conversation_id == conversations.c.id).exists()
_MESSAGE = (messages.c.id, messages.c.role, messages.c.content, messages.c.created, messages.c.answer)


def _of(conversation_id: str, owner: str) -> Query:
    return select(*_CONVERSATION).where(conversations.c.id == conversation_id, conversations.c.owner == owner)


def _require(connection: Connection, conversation_id: str, owner: str, to_change: bool = False) -> Conversation:
    """Return a conversation; with ``to_change``, nobody else changes it before the transaction ends."""
    query = _of(conversation_id, owner)
    row = connection.execute(query.with_for_update() if to_change else query).one_or_none()
    if row is None:
        raise UnknownConversation(f"there is no conversation {conversation_id[:64]!r}; leave it out to start a new one")
    return _conversation(row)


def _next_ordinal(connection: Connection, conversation_id: str, replaces: str | None) -> int:
    """Return the ordinal of the next question: that of the question it replaces, else the first free one."""
    if replaces is None:
        last = select(func.max(messages.c.ordinal)).where(messages.c.conversation_id == conversation_id)
        ordinal: int | None = connection.execute(last).scalar_one()
        return 0 if ordinal is None else ordinal + 1
    query = select(messages.c.ordinal).where(
        messages.c.conversation_id == conversation_id, messages.c.id == replaces, messages.c.role == "user"
    )
    ordinal = connection.execute(query).scalar_one_or_none()
    if ordinal is None:
        raise UnknownMessage(
            f"there is no question {replaces[:64]!r} in this conversation (any more); read the conversation again"
        )
    return int(ordinal)


def _conversation(row: Row) -> Conversation:
    scope = load_scope(row.collections)
    limit = None if scope is None else list(scope)
    return Conversation(id=row.id, title=row.title, created=row.created, updated=row.updated, collections=limit)


def _message(row: Row) -> Message:
    answer = None if row[4] is None else Answer.model_validate_json(row[4])
    return Message(id=row[0], role=row[1], content=row[2], created=row[3], answer=answer)


def _counted(row: Row) -> CountedConversation:
    return CountedConversation(**_conversation(row).model_dump(), message_count=row.messages)


def _around(search: str, text: str) -> str:
    """Return ``search`` as it stands in ``text``, with what stands around it, on one line."""
    at = max(0, text.lower().find(search.lower()))
    start, end = max(0, at - AROUND), min(len(text), at + len(search) + AROUND)
    line = " ".join(text[start:end].split())
    return ("…" if start else "") + line + ("…" if end < len(text) else "")


def _row(message: Message, conversation_id: str, ordinal: int) -> dict[str, str | int | None]:
    answer = None if message.answer is None else message.answer.model_dump_json()
    values = message.model_dump(include={"id", "role", "content", "created"})
    return {**values, "answer": answer, "conversation_id": conversation_id, "ordinal": ordinal}


def _turn(message: Message) -> Turn:
    return Turn(role=message.role, content=message.content) if message.answer is None else turn_of(message.answer)


def turn_of(answer: Answer) -> Turn:
    """Return an answer as a message of a conversation, without its citation marks."""
    if answer.abstained:
        return Turn(role="assistant", content=answer.answer)
    return Turn(role="assistant", content=rendered(answer.sentences, language_of(answer.question), marks=False))


def _first_question(conversation_id: str) -> Query:
    query = select(messages.c.content).where(messages.c.conversation_id == conversation_id, messages.c.role == "user")
    return query.order_by(messages.c.ordinal).limit(1)


def title_of(question: str) -> str:
    """Return the title that a conversation gets from its first question."""
    title = " ".join(question.split())
    return title if len(title) <= TITLE_CHARS else title[: TITLE_CHARS - 1] + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
