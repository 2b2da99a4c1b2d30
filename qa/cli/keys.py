"""``qa keys``: the API keys of a library's server. Changes apply to a running server at once."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from qa.cli import output
from qa.errors import BadRequest
from qa.sessions.access import READER, Role
from qa.sessions.keys import Keys
from qa.settings import load


@contextmanager
def _keys() -> Iterator[Keys]:
    """Yield the keys. They are in the catalogue's database, to which a server and this process may write together."""
    from vectorstore.storage.database import Database

    with Database(load().database) as database:
        yield Keys(database)


def add(name: str, json: bool, role: str = ",".join(READER), collections: str | None = None) -> None:
    """Make a key and print it, for the only time.

    Args:
        role: names of roles, with commas.
        collections: names or ids of those that it may see, with commas; None for all.

    Raises:
        BadRequest, UnknownCollection, LibraryError
    """
    roles = _roles(_parts(role))
    with _keys() as keys:
        scope = None if collections is None else keys.collections.scope(_parts(collections))
        info, key = keys.add(name, roles, scope)
    if json:
        print(json_module.dumps({**asdict(info), "key": key}, ensure_ascii=False))
        return
    print(key)
    output.say(output.err(), f"the key {info.id} ({info.name}) is shown this once; keep it somewhere safe", "dim")


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise BadRequest(f"{text!r} names nothing; leave the option out, or give names with commas")
    return parts


def _roles(names: Sequence[str]) -> list[Role]:
    """Return the roles of these names; raises BadRequest."""
    unknown = [name for name in names if name not in list(Role)]
    if unknown:
        raise BadRequest(f"there is no role {unknown[0]!r}; there are {', '.join(Role)}")
    return [Role(name) for name in names]


def list_keys(json: bool) -> None:
    """Print what is known of the keys.

    Raises:
        LibraryError
    """
    with _keys() as keys:
        found = keys.list()
        names = {one.id: one.name for one in keys.collections.all()}
    if json:
        print(json_module.dumps({"keys": [asdict(info) for info in found]}, ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    table = Table(
        "id", "name", "roles", "collections", "created", "revoked", box=None, header_style="bold", pad_edge=False
    )
    for info in found:
        limit = "all" if info.collections is None else ", ".join(names[id] for id in info.collections if id in names)
        words = (info.id, info.name, ", ".join(info.roles), limit or "none", info.created, info.revoked or "")
        table.add_row(*(output.literal(output.plain(word)) for word in words))
    output.out().print(table)


def revoke(id_or_name: str, json: bool) -> None:
    """End a key.

    Raises:
        UnknownKey, LibraryError
    """
    with _keys() as keys:
        info = keys.revoke(id_or_name)
    if json:
        print(json_module.dumps(asdict(info), ensure_ascii=False))
        return
    output.say(output.out(), f"revoked {info.id} ({info.name})")


def adopt(id_or_name: str, json: bool) -> None:
    """Give a key the conversations from before keys were required.

    Raises:
        UnknownKey, BadRequest, LibraryError
    """
    with _keys() as keys:
        given = keys.adopt(id_or_name)
    if json:
        print(json_module.dumps(given._asdict()))
        return
    what = f"{given.conversations} conversations and {given.responses} responses"
    output.say(output.out(), f"gave {what} to {given.key}")


def forget(id_or_name: str, json: bool) -> None:
    """Delete the conversations of a revoked key.

    Raises:
        UnknownKey, BadRequest, LibraryError
    """
    with _keys() as keys:
        gone = keys.forget(id_or_name)
    if json:
        print(json_module.dumps(gone._asdict()))
        return
    what = f"{gone.conversations} conversations and {gone.responses} responses"
    output.say(output.out(), f"deleted {what} of {gone.key}")
