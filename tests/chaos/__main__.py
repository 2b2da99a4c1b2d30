"""kill -9 at random moments of ingestion, replacement, deletion, conversations and migration.

``python -m tests.chaos [--kills 50] [--seconds S] [--database sqlite|postgres|both] [--seed 1]`` prints a line of JSON
for each database, and exits with 1 when anything that was acknowledged is lost, torn or doubled.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from qa.pipeline import open_library
from qa.settings import Settings
from tests.chaos import migration
from tests.chaos.cluster import KINDS, START_SECONDS, Cluster, stores
from tests.chaos.ledger import Faults, Ledger, name_of, text_of
from tests.chaos.nursery import Nursery

DOCUMENTS = 8
MIGRATIONS = 10
"""One round in so many kills a migration; of the others, one in four kills again while a process starts."""
SECONDS = 2.0
"""In which a kill comes."""


class Chaos:
    """Changes a library and asks it, while its processes are killed; then compares it with what was acknowledged."""

    def __init__(self, cluster: Cluster, chance: random.Random, faults: Faults) -> None:
        self.ledger = Ledger(DOCUMENTS)
        self.retried = 0
        self._cluster = cluster
        self._chance = chance
        self._faults = faults
        self._http = httpx.Client(timeout=60, trust_env=False)
        self._conversation = ""
        self._questions = 0

    def begin(self) -> None:
        """Start the processes, and a conversation."""
        self._cluster.start()
        self._cluster.wait()
        self._conversation = self._call("POST", "/conversations", json={})["id"]

    def round(self) -> list[str]:
        """Change and ask until a process is killed, start it again, and compare; return which were killed."""
        killed: list[str] = []

        def kill() -> None:
            time.sleep(self._chance.random() * SECONDS)
            killed.append(self._cluster.kill())

        killer = threading.Thread(target=kill)
        killer.start()
        while killer.is_alive():
            self._act()
        killer.join()
        self._cluster.start()
        if self._chance.random() < 0.25:
            time.sleep(self._chance.random() * SECONDS)
            killed.append(self._cluster.kill())
            self._cluster.start()
        self._cluster.wait()
        self._settle()
        self._compare()
        return killed

    def _act(self) -> None:
        number, kind = self._chance.randrange(DOCUMENTS), self._chance.random()
        if kind < 0.2:
            self._ask()
        elif kind < 0.4 and self.ledger.may_be[number] != {0}:
            self._change(number, 0)
        else:
            self._change(number, self.ledger.new_version())

    def _change(self, number: int, version: int) -> None:
        """Replace a document, or with version 0 remove it."""
        path = f"{self._cluster.url}/documents"
        self.ledger.try_change(number, version)
        try:
            if version:
                content = text_of(number, version).encode()
                answer = self._http.post(path, files=[("files", (name_of(number), content))])
            else:
                answer = self._http.delete(f"{path}/{name_of(number)}")
        except httpx.HTTPError:
            return
        if answer.status_code == 202 or (version == 0 and answer.status_code == 404):
            self.ledger.acknowledge(number, version)

    def _ask(self) -> None:
        self._questions += 1
        question = f"第{self._questions % DOCUMENTS}号村新修水渠多少处？（第{self._questions}问）"
        self.ledger.asked.add(question)
        try:
            answer = self._http.post(
                f"{self._cluster.url}/chat", json={"question": question, "conversation_id": self._conversation}
            )
        except httpx.HTTPError:
            return
        if answer.status_code == 200:
            self.ledger.answered.append(question)
            self.ledger.acknowledged += 1

    def _settle(self) -> None:
        """Wait until no job is left. One whose worker was killed three times has failed, and is tried again."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            counts = self._call("GET", "/jobs?limit=200")
            for job in counts["jobs"]:
                if job["state"] == "failed" and self._retries(job["id"]):
                    self.retried += 1
            if not any(counts["counts"].get(state, 0) for state in ("queued", "reading", "indexing")):
                return
            assert time.monotonic() < deadline, counts
            time.sleep(0.1)

    def _retries(self, job: str) -> bool:
        """Whether a failed job could be tried again: not where a later one changes the same document."""
        return self._http.post(f"{self._cluster.url}/jobs/{job}/retry").status_code == 200

    def _compare(self) -> None:
        names = [document["name"] for document in self._call("GET", "/documents")["documents"]]
        self._faults.doubled += [name for name in set(names) if names.count(name) > 1]
        for number in range(DOCUMENTS):
            name = name_of(number)
            text = self._call("GET", f"/documents/{name}")["text"] if name in names else None
            self.ledger.check_document(number, text, self._faults)
        messages = self._call("GET", f"/conversations/{self._conversation}")["messages"]
        self.ledger.check_conversation([(one["role"], one["content"]) for one in messages], self._faults)

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._http.request(method, self._cluster.url + path, **options)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def end(self, data_dir: Path, settings: dict[str, str]) -> None:
        """Stop everything, and compare both indexes with the catalogue."""
        self._http.close()
        self._cluster.stop()
        given = {name.removeprefix("QA_").lower(): value for name, value in settings.items()}
        with open_library(Settings(data_dir=data_dir, **given)) as library:  # type: ignore[arg-type]
            library.warm_up()
            passages = [stored for info in library.documents() for stored in library.passages_of(info.id)]
            most = len(passages) + 100
            vector = library.question_vectors(["新修水渠多少处？"])[0]
            for what, hits in (("dense", library.dense(vector, most)), ("lexical", library.lexical("新修", most))):
                found = [hit.passage_id for hit in hits]
                self._faults.lost += [f"{what}: {one.document}" for one in passages if one.id not in found]
                self._faults.doubled += [f"{what}: {id}" for id in set(found) if found.count(id) > 1]


