"""Documents are added, replaced and removed over HTTP while they are asked."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from qa.api.app import create_app
from qa.pipeline import QA
from qa.sessions.conversations import Conversations
from qa.settings import Settings
from vectorstore.changes import Changes, Received, Spool
from vectorstore.errors import LibraryFull
from vectorstore.library import Library
from vectorstore.storage.tables import jobs as table
from vectorstore.storage.tables import update

Form = list[tuple[str, tuple[str, bytes]]]


class Changing(NamedTuple):
    """A library of its own behind a server of its own."""

    app: FastAPI
    client: httpx.Client
    library: Library
    data_dir: Path

    def done(self, answer: httpx.Response) -> list[dict[str, Any]]:
        """Return the jobs of an accepted request, once they are over."""
        assert answer.status_code == 202, answer.text
        return [self.over(job["id"]) for job in answer.json()["jobs"]]

    def over(self, job_id: str) -> dict[str, Any]:
        while True:
            job: dict[str, Any] = self.client.get(f"/jobs/{job_id}").json()
            if job["state"] in ("ready", "failed", "cancelled"):
                return job
            threading.Event().wait(0.02)

    def add(self, **texts: str) -> list[dict[str, Any]]:
        return self.done(self.client.post("/documents", files=form(**texts)))

    def ask(self, question: str, **more: Any) -> dict[str, Any]:
        answer = self.client.post("/chat", json={"question": question, **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def names(self) -> set[str]:
        return {document["name"] for document in self.client.get("/documents").json()["documents"]}

    def spooled(self) -> list[str]:
        return [path.name for path in (self.data_dir / "uploads").iterdir()]


def form(**texts: str) -> Form:
    return [("files", (f"{name}.txt", text.encode())) for name, text in texts.items()]


def report(town: str, villages: int) -> str:
    return f"# {town}2023年工作总结\n\n## 概况\n\n{town}共有{villages}个行政村，位于北部丘陵。\n"


def question(town: str) -> str:
    return f"{town}共有多少个行政村？"


@pytest.fixture(scope="module")
def changing(
    library: Library, settings: Settings, serving: Callable[[FastAPI], Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Changing]:
    data_dir = tmp_path_factory.mktemp("changing")
    mine = settings.model_copy(update={"data_dir": data_dir, "upload_files": 5, "read_file_mb": 1, "upload_mb": 3})
    with Library.open(data_dir, library.embedder, lazy=True) as own:
        app = create_app(mine, QA(own, mine), Conversations(own.database))
        with serving(app) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            yield Changing(app, client, own, data_dir)


def test_what_is_uploaded_is_answered_and_cited(changing: Changing) -> None:
    jobs = changing.add(**{"2024/青山": report("青山县", 42), "白河": report("白河市", 65)})
    assert [(job["document"], job["state"], job["outcome"]) for job in jobs] == [
        ("2024/青山.txt", "ready", "added"),
        ("白河.txt", "ready", "added"),
    ]
    assert jobs[0]["documents"] == [{"id": jobs[0]["document_id"], "name": "2024/青山.txt", "outcome": "added"}]
    answer = changing.ask(question("青山县"))
    assert "42" in answer["answer"]
    assert answer["citations"][0]["document"] == "2024/青山.txt"
    status = changing.client.get(f"/documents/{quote('2024/青山.txt')}/status").json()
    assert (status["state"], status["answers_now"], status["cited_by"]["answers"]) == ("ready", True, 1)
    assert status["sha256"] == answer["citations"][0]["sha256"]
    assert changing.spooled() == []


def test_an_answer_keeps_the_version_that_it_cited(changing: Changing) -> None:
    changing.add(东岭=report("东岭县", 17))
    first = changing.ask(question("东岭县"))
    cited = first["citations"][0]
    assert changing.add(东岭=report("东岭县", 19))[0]["outcome"] == "replaced"
    assert "19" in changing.ask(question("东岭县"))["answer"]
    stored = changing.client.get(f"/conversations/{first['conversation_id']}").json()["messages"][1]["answer"]
    assert stored["citations"][0] == {**cited, "superseded": "replaced"}
    path = f"/documents/{cited['document_id']}"
    text = changing.client.get(path, params={"version": cited["sha256"]}).json()["text"]
    assert "".join(text[start:end] for start, end in cited["spans"]) == cited["quote"]
    assert "17" in cited["quote"]
    assert changing.client.get(path, params={"version": "0" * 64}).json()["error"]["code"] == "unknown_document"

    lost = {"passages": 1, "conversations": 2, "answers": 2}
    dry = changing.client.delete(path, params={"dry_run": "true"})
    assert (dry.status_code, dry.json()) == (200, {"jobs": [], "lost": lost})
    removal = changing.client.delete(path)
    assert removal.json()["lost"] == lost
    assert changing.done(removal)[0]["outcome"] == "removed"
    assert "东岭.txt" not in changing.names()
    assert "19" not in changing.ask(question("东岭县"))["answer"]
    stored = changing.client.get(f"/conversations/{first['conversation_id']}").json()["messages"][1]["answer"]
    assert stored["citations"][0]["superseded"] == "removed"
    assert changing.client.get(path, params={"version": cited["sha256"]}).status_code == 404
    assert changing.client.delete(path).status_code == 404


def test_put_replaces_by_id_and_adds_by_name(changing: Changing) -> None:
    added = changing.done(changing.client.put("/documents/west.html", content=b"<p>West has 11 villages.</p>"))
    assert added[0]["outcome"] == "added"
    path = f"/documents/{added[0]['document_id']}"
    replaced = changing.done(
        changing.client.put(path, content=b"# West\n\nWest has 12 villages.", headers={"X-Filename": "west.md"})
    )
    assert (replaced[0]["outcome"], replaced[0]["document"]) == ("replaced", "west.html")
    again = changing.done(changing.client.put(path, files=[("files", ("west.md", b"# West\n\nWest has 12 villages."))]))
    assert again[0]["outcome"] == "unchanged"
    assert "12" in changing.client.get(path).json()["text"]
    assert (
        changing.client.put("/documents/0123456789abcdef", content=b"x").json()["error"]["code"] == "unknown_document"
    )


def test_the_same_change_is_made_once(changing: Changing) -> None:
    files = form(a="# A\n\nA has 1 mill.", b="# B\n\nB has 2 mills.")
    headers = {"Idempotency-Key": "monday"}
    first = changing.client.post("/documents", files=files, headers=headers).json()["jobs"]
    again = changing.client.post("/documents", files=files, headers=headers).json()["jobs"]
    assert [job["id"] for job in again] == [job["id"] for job in first]
    more = [*files, *form(c="# C\n\nC has 3 mills.")]
    for other in (files[:1], more, form(a="# A\n\nA has 3 mills.", b="# B\n\nB has 2 mills.")):
        refused = changing.client.post("/documents", files=other, headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "idempotency_key_reused")
    for job in first:
        assert changing.over(job["id"])["state"] == "ready"
    assert changing.spooled() == []
    assert "1 mill" in changing.client.get("/documents/a.txt").json()["text"]


def test_a_file_that_cannot_be_read_fails_alone_and_says_why(changing: Changing) -> None:
    broken, good = changing.done(
        changing.client.post("/documents", files=[("files", ("broken.pdf", b"%PDF-1.7 nothing")), *form(good="Good.")])
    )
    assert (broken["state"], broken["outcome"], good["state"]) == ("failed", None, "ready")
    assert "broken.pdf" in broken["reason"]
    assert str(changing.data_dir) not in broken["reason"]
    assert broken["document"] not in changing.names()
    failed = changing.client.get("/jobs", params={"state": "failed"}).json()
    assert [job["id"] for job in failed["jobs"]] == [broken["id"]]
    assert failed["counts"]["failed"] == 1
    assert broken["reason"].startswith("broken.pdf can't be read as a PDF (")
    one = changing.client.get(f"/jobs/{broken['id']}", params={"language": "zh"}).json()
    listed = changing.client.get("/jobs", params={"state": "failed", "language": "zh"}).json()["jobs"]
    assert one["reason"] == listed[0]["reason"]
    assert one["reason"].startswith("broken.pdf 无法作为 PDF 读取（")
    with changing.client.stream("GET", "/jobs/events", params={"language": "zh"}) as events:
        first = next(line for line in events.iter_lines() if line.startswith("data:"))
    told = [job["reason"] for job in json.loads(first.removeprefix("data:"))["jobs"] if job["id"] == broken["id"]]
    assert told == [one["reason"]]
    retried = changing.client.post(f"/jobs/{broken['id']}/retry")
    assert retried.status_code == 200
    assert changing.over(broken["id"])["state"] == "failed"
    cancelled = changing.client.post(f"/jobs/{good['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["error"]["code"]) == (409, "job_conflict")
    assert changing.client.post("/jobs/nobody/retry").json()["error"]["code"] == "unknown_job"


BOUNDARY = {"Content-Type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\ntext\r\n'


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"content": b"--x--\r\n", "headers": BOUNDARY}, 400, "bad_request"),
        ({"content": PART % b"a.txt", "headers": BOUNDARY}, 400, "bad_request"),
        ({"content": b"no form", "headers": BOUNDARY}, 400, "bad_request"),
        ({"content": PART % b"\xff.txt" + b"--x--\r\n", "headers": BOUNDARY}, 400, "bad_request"),
        ({"content": PART % b"../a.txt" + b"--x--\r\n", "headers": BOUNDARY}, 400, "bad_name"),
        ({"content": PART % b"/etc/a.txt" + b"--x--\r\n", "headers": BOUNDARY}, 400, "bad_name"),
        ({"content": PART % b"" + b"--x--\r\n", "headers": BOUNDARY}, 400, "bad_name"),
        ({"content": PART % b"0123456789abcdef" + b"--x--\r\n", "headers": BOUNDARY}, 400, "bad_name"),
        ({"content": b"text", "headers": {"Content-Type": "text/plain"}}, 400, "bad_request"),
        ({"files": form(a="a"), "data": {"title": "A"}}, 400, "bad_request"),
        ({"files": form(**{str(n): "a" for n in range(6)})}, 400, "bad_request"),
        ({"files": form(large="a" * (2**20 + 1))}, 413, "file_too_large"),
        ({"files": form(**{str(n): "a" * 2**20 for n in range(4)})}, 413, "body_too_large"),
        ({"files": form(a="a"), "headers": {"Idempotency-Key": "k" * 201}}, 422, "invalid_request"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_upload_changes_nothing(changing: Changing, sent: dict[str, Any], status: int, code: str) -> None:
    before = changing.client.get("/jobs").json()
    refused = changing.client.post("/documents", **sent)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert changing.client.get("/jobs").json() == before
    assert not [name for name in changing.spooled() if name.startswith("receiving-")]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_an_upload_that_is_broken_off_leaves_nothing(
    changing: Changing, wait_until: Callable[..., None], method: str
) -> None:
    path, before = "/documents/x.txt" if method == "PUT" else "/documents", set(changing.spooled())
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="files"; filename="{}.txt"\r\n\r\n{}\r\n'
    files = part.format("whole", "text") + part.format("half", "x" * 100_000)
    with socket.create_connection((changing.client.base_url.host, changing.client.base_url.port), 10) as connection:
        if method == "POST":
            connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n{files}".encode())
        else:
            connection.sendall(f"{head}\r\n{'x' * 100_000}".encode())
        wait_until(lambda: any((changing.data_dir / "uploads").glob("receiving-*/0")))
    wait_until(lambda: set(changing.spooled()) <= before)
    assert not changing.names() & {"whole.txt", "half.txt", "x.txt"}


def test_files_that_can_not_all_be_kept_leave_none(changing: Changing, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = Spool.keep

    def keeping(spool: Spool, path: Path) -> Received:
        if path.name == "2":
            raise LibraryFull("the disk is full")
        return keep(spool, path)

    monkeypatch.setattr(Spool, "keep", keeping)
    before = set(changing.spooled())
    refused = changing.client.post("/documents", files=form(一="甲", 二="乙", 三="丙"))
    assert refused.status_code == 507
    assert set(changing.spooled()) <= before


def test_events_tell_of_each_change(changing: Changing, read_events: Callable[[str], list[tuple[str, Any]]]) -> None:
    with changing.client.stream("GET", "/jobs/events") as stream:
        blocks = stream.iter_text()
        text = next(blocks)
        job = changing.client.post("/documents", files=form(watched="# Watched\n\nSeen.")).json()["jobs"][0]
        while f'"id":"{job["id"]}"' not in text or '"state":"ready"' not in text.rpartition(job["id"])[2]:
            text += next(blocks)
    events = read_events(text.replace("\r\n", "\n"))
    assert events[0][0] == "jobs"
    assert all(known["state"] in ("ready", "failed", "cancelled") for known in events[0][1]["jobs"])
    mine = [data for name, data in events[1:] if name == "job" and data["id"] == job["id"]]
    assert mine[-1]["state"] == "ready"
    assert mine[-1]["outcome"] == "added"


def test_events_tell_of_the_changes_of_a_worker_whose_clock_is_slow(changing: Changing) -> None:
    """Else the page would show a job that is over as one that goes on."""
    job = changing.add(slow="# Slow\n\nOf another machine.")[0]
    jobs = Changes(changing.library, changing.data_dir).jobs
    found = jobs.get(job["id"])
    assert found is not None
    earlier = (datetime.fromisoformat(found.updated) - timedelta(seconds=3)).isoformat(timespec="milliseconds")
    with changing.client.stream("GET", "/jobs/events") as stream:
        blocks = stream.iter_text()
        assert "event: jobs" in next(blocks)
        with changing.library.database.transaction() as connection:
            dated = update(table).where(table.c.id == job["id"])
            connection.execute(dated.values(updated=earlier, state="failed", reason="别的机器说的"))
        assert any("别的机器说的" in next(blocks) for _ in range(3))  # a ping may come before


def test_a_question_sees_the_old_or_the_new_version(changing: Changing) -> None:
    """Never neither, and never both."""
    changing.add(南沙=report("南沙镇", 30))
    seen: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            answer = changing.ask(question("南沙镇"))
            seen.append("".join(sorted({number for number in ("30", "31") if f"{number}个" in answer["answer"]})))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for round in range(6):
        changing.add(南沙=report("南沙镇", 31 - round % 2))
    ended.set()
    for thread in threads:
        thread.join()
    assert set(seen) == {"30", "31"}


def test_jobs_wait_for_a_server_that_was_killed(
    library: Library, settings: Settings, serving: Callable[[FastAPI], Any], tmp_path: Path
) -> None:
    """Bytes that were acknowledged are taken in by the next server, and a job that was at hand is taken up again."""
    mine = settings.model_copy(update={"data_dir": tmp_path})
    with Library.open(tmp_path, library.embedder, lazy=True) as own:
        app = create_app(mine, QA(own, mine), Conversations(own.database))
        with serving(app) as url:
            app.state.service.changes.worker.stop()
            job = httpx.post(f"{url}/documents", files=form(a="# A\n\nA has 7 mills."), trust_env=False).json()["jobs"][
                0
            ]
            assert (job["state"], job["position"]) == ("queued", 0)
        assert app.state.service.changes.jobs.claim("a worker that dies") is not None
    with Library.open(tmp_path, library.embedder, lazy=True) as own:
        app = create_app(mine, QA(own, mine), Conversations(own.database))
        with serving(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
            found = Changing(app, client, own, tmp_path).over(job["id"])
    assert (found["state"], found["attempts"]) == ("ready", 2)
    assert json.dumps(found["documents"]).count("a.txt") == 1
