"""Asks a language model for verdicts on answers, and logs them so that each is asked only once.

The log is one JSON object a line, with what was asked and what came back, so that a figure can be traced to the words
that it rests on. A verdict is found again under the model, the seed, the prompt and the input.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, SecretStr, ValidationError

from qa.errors import ModelError
from qa.llm import Message, Model
from qa.llm.base import complete
from qa.llm.endpoint import Endpoint

from ...errors import JudgeError
from ...runs.run_file import Item, Run
from ..aggregate import mean
from ..text import without_marks

METRICS = ("faithfulness", "relevance")
SEED = 20_240_229
ATTEMPTS = 2
"""Calls for one verdict; the second is for an answer that is no verdict."""
GIVE_UP = 3
"""Failures in a row after which the endpoint is taken to be broken."""


class _Supported(BaseModel):
    supported: list[bool]


class _Score(BaseModel):
    score: int = Field(ge=0, le=2)


class SeededEndpoint(Endpoint):
    """An endpoint that is asked with a seed, so far as the model behind it heeds one."""

    def __init__(
        self, model: str, base_url: str | None, key: SecretStr | None, timeout: float, seed: int = SEED
    ) -> None:
        super().__init__(model, base_url, key, timeout, seed=seed)


class Judge:
    """Asks ``model`` for verdicts, and keeps them in ``log``."""

    def __init__(self, model: Model, log: Path, seed: int = SEED) -> None:
        self.model = model
        self.seed = seed
        self.log = log
        self.asked = 0
        """Calls made; the rest came from the log."""
        self._known = _read(log)

    def faithfulness(self, item: Item) -> float | None:
        """Return the share of an answer's sentences that the model finds supported by what they cite.

        None for an abstention, and for an item that failed. Source: Es et al., RAGAS, EACL 2024 demos, with an answer's
        own sentences and citations in place of statements and contexts.

        Raises:
            JudgeError: no verdict could be had.
        """
        if item.abstained or not item.sentences:
            return None
        quotes = {citation.number: citation.quote for citation in item.citations}
        sentences = [
            {"text": s.text, "quotes": [quotes[number] for number in s.citations if number in quotes]}
            for s in item.sentences
        ]

        def read(text: str) -> float:
            supported = _Supported.model_validate_json(text).supported
            if len(supported) != len(sentences):
                raise ValueError(f"{len(supported)} verdicts for {len(sentences)} sentences")
            return sum(supported) / len(supported)

        return self._verdict("faithfulness", item.id, {"sentences": sentences}, read)

    def relevance(self, item: Item) -> float | None:
        """Return 0, 0.5 or 1 for an answer that misses, partly answers or answers the question; None as above.

        Raises:
            JudgeError: no verdict could be had.
        """
        if item.abstained or not item.sentences:
            return None
        question = item.standalone_question or item.question
        asked = {"question": question, "answer": without_marks(item.answer)}
        return self._verdict("relevance", item.id, asked, lambda text: _Score.model_validate_json(text).score / 2)

    def _verdict(self, metric: str, item_id: str, asked: dict[str, Any], read: Callable[[str], float]) -> float:
        prompt = resources.files(__package__).joinpath(f"{metric}.md").read_text(encoding="utf-8")
        data = json.dumps(asked, ensure_ascii=False)
        key = hashlib.sha256("\0".join([self.model.name, str(self.seed), prompt, data]).encode()).hexdigest()
        if key in self._known:
            return self._known[key]
        problem: Exception = JudgeError("never asked")
        for _ in range(ATTEMPTS):
            started = time.perf_counter()
            try:
                self.asked += 1
                text = complete(self.model, [Message("system", prompt), Message("user", data)])
                value = read(_object(text))
            except (ModelError, ValidationError, ValueError) as error:
                problem = error
                continue
            spent = round((time.perf_counter() - started) * 1000)
            self._write(key=key, metric=metric, id=item_id, verdict=value, ms=spent, input=asked, output=text)
            return value
        raise JudgeError(f"no verdict on the {metric} of {item_id}: {problem}") from problem

    def _write(self, **verdict: Any) -> None:
        self._known[verdict["key"]] = verdict["verdict"]
        line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "model": self.model.name, "seed": self.seed}
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | verdict, ensure_ascii=False) + "\n")


def _object(text: str) -> str:
    """Return the JSON object in a model's answer, which may stand in a fence or among words."""
    found = re.search(r"\{.*\}", text, re.S)
    if not found:
        raise ValueError(f"no JSON object in {text[:80]!r}")
    return found.group()


def _read(log: Path) -> dict[str, float]:
    if not log.exists():
        return {}
    known = {}
    for number, line in enumerate(log.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            verdict = json.loads(line)
            known[str(verdict["key"])] = float(verdict["verdict"])
        except (ValueError, KeyError, TypeError) as error:
            raise JudgeError(f"{log}:{number} is not a verdict; mend or delete the file") from error
    return known


def judge_run(run: Run, judge: Judge, on_item: Callable[[Item, int], None] | None = None) -> Run:
    """Return the run with a verdict on every answer, apart from its scores, and their means in ``summary["judge"]``.

    Raises:
        JudgeError: three verdicts in a row could not be had.
    """
    items = []
    failed = in_a_row = 0
    for done, item in enumerate(run.items, start=1):
        judged: dict[str, float] = {}
        for metric in METRICS:
            try:
                value: float | None = getattr(judge, metric)(item)
                in_a_row = 0 if value is not None else in_a_row
            except JudgeError:
                failed, in_a_row, value = failed + 1, in_a_row + 1, None
                if in_a_row == GIVE_UP:
                    raise
            if value is not None:
                judged[metric] = round(value, 6)
        items.append(item.model_copy(update={"judged": judged}))
        if on_item:
            on_item(items[-1], done)
    figures: dict[str, Any] = {metric: mean(item.judged.get(metric) for item in items) for metric in METRICS}
    about = {"model": judge.model.name, "seed": judge.seed, "asked": judge.asked, "failed": failed}
    return run.model_copy(update={"items": items, "summary": run.summary | {"judge": figures | about}})
