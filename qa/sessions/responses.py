"""Stores the responses of ``/v1/responses``, so that the next one can go on from any of them.

Each has an owner, the id of an API key (empty where none is required), and only its owner can read it. They are kept
for 30 days, as OpenAI keeps them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.errors import UnknownResponse
from qa.sessions.access import ANONYMOUS
from qa.sessions.conversations import turn_of
from qa.types import Answer, Turn
from vectorstore.storage.tables import Condition, delete, responses, select, upsert

if TYPE_CHECKING:
    from vectorstore.storage.database import Database

KEPT_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response: what was asked and answered, and what is needed to show it again as it was sent."""

    id: str
    previous_id: str | None
    created: int
    """Unix time in seconds."""
    request: Mapping[str, Any]
    """What a response repeats of its request."""
    turns: Sequence[Turn]
    """The input's own messages before the question."""
    answer: Answer


class Responses:
    """Stores responses. Thread-safe, as the database is.

    Args:
        database: the catalogue's; its migrations make the table.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, response: StoredResponse, owner: str = ANONYMOUS) -> None:
        """Store a response, and delete those that are too old."""
        row = {
            "id": response.id,
            "owner": owner,
            "previous_id": response.previous_id,
            "created": response.created,
            "request": json.dumps(response.request, ensure_ascii=False),
            "turns": json.dumps([turn.model_dump() for turn in response.turns], ensure_ascii=False),
            "answer": response.answer.model_dump_json(),
        }
        with self.database.transaction() as connection:
            connection.execute(delete(responses).where(_too_old()))
            upsert(connection, responses, [row])

    def get(self, response_id: str, owner: str = ANONYMOUS) -> StoredResponse:
        """Return a response.

        Raises:
            UnknownResponse: the owner has none with that id.
        """
        mine = (responses.c.id == response_id) & (responses.c.owner == owner) & ~_too_old()
        found = self.database.rows(select(responses).where(mine))
        if not found:
            raise UnknownResponse(
                f"there is no response {response_id[:64]!r}: it was deleted, not stored (store), or is older than "
                "30 days; send the messages in input instead"
            )
        row = found[0]
        return StoredResponse(
            id=row.id,
            previous_id=row.previous_id,
            created=row.created,
            request=json.loads(row.request),
            turns=[Turn(**turn) for turn in json.loads(row.turns)],
            answer=Answer.model_validate_json(row.answer),
        )

    def delete(self, response_id: str, owner: str = ANONYMOUS) -> None:
        """Delete a response; those that follow it stay.

        Raises:
            UnknownResponse: the owner has none with that id.
        """
        self.get(response_id, owner)
        with self.database.transaction() as connection:
            connection.execute(delete(responses).where(responses.c.id == response_id, responses.c.owner == owner))

    def history(self, response_id: str, turns: int, owner: str = ANONYMOUS) -> list[Turn]:
        """Return the last ``turns`` messages up to and with a response, oldest first.

        Raises:
            UnknownResponse: the owner has none with that id.
        """
        found: list[Turn] = []
        next_id: str | None = response_id
        while next_id is not None and len(found) < turns:
            try:
                response = self.get(next_id, owner)
            except UnknownResponse:
                if next_id == response_id:
                    raise
                break
            asked, said = Turn(role="user", content=response.answer.question), turn_of(response.answer)
            own = [asked, *([said] if said.content else [])] if asked.content.strip() else []  # an image has no words
            found = [*response.turns, *own, *found]
            next_id = response.previous_id
        return found[max(0, len(found) - turns) :]


def _too_old() -> Condition:
    return responses.c.created < int(time.time()) - KEPT_SECONDS
