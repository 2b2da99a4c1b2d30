"""``python -m eval.bench.users``: many users of one server for some minutes, a few of whom upload.

Those who ask put one question after the other. Those who upload replace their documents in turn, wait until each is
indexed, and ask for what it says; another answer is an error. Printed are answers, errors and the server's memory.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import numpy as np
import typer

from ..datasets.questions import load
from .live import report, served
from .processes import processor_seconds, resident_mb
from .stats import quantile

_EVAL = Path(__file__).resolve().parent.parent
_PATIENCE = 600.0
"""Seconds that a user waits for one answer."""
_CHARS = 500
_OWN = 3
"""Documents of each user who uploads."""


def run(
    users: Annotated[int, typer.Option(min=2, help="Users at the same time.")] = 100,
    uploading: Annotated[int, typer.Option(min=0, help="Of them, those who upload.")] = 10,
    minutes: Annotated[float, typer.Option(min=0.1, help="How long.")] = 10,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
) -> None:
    """Measure a server with the five reports; ends with 1 when there was an error."""
    if uploading >= users:
        raise typer.BadParameter(f"{uploading} of {users} users upload; at least one must ask")
    with served() as (client, pid):
        figures = asyncio.run(_Load(str(client.base_url), pid, users, uploading, minutes * 60).run())
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    if json_path is not None:
        json_path.write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
    if figures["errors"]:
        raise typer.Exit(1)


@dataclass
class _Load:
    url: str
    pid: int
    users: int
    uploading: int
    seconds: float
    waits: list[float] = field(default_factory=list)
    indexed: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)

    async def run(self) -> dict[str, Any]:
        """Return the figures, all users having stopped after their last answer."""
        questions = [one.question for one in load(_EVAL / "sets" / "seeds.jsonl").questions if not one.history]
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=self.users)
        self.end = time.perf_counter() + self.seconds
        worked = processor_seconds(self.pid)
        async with httpx.AsyncClient(
            base_url=self.url, timeout=_PATIENCE, limits=limits, trust_env=False
        ) as self.client:
            await asyncio.gather(
                self._watch(),
                *(self._upload(user) for user in range(self.uploading)),
                *(self._ask(random.Random(user), questions) for user in range(self.uploading, self.users)),
            )
        return {
            "users": self.users,
            "uploading": self.uploading,
            "minutes": round(self.seconds / 60, 2),
            "answers": len(self.waits),
            "replaced": len(self.indexed),
            "errors": sum(self.errors.values()),
            "answer_p50_s": round(quantile(self.waits, 0.5), 3),
            "answer_p95_s": round(quantile(self.waits, 0.95), 3),
            "replaced_p50_s": round(quantile(self.indexed or [float("nan")], 0.5), 3),
            "processor_s": round(processor_seconds(self.pid) - worked, 1),
            **growth(self.memory),
            "seen": dict(self.errors.most_common(5)),
        }

    async def _watch(self) -> None:
        while (left := self.end - time.perf_counter()) > 0:
            self.memory.append((self.seconds - left, resident_mb(self.pid)))
            await asyncio.sleep(min(1.0, left))

    async def _ask(self, chance: random.Random, questions: list[str]) -> None:
        while time.perf_counter() < self.end:
            await self._answer(chance.choice(questions))

    async def _answer(self, question: str) -> str:
        started = time.perf_counter()
        answer = await self._call("POST", "/chat", json={"question": question})
        if answer is None:
            return ""
        self.waits.append(time.perf_counter() - started)
        return str(answer["answer"])

    async def _upload(self, user: int) -> None:
        version = 0
        while time.perf_counter() < self.end:
            town, version = f"云岭{user}{'甲乙丙'[version % _OWN]}镇", version + 1
            started = time.perf_counter()
            text = report(town, 1000 + version, _CHARS).encode()
            accepted = await self._call("POST", "/documents", files=[("files", (f"{town}.txt", text))])
            if accepted is None or not await self._ready(accepted["jobs"][0]["id"]):
                continue
            self.indexed.append(time.perf_counter() - started)
            found = await self._answer(f"{town}共有多少个行政村？")
            if str(1000 + version) not in found:
                self.errors[f"not what was uploaded: {found[:80]!r}"] += 1

    async def _ready(self, job: str) -> bool:
        while True:
            found = await self._call("GET", f"/jobs/{job}")
            if found is None:
                return False
            if found["state"] in ("ready", "failed", "cancelled"):
                if found["state"] != "ready":
                    self.errors[f"a job: {found['state']}: {found['reason']}"] += 1
                return bool(found["state"] == "ready")
            await asyncio.sleep(0.1)

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any] | None:
        """Return what the server answers; None, and an error counted, for anything but success."""
        try:
            answer = await self.client.request(method, path, **options)
        except httpx.HTTPError as error:
            self.errors[f"{method} {path.split('/')[1]}: {type(error).__name__}"] += 1
            await asyncio.sleep(0.1)  # or one that is refused would be refused a thousand times
            return None
        if not answer.is_success:
            self.errors[f"{method} {path.split('/')[1]}: status {answer.status_code}"] += 1
            await asyncio.sleep(0.1)
            return None
        found: dict[str, Any] = answer.json()
        return found


def growth(memory: list[tuple[float, float]]) -> dict[str, float]:
    """Return the memory at the end (MB), and its growth over the second half, of a line through it, in percent.

    Args:
        memory: seconds and MB.
    """
    seconds, held = np.array(memory).T
    late = seconds >= seconds[-1] / 2
    if late.sum() < 2:
        return {"memory_mb": float(held[-1]), "growth_percent": float("nan")}
    slope = np.polyfit(seconds[late], held[late], 1)[0]
    grown = slope * (seconds[late][-1] - seconds[late][0]) / held[late].mean()
    return {"memory_mb": round(float(held[-1]), 1), "growth_percent": round(100 * float(grown), 2)}


if __name__ == "__main__":
    typer.run(run)
    sys.exit(0)
