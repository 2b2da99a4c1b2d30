"""The nth write, sync, rename or removal fails, whichever it is: nothing acknowledged is lost, torn or doubled.

A server takes in a document, replaces one, removes one and answers a question, while one operation on its files fails
with EIO, or all from one on with ENOSPC. Then the disk works again, and so must the server; if it has ended itself,
its next process. What it holds then is compared with what was acknowledged: in the server, and in a copy of its files
that is opened as after a kill.
"""

from __future__ import annotations

import errno
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa.sessions.conversations import Conversations
from tests.reliability.conftest import CHINESE, LONG, REPORTS
from tests.reliability.measuring import Measure
from tests.support.failing_disk import HANGS, FailingDisk
from tests.support.served import Served, launch, wait
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library

SECONDS = 60.0
"""Far more than anything takes: other processes may have the cores."""
ENDING_SECONDS = 20.0
"""For a process whose connection broke to be gone."""
ROUNDS = 2
"""Of the short form, spread over all operations."""
OVER = ("ready", "failed", "cancelled")
REFUSED = {503, 507}


def text_of(name: str, version: int) -> str:
    """Return a document of which each sentence tells the version, and that no other name has."""
    parts = ("水渠", "公路", "校舍")
    return f"# {name}\n\n" + "\n\n".join(f"第{version}版：新修{part}{version}处，群众满意。" for part in parts)


class Changed:
    """Documents as they may be: for each name the versions, None for its absence."""

    def __init__(self) -> None:
        self.may_be: dict[str, set[int | None]] = {}

    def tried(self, name: str, version: int | None) -> None:
        self.may_be.setdefault(name, {None}).add(version)

    def done(self, name: str, version: int | None) -> None:
        self.may_be[name] = {version}

    def holds(self, name: str) -> bool:
        """Return whether a document is there for certain."""
        return None not in self.may_be.get(name, {None})

    def compare(self, found: dict[str, str]) -> None:
        """Compare with texts by name; then what is there is what must stay there."""
        assert found.keys() <= self.may_be.keys()
        for name, versions in self.may_be.items():
            text = found.get(name)
            held = [one for one in versions if text == (None if one is None else text_of(name, one))]
            assert len(held) == 1, f"{name} is {text!r}, and not one of the versions {versions}"
            self.may_be[name] = {held[0]}


class Victim:
    """A server on a disk that fails, started again when it has ended itself."""

    def __init__(self, data: Path, disk: FailingDisk, **settings: str) -> None:
        self.data = data
        self.restarts = 0
        self._environment = {"QA_RANKER": "linear", **settings, **disk.environment}
        self._http = httpx.Client(timeout=SECONDS, trust_env=False)
        self._served: Served | None = None

    @property
    def served(self) -> Served:
        assert self._served is not None
        return self._served

    def start(self, *arguments: str) -> None:
        self._served = launch(self.data, *arguments, **self._environment)
        wait(self._served)

    def stop(self) -> None:
        """Stop it properly."""
        self.served.process.terminate()
        assert self.served.process.wait(SECONDS) == 0, self.log()

    def end(self) -> None:
        """Leave no process behind."""
        self._http.close()
        if self._served is not None and self._served.process.poll() is None:
            self._served.process.kill()
            self._served.process.wait()

    def call(self, method: str, path: str, **sent: Any) -> httpx.Response | None:
        """Return the response; None where the server has ended itself instead."""
        try:
            return self._http.request(method, self.served.url + path, **sent)
        except httpx.TransportError as error:
            if not self._has_ended():
                pytest.fail(f"{method} {path}: {error!r}\n{self.log()}")
            return None

    def _has_ended(self) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self.served.process.wait(ENDING_SECONDS)
        return self.served.process.poll() is not None

    def log(self) -> str:
        return self.served.log.read_text("utf-8")[-20_000:]

    def recover(self) -> None:
        """Return once questions can be answered, by this process or, if it has ended itself, by the next one."""
        deadline = time.monotonic() + SECONDS
        while True:
            ready = self.call("GET", "/readyz")
            if ready is None:
                self.restarts += 1
                self.start()
            elif ready.status_code == 200:
                return
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)


