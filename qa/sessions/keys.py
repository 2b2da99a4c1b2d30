"""Stores API keys: creates, lists, revokes and checks them. Only the SHA-256 of a key is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from qa.errors import BadRequest, UnknownKey
from qa.sessions.access import ANONYMOUS, READER, Role
from vectorstore.storage.collections import Collections, Scope, dump_scope, load_scope
from vectorstore.storage.tables import (
    Connection,
    Row,
    api_keys,
    conversations,
    delete,
    insert,
    or_,
    responses,
    select,
    update,
)

if TYPE_CHECKING:
    from vectorstore.storage.database import Database

NAME_CHARS = 64
PATTERN = re.compile(r"qa-([0-9a-f]{8})-[A-Za-z0-9_-]{43}")
"""A key: its id, by which it is found, and 256 random bits. A key of that many bits needs no slow hash."""
_INFO = select(
    api_keys.c.id, api_keys.c.name, api_keys.c.created, api_keys.c.revoked, api_keys.c.roles, api_keys.c.collections
)
_NO_KEY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key's metadata, without the key itself."""

    id: str
    name: str
    created: str
    """ISO 8601, UTC; so is ``revoked``."""
    revoked: str | None = None
    roles: tuple[Role, ...] = READER
    collections: Scope | None = None
    """Ids of the collections that it is limited to; None for all, also those to come."""


class Kept(NamedTuple):
    """What was deleted of a key, or given to it."""

    key: str
    """Its id."""
    conversations: int
    responses: int


class Keys:
    """Stores keys. Thread-safe, as the database is; another process may add and revoke keys while a server runs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.collections = Collections(database)

    def add(self, name: str, roles: Sequence[Role] = READER, collections: Scope | None = None) -> tuple[KeyInfo, str]:
        """Create a key; return its metadata and the key itself, which can't be read again.

        Args:
            roles: what it may do.
            collections: ids of those whose documents it may see; None for all.

        Raises:
            BadRequest: the name is empty, too long or not printable, or an active key has it already.
        """
        name = name.strip()
        if not name or len(name) > NAME_CHARS or not name.isprintable():
            raise BadRequest(f"a key's name has 1 to {NAME_CHARS} printable characters; {name[:80]!r} has not")
        identity = secrets.token_hex(4)
        key = f"qa-{identity}-{secrets.token_urlsafe(32)}"
        info = KeyInfo(identity, name, _now(), None, tuple(role for role in Role if role in roles), collections)
        with self._database.transaction() as connection:
            self._database.one_at_a_time("names of keys")
            active = select(api_keys.c.id).where(api_keys.c.name == name, api_keys.c.revoked.is_(None))
            if connection.execute(active).first():
                raise BadRequest(f"there is a key called {name!r}; revoke it first, or choose another name")
            row = {"id": identity, "name": name, "sha256": _digest(key), "created": info.created}
            limits = {"roles": ",".join(info.roles), "collections": dump_scope(collections)}
            connection.execute(insert(api_keys).values(**row, **limits))
        return info, key

    def list(self) -> list[KeyInfo]:
        """Return all keys, the revoked ones too, oldest first."""
        rows = self._database.rows(_INFO.order_by(api_keys.c.created, api_keys.c.id))
        return [_info(row) for row in rows]

    def revoke(self, id_or_name: str) -> KeyInfo:
        """Revoke a key at once. Its conversations stay stored until :meth:`forget`, but no key can read them.

        Raises:
            UnknownKey: no active key has that id or name.
        """
        with self._database.transaction() as connection:
            row = _active(connection, id_or_name)
            now = _now()
            connection.execute(update(api_keys).where(api_keys.c.id == row.id).values(revoked=now))
        return replace(_info(row), revoked=now)

    def adopt(self, id_or_name: str) -> Kept:
        """Give a key the conversations and responses from before keys were required, which no key can read.

        Raises:
            UnknownKey: no active key has that id or name.
            BadRequest: it is limited to some collections, and they may be of others.
        """
        with self._database.transaction() as connection:
            row = _active(connection, id_or_name)
            if _info(row).collections is not None:
                raise BadRequest(f"the key {row.id} ({row.name}) is limited to some collections; name one that is not")
            given = (
                connection.execute(update(table).where(table.c.owner == ANONYMOUS).values(owner=row.id)).rowcount
                for table in (conversations, responses)
            )
            return Kept(row.id, *given)

    def forget(self, id_or_name: str) -> Kept:
        """Delete the conversations and responses of a revoked key, which nobody can read any more.

        Raises:
            UnknownKey: no key has that id or name.
            BadRequest: it is not revoked, or several revoked ones have that name.
        """
        with self._database.transaction() as connection:
            named = or_(api_keys.c.id == id_or_name, api_keys.c.name == id_or_name)
            rows = connection.execute(_INFO.where(named)).all()
            rows = [row for row in rows if row.id == id_or_name] or rows
            if not rows:
                raise UnknownKey(f"there is no key {id_or_name!r}; `qa keys list` shows those there are")
            if active := [row.id for row in rows if row.revoked is None]:
                raise BadRequest(
                    f"the key {active[0]} ({id_or_name}) is not revoked; `qa keys revoke {active[0]}` does"
                )
            if len(rows) > 1:
                ids = ", ".join(row.id for row in rows)
                raise BadRequest(f"several revoked keys are called {id_or_name!r}; give the id of one: {ids}")
            gone = (
                connection.execute(delete(table).where(table.c.owner == rows[0].id)).rowcount
                for table in (conversations, responses)
            )
            return Kept(rows[0].id, *gone)

    def is_active(self, id: str) -> bool:
        """Return whether there is a key of that id that was not revoked."""
        return bool(self._database.rows(select(api_keys.c.id).where(api_keys.c.id == id, api_keys.c.revoked.is_(None))))

    def find(self, key: str) -> KeyInfo | None:
        """Return the metadata of an active key; None for any other string. Takes the same time for both."""
        match = PATTERN.fullmatch(key)
        query = _INFO.add_columns(api_keys.c.sha256).where(api_keys.c.id == (match[1] if match else ""))
        row = next(iter(self._database.rows(query)), None)
        same = hmac.compare_digest(_digest(key), row.sha256 if row else _NO_KEY)
        return _info(row) if row and same and row.revoked is None else None


def _active(connection: Connection, id_or_name: str) -> Row:
    """Return the row of an active key.

    Raises:
        UnknownKey: no active key has that id or name.
    """
    named = or_(api_keys.c.id == id_or_name, api_keys.c.name == id_or_name)
    query = _INFO.where(api_keys.c.revoked.is_(None), named).order_by((api_keys.c.id == id_or_name).desc())
    row = connection.execute(query).first()
    if row is None:
        raise UnknownKey(f"there is no active key {id_or_name!r}; `qa keys list` shows those there are")
    return row


def _info(row: Row) -> KeyInfo:
    roles = tuple(Role(name) for name in row.roles.split(",") if name in tuple(Role))
    return KeyInfo(row.id, row.name, row.created, row.revoked, roles, load_scope(row.collections))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
