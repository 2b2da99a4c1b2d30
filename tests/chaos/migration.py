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


def kill_one(kind: str, nursery: Nursery, folder: Path, number: int, chance: random.Random, faults: Faults) -> None:
    """Kill a process while it migrates a library of an earlier version; on Postgres, while it makes a new one."""
    if kind == "sqlite":
        place: str | Path = folder / f"earlier-{number}.sqlite3"
        with closing(sqlite3.connect(place)) as connection:
            connection.executescript(EARLIER.read_text("utf-8"))
            connection.commit()
        _kill(nursery, place, chance)
        with Database(place) as database:
            catalog = Catalog(database)
            names = [info.name for info in catalog.infos()]
            for name in ("northfield.txt", "双桥镇.txt"):
                if name not in names:
                    faults.lost.append(f"migration: {name}")
                elif not catalog.document(name).passages:
                    faults.torn.append(f"migration: {name}")
        return
    with postgres.server() as server:
        postgres.run(server, f"CREATE DATABASE migration_{number}")
        place = f"{server}migration_{number}"
        _kill(nursery, place, chance)
        with Database(place) as database:
            if Catalog(database).generation != 0:
                faults.torn.append("migration: a new database")


def _kill(nursery: Nursery, place: str | Path, chance: random.Random) -> None:
    child = nursery.start(f"migration-{chance.random()}", "migrate", str(place))
    time.sleep(chance.random() * SECONDS)
    child.send(signal.SIGKILL)
    while not child.is_over:
        time.sleep(0.01)
