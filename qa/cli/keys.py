"""``qa keys``: the API keys of a library's server. Changes apply to a running server at once."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from qa.cli import output
from qa.sessions.keys import Keys
from qa.settings import load


@contextmanager
def _keys() -> Iterator[Keys]:
    """Yield the keys. They are in the catalogue's database, to which a server and this process may write together."""
    from vectorstore.storage.database import Database

    with Database(load().database) as database:
        yield Keys(database)


def add(name: str, json: bool) -> None:
    """Make a key and print it, for the only time.

    Raises:
        BadRequest, LibraryError
    """
    with _keys() as keys:
        info, key = keys.add(name)
    if json:
        print(json_module.dumps({**asdict(info), "key": key}, ensure_ascii=False))
        return
    print(key)
    output.say(output.err(), f"the key {info.id} ({info.name}) is shown this once; keep it somewhere safe", "dim")


def list_keys(json: bool) -> None:
    """Print what is known of the keys.

    Raises:
        LibraryError
    """
    with _keys() as keys:
        found = keys.list()
    if json:
        print(json_module.dumps({"keys": [asdict(info) for info in found]}, ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    table = Table("id", "name", "created", "revoked", box=None, header_style="bold", pad_edge=False)
    for info in found:
        table.add_row(*(output.literal(word) for word in (info.id, info.name, info.created, info.revoked or "")))
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
