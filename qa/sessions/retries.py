"""Knows a question that is sent again by its idempotency key, so that its turn is stored once.

The ids of a turn are made of the key and the request. So a key needs no place of its own, and is known as long as the
turn is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from vectorstore.errors import KeyReused
from vectorstore.storage.tables import Connection, conversations, func, messages, select

if TYPE_CHECKING:
    from vectorstore.storage.database import Database


class TurnIds(NamedTuple):
    """The ids that a turn with a key gets; another request with the same key has another ``answer``."""

    conversation: str
    """That of the conversation that it starts, where it starts one."""
    question: str
    answer: str


class EarlierTurn(NamedTuple):
    """Where a turn of these ids is stored."""

    conversation_id: str
    last: bool
    """Whether nothing follows it in its conversation."""


def turn_ids(owner: str, key: str, request: Mapping[str, Any]) -> TurnIds:
    """Return the ids of the turn that ``owner`` asks for with ``key``.

    Args:
        request: what must be the same when it is sent again, fit for JSON.
    """
    return TurnIds(
        _id("conversation", owner, key), _id("question", owner, key), _id("answer", owner, key, dict(request))
    )


def _id(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def earlier_turn(database: Database, ids: TurnIds, owner: str) -> EarlierTurn | None:
    """Return where the turn of ``ids`` is, or None where it is not stored (any more).

    Raises:
        KeyReused: the key was given with another question.
    """
    others = messages.alias()
    last = select(func.max(others.c.ordinal)).where(others.c.conversation_id == conversations.c.id)
    found = database.rows(
        select(messages.c.id, messages.c.ordinal, conversations.c.id, last.scalar_subquery())
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.id.in_([ids.question, ids.answer]), conversations.c.owner == owner)
    )
    if not found:
        return None
    if len(found) != 2:
        raise KeyReused("this idempotency key was used for another question; send another key")
    return EarlierTurn(found[0][2], max(row[1] for row in found) == found[0][3])


def require_unused(connection: Connection, ids: TurnIds) -> None:
    """Raise where a message has one of ``ids``.

    Raises:
        KeyReused: with the same key, a question was asked in another conversation meanwhile.
    """
    if connection.execute(select(messages.c.id).where(messages.c.id.in_([ids.question, ids.answer]))).first():
        raise KeyReused("this idempotency key was used for another question; send another key")
