"""``python -m eval.bench.live``: documents that change while they are asked, through a server of its own.

Measured are: a document from its upload to its first answer; questions while many documents are indexed, beside idle;
and how many questions about a document that is replaced again and again see one of its versions, whole and alone.
"""

from __future__ import annotations

import json
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import typer

from ..datasets.questions import load
from .processes import environment, processor_seconds, qa, wait_until_ready

_EVAL = Path(__file__).resolve().parent.parent
_CHARS = 5000
_WORDS = (
    "新建", "改造", "道路", "学校", "水渠", "大棚", "茶园", "村庄", "桥梁", "医院",
    "农户", "企业", "完成", "投入", "增长", "培训", "建成", "覆盖", "达到", "比上年",
)  # fmt: skip


Part = Literal["upload", "indexing", "replacing", "all"]


def run(
    part: Annotated[Part, typer.Argument(help="What to measure.")] = "all",
    documents: Annotated[int, typer.Option(min=1, help="Indexed while questions are asked.")] = 200,
    replacements: Annotated[int, typer.Option(min=1, help="Of one document, while it is asked about.")] = 100,
    asked: Annotated[int, typer.Option(min=1, help="Questions at least, meanwhile.")] = 1000,
    seconds: Annotated[float, typer.Option(min=1, help="Questions without any change.")] = 20,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Measure a server with the five reports."""
    figures: dict[str, float] = {}
    with served() as (client, pid):
        if part in ("upload", "all"):
            figures |= _upload_to_answer(client, pid, 5)
        if part in ("indexing", "all"):
            figures |= _while_indexing(client, documents, seconds)
        if part in ("replacing", "all"):
            figures |= _while_replacing(client, replacements, asked)
    print(json.dumps(figures, indent=1))
    if json_path is not None:
        json_path.write_text(json.dumps(figures, indent=1), encoding="utf-8")


@contextmanager
def served() -> Iterator[tuple[httpx.Client, int]]:
    """Run a server with the five reports; give a client of it, and its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryFile() as log:
        variables = environment(QA_DATA_DIR=str(Path(directory) / "data"), QA_ANSWERER="extractive")
        seeds = str(_EVAL.parent / "seeds")
        command = [*qa(), "serve", "--port", str(port), "--seeds", seeds]
        process = subprocess.Popen(command, env=variables, stdout=log, stderr=log)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/readyz", process)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False) as client:
                yield client, process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def report(town: str, villages: int, chars: int = _CHARS) -> str:
    """Return an invented report of about ``chars`` characters, of sentences that no other has."""
    dice = random.Random(f"{town} {villages}")
    parts = [f"# {town}2023年工作总结\n\n{town}共有{villages}个行政村。\n"]
    while sum(map(len, parts)) < chars:
        words = "".join(dice.sample(_WORDS, 6))
        parts.append(
            f"{town}{words}{dice.randint(2, 9999)}处，{''.join(dice.sample(_WORDS, 5))}{dice.randint(2, 999)}户。\n"
        )
    return "".join(parts)


def _upload(client: httpx.Client, **texts: str) -> list[str]:
    files = [("files", (f"{name}.txt", text.encode())) for name, text in texts.items()]
    answer = client.post("/documents", files=files).raise_for_status()
    return [job["id"] for job in answer.json()["jobs"]]


def _wait_over(client: httpx.Client, job: str) -> None:
    while (found := client.get(f"/jobs/{job}").json())["state"] != "ready":
        if found["state"] in ("failed", "cancelled"):
            raise SystemExit(f"{found['document']}: {found['reason']}")
        time.sleep(0.02)


def _ask(client: httpx.Client, question: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/chat", json={"question": question}).raise_for_status().json()
    return answer


def _upload_to_answer(client: httpx.Client, pid: int, times: int) -> dict[str, float]:
    """Return the median seconds, and the server's processor time, from an upload to an answer that cites it."""
    measured: list[tuple[float, float]] = []
    for number in range(times):
        town, villages = f"云岭{number}镇", 100 + number
        started, worked = time.perf_counter(), processor_seconds(pid)
        _wait_over(client, _upload(client, **{town: report(town, villages)})[0])
        answer = _ask(client, f"{town}共有多少个行政村？")
        measured.append((time.perf_counter() - started, processor_seconds(pid) - worked))
        if str(villages) not in answer["answer"]:
            raise SystemExit(f"{town} was indexed and not found: {answer['answer']}")
    took, processor = (round(statistics.median(one), 3) for one in zip(*measured, strict=True))
    return {"upload_to_answer_s": took, "upload_processor_s": processor}


def _while_indexing(client: httpx.Client, documents: int, seconds: float) -> dict[str, float]:
    """Return the median question without and with documents being indexed, in ms, and the documents a second."""
    questions = [one.question for one in load(_EVAL / "sets" / "seeds.jsonl").questions if not one.history][:40]

    def median_until(ended: Callable[[], bool]) -> float:
        measured: list[float] = []
        while not (ended() and len(measured) >= len(questions)):
            started = time.perf_counter()
            _ask(client, questions[len(measured) % len(questions)])
            measured.append(time.perf_counter() - started)
        return statistics.median(measured) * 1000

    median_until(lambda: True)  # everything is warm
    end = time.perf_counter() + seconds
    idle = median_until(lambda: time.perf_counter() > end)
    texts = {f"文档{number}": report(f"青溪{number}乡", number) for number in range(documents)}
    jobs = [job for at in range(0, documents, 50) for job in _upload(client, **dict(list(texts.items())[at : at + 50]))]
    started = time.perf_counter()
    took = 0.0

    def indexed() -> bool:
        nonlocal took
        unfinished = client.get("/jobs", params={"limit": 1}).json()["counts"]
        over = not any(unfinished[state] for state in ("queued", "reading", "indexing"))
        took = took or (time.perf_counter() - started if over else 0.0)
        return over

    busy = median_until(indexed)
    _wait_over(client, jobs[-1])
    return {
        "idle_p50_ms": round(idle, 1),
        "indexing_p50_ms": round(busy, 1),
        "ratio": round(busy / idle, 2),
        "documents_per_s": round(documents / took, 2),
    }


def _while_replacing(client: httpx.Client, replacements: int, asked: int) -> dict[str, int]:
    """Return how many questions about a document saw exactly one of its versions, while it was replaced.

    The replacements are spread over the questions: whoever asks while nothing changes shows nothing.
    """
    town, versions = "双河镇", (41, 58)
    _wait_over(client, _upload(client, **{town: report(town, versions[0], 500)})[0])
    ended = threading.Event()
    seen: list[int] = []

    def ask() -> None:
        while not ended.is_set() or len(seen) < asked:
            answer = _ask(client, f"{town}共有多少个行政村？")["answer"]
            seen.append(sum(f"{villages}个" in answer for villages in versions))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(1, replacements + 1):
        while len(seen) < (number - 1) * asked // replacements and any(thread.is_alive() for thread in threads):
            time.sleep(0.01)
        _wait_over(client, _upload(client, **{town: report(town, versions[number % 2], 500)})[0])
    ended.set()
    for thread in threads:
        thread.join()
    return {"replacements": replacements, "questions": len(seen), "saw_one_version": sum(one == 1 for one in seen)}


if __name__ == "__main__":
    typer.run(run)
    sys.exit(0)
