"""kill -9 while tables are brought up to date: whoever opens them next finds all of the old ones, migrated."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.chaos.ledger import Faults
from tests.chaos.nursery import Nursery
from tests.support import postgres
from vectorstore.storage.catalog import Catalog
from vectorstore.storage.database import Database

EARLIER = Path(__file__).parents[1] / "vectorstore" / "storage" / "data" / "version_4.sql"
SECONDS = 1.0
"""In which one is killed, from its start."""


def kill_one(nursery: Nursery, place: str, chance: random.Random, faults: Faults) -> None:
    """Kill a process while it migrates a library of an earlier version; on Postgres, while it makes a new one.

    Args:
        place: of a SQLite file or a Postgres database that isn't there yet.
    """
    server, _, name = place.rpartition("/")
    if "://" in place:
        postgres.run(f"{server}/", f'CREATE DATABASE "{name}"')
        _kill(nursery, place, chance)
        with Database(place) as database:
            if Catalog(database).generation != 0:
                faults.torn.append("migration: a new database")
        return
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript(EARLIER.read_text("utf-8"))
        connection.commit()
    _kill(nursery, place, chance)
    with Database(Path(place)) as migrated:
        catalog = Catalog(migrated)
        names = [info.name for info in catalog.infos()]
        for document in ("northfield.txt", "双桥镇.txt"):
            if document not in names:
                faults.lost.append(f"migration: {document}")
            elif not catalog.document(document).passages:
                faults.torn.append(f"migration: {document}")


def _kill(nursery: Nursery, place: str, chance: random.Random) -> None:
    child = nursery.start(f"migration-{chance.random()}", "migrate", place)
    time.sleep(chance.random() * SECONDS)
    child.send(signal.SIGKILL)
    while not child.is_over:
        time.sleep(0.01)