def run(kind: str, kills: int, seed: int, most_seconds: float) -> dict[str, Any]:
    """Kill so many times over one database, or as many as it takes so long for; return what came of it."""
    chance, faults, began = random.Random(seed), Faults(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name)
        nursery = Nursery(folder)
        with stores(kind, folder) as stored:
            settings = {**stored, "QA_RANKER": "linear", "QA_HISTORY_LIMIT": "10000"}
            if stored:
                settings["QA_WORK"] = "off"
            cluster = Cluster(nursery, settings, 2 if stored else 1, 1 if stored else 0, chance)
            chaos = Chaos(cluster, chance, faults)
            chaos.begin()
            killed: list[str] = []
            rounds = 0
            while len(killed) < kills and time.monotonic() - began < most_seconds:
                rounds += 1
                if rounds % MIGRATIONS == 0:
                    place = stored.get("QA_DATABASE_URL", str(folder / "earlier.sqlite3"))
                    migration.kill_one(nursery, f"{place}-{rounds}", chance, faults)
                    which = ["a migration"]
                else:
                    which = chaos.round()
                killed += which
                told = f"{len(killed)} of {kills}: {', '.join(which)}; {faults.counts}"
                print(f"{kind}: {told}", file=sys.stderr, flush=True)
            chaos.end(folder / "server-0", settings)
        nursery.close()
    seconds = round(time.monotonic() - began)
    result = {
        "database": kind,
        "kills": len(killed),
        "acknowledged": chaos.ledger.acknowledged,
        "retried": chaos.retried,
    }
    return {**result, **faults.counts, "seconds": seconds, "faults": [*faults.lost, *faults.torn, *faults.doubled]}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="on each database")
    parser.add_argument("--seconds", type=float, default=math.inf, help="on each, after which no more are killed")
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    faults = 0
    for kind in KINDS if asked.database == "both" else (asked.database,):
        result = run(kind, asked.kills, asked.seed, asked.seconds)
        faults += len(result["faults"])
        print(json.dumps(result, ensure_ascii=False), flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