class Rounds:
    """Changes, each time with a failure, and what they may have come to."""

    def __init__(self, victim: Victim, disk: FailingDisk) -> None:
        self.refused = 0
        self.kinds: Counter[str] = Counter()
        """Which operations failed first."""
        self._victim, self._disk = victim, disk
        self._embedder = load_embedder("bundled", victim.data.with_name("models"))
        self._documents = Changed()
        self._answered: list[str] = []
        self._asked: list[str] = []
        self._version = 0
        conversation = victim.call("POST", "/conversations", json={})
        assert conversation is not None
        self._conversation = conversation.json()["id"]

    def one(self, first: int, error: int = 0, times: int | None = 1) -> int:
        """Change and ask while the disk fails from its ``first`` operation on; return how many operations there were.

        Args:
            first: from 1; 0 for none.
            times: how many operations fail, None for all until the end of the round.
        """
        self._version += 1
        new, older = f"new-{self._version}.txt", f"new-{self._version - 1}.txt"
        self._disk.fail(first, error, times)
        jobs = [
            (new, self._version, self._change("POST", new)),
            ("kept.txt", self._version, self._change("POST", "kept.txt")),
            (older, None, self._change("DELETE", older) if self._documents.holds(older) else None),
        ]
        self._ask()
        operations = self._disk.operations
        failed, what = self._disk.work()
        self._victim.recover()
        for name, version, job in jobs:
            if job is not None:
                self.changed(name, version, job)
        self._answers_again()
        self.compare()
        if failed:
            self.kinds[what.split()[0]] += 1
        return operations

    def _change(self, method: str, name: str) -> str | None:
        """Send a change, and wait until it is over or the disk has failed; return its job, None if it was refused."""
        self._documents.tried(name, self._version if method == "POST" else None)
        files = [("files", (name, text_of(name, self._version).encode()))]
        if method == "POST":
            answer = self._victim.call(method, "/documents", files=files)
        else:
            answer = self._victim.call(method, f"/documents/{name}")
        if answer is None or not self._accepted(answer, 202):
            return None
        job: str = answer.json()["jobs"][0]["id"]
        while not self._disk.failed:
            found = self._victim.call("GET", f"/jobs/{job}")
            if found is None or found.status_code != 200 or found.json()["state"] in OVER:
                break
            time.sleep(0.1)
        return job

    def _ask(self) -> None:
        question = f"{CHINESE} ({self._version})"
        self._asked.append(question)
        body = {"question": question, "conversation_id": self._conversation}
        answer = self._victim.call("POST", "/chat", json=body)
        if answer is not None and self._accepted(answer, 200):
            self._answered.append(question)

    def _accepted(self, answer: httpx.Response, status: int) -> bool:
        """Return whether a request was accepted; it may only have been refused with the documented errors."""
        if answer.status_code == status:
            return True
        assert answer.status_code in REFUSED, (answer.text, self._victim.log())
        assert answer.json()["error"]["message"]
        self.refused += 1
        return False

    def changed(self, name: str, version: int | None, job: str) -> None:
        """Wait until a job is over, and note what it did: a document's version, None for its removal."""
        self._documents.tried(name, version)
        if self._comes_about(job):
            self._documents.done(name, version)

    def _comes_about(self, job: str) -> bool:
        """Wait until an accepted change is over; return whether it was made. One that failed says why."""
        deadline = time.monotonic() + SECONDS
        while True:
            found = self._victim.call("GET", f"/jobs/{job}")
            if found is None:
                self._victim.recover()
                continue
            assert found.status_code == 200, found.text
            if (state := found.json()["state"]) in OVER:
                assert state == "ready" or found.json()["reason"], found.text
                return bool(state == "ready")
            assert time.monotonic() < deadline, (found.text, self._victim.log())
            time.sleep(0.05)

    def _answers_again(self) -> None:
        answer = self._victim.call("POST", "/chat", json={"question": CHINESE})
        assert answer is not None, self._victim.log()
        assert answer.status_code == 200, (answer.text, self._victim.log())
        assert "12.6" in answer.json()["answer"]

    def compare(self) -> None:
        """Open a copy of the server's files, and compare what it holds with what was acknowledged."""
        copy = self._victim.data.with_name("copy")
        shutil.copytree(self._victim.data, copy)
        with Library.open(copy, self._embedder) as library:
            infos = library.documents()
            texts = {info.name: library.document(info.name).text for info in infos}
            assert texts.items() >= REPORTS.items()
            self._documents.compare({name: text for name, text in texts.items() if name not in REPORTS})
            passages = {one.id for info in infos for one in library.passages_of(info.id)}
            assert sum(info.passages for info in infos) == len(passages)
            vector = library.question_vectors([CHINESE])[0]
            assert {hit.passage_id for hit in library.dense(vector, len(passages) + 10)} == passages
            messages = Conversations(library.database).messages(self._conversation)
        shutil.rmtree(copy)
        questions = [message.content for message in messages if message.role == "user"]
        assert [message.role for message in messages] == ["user", "assistant"] * len(questions)
        assert len(questions) == len(set(questions))
        assert set(self._answered) <= set(questions) <= set(self._asked)


@contextmanager
def serving_on(disk: FailingDisk, data: Path, **settings: str) -> Iterator[tuple[Victim, Rounds]]:
    """Give a server on a disk that works as yet."""
    victim = Victim(data, disk, **settings)
    try:
        victim.start()
        yield victim, Rounds(victim, disk)
    finally:
        victim.end()


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_the_nth_operation_fails(data: Path, measure: Measure, error: str) -> None:
    number, times = getattr(errno, error), 1 if error == "EIO" else None
    with serving_on(FailingDisk(data.parent, data), data) as (victim, rounds):
        rounds.one(0)  # adds what the next one removes
        step = 1 if LONG else rounds.one(0) // ROUNDS
        first = 1
        while rounds.one(first, number, times) >= first:
            first += step
        victim.stop()
        rounds.compare()
    kinds = ", ".join(f"{count} {kind}" for kind, count in rounds.kinds.most_common())
    measure(
        f"{error}: acknowledged and then lost, torn or doubled",
        "0",
        f"0 after {rounds.kinds.total()} failures ({kinds}), {rounds.refused} refusals, {victim.restarts} restarts",
        rounds.kinds.total() > 0,
    )


def test_a_disk_that_never_answers_an_index_ends_the_server(data: Path) -> None:
    """Chroma keeps Python's lock while it waits: nothing runs in the process, and none of its threads could end it."""
    disk = FailingDisk(
        data.parent, next(one for one in (data / "dense").iterdir() if one.is_dir())
    )  # Chroma's own files
    with serving_on(disk, data, QA_WATCHDOG="10") as (victim, rounds):
        rounds.one(0)
        disk.fail(1, HANGS)
        files = [("files", ("late.txt", text_of("late.txt", 1).encode()))]
        accepted = victim.call("POST", "/documents", files=files)
        assert accepted is not None
        assert accepted.status_code == 202
        assert victim.served.process.wait(2 * SECONDS) == 1
        assert "Timeout" in victim.log()
        disk.work()
        victim.recover()
        assert victim.restarts == 1
        rounds.changed("late.txt", 1, accepted.json()["jobs"][0]["id"])
        rounds.one(0)
