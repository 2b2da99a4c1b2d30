"""The measured work of ``python -m eval.bench scale``: filling a library of many documents, asking and changing it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from .processes import resident_mb
from .stand_in import StandIn, questions, reports
from .stats import quantile

_BATCH = 1000
"""Documents that are ingested at a time."""


def fill(directory: str, documents: int) -> dict[str, Any]:
    """Ingest ``documents`` made-up reports into an empty library."""
    from vectorstore.library import Library

    began = time.perf_counter()
    with Library.open(Path(directory), StandIn()) as library:
        for first in range(0, documents, _BATCH):
            library.ingest(reports(first, min(documents, first + _BATCH)))
        passages = library.directory.passages
    took = time.perf_counter() - began
    return {"passages": passages, "fill_s": took, "passages_per_s": passages / took, "fill_mb": _resident()}


def ask(directory: str, documents: int, count: int = 40) -> dict[str, Any]:
    """Open that library, ask it ``count`` questions, change one document while it is asked, and ask again."""
    from qa.pipeline import QA
    from qa.settings import load
    from vectorstore.library import Library

    began = time.perf_counter()
    with Library.open(Path(directory), StandIn(), lazy=True) as library:
        library.warm_up()
        opened = time.perf_counter() - began
        qa = QA(library, load(data_dir=Path(directory), answerer="extractive"))
        others, asked = (questions(documents, 2 * count)[half::2] for half in (0, 1))
        first = _cost(qa, others[0]).wall
        for question in others[1:]:  # what is read once, such as the dictionary, is not measured
            qa.ask(question)
        costs = [_cost(qa, question) for question in asked]
        resident = _resident()
        new = list(reports(documents, documents + 1))
        before = library.generation
        change = threading.Thread(target=library.ingest, args=(new,))
        began = time.perf_counter()
        change.start()
        during: list[float] = []
        while change.is_alive():
            during.append(_cost(qa, asked[len(during) % len(asked)]).wall)
        changed = time.perf_counter() - began
        assert library.generation > before
        after = _cost(qa, asked[1])
        return {
            "open_s": opened,
            "first_ms": first * 1000,
            "ask_p50_ms": quantile([cost.wall for cost in costs], 0.5) * 1000,
            "ask_p95_ms": quantile([cost.wall for cost in costs], 0.95) * 1000,
            "ask_cpu_ms": quantile([cost.processor for cost in costs], 0.5) * 1000,
            "change_s": changed,
            "during_ms": quantile(during or [after.wall], 0.5) * 1000,
            "after_ms": after.wall * 1000,
            "after_cpu_ms": after.processor * 1000,
            "memory_mb": resident,
            "memory_after_mb": _resident(),
        }


class _Cost(NamedTuple):
    """Seconds of a question; those of the processor tell growth on a machine that is busy with other work too."""

    wall: float
    processor: float


def _cost(qa: Any, question: str) -> _Cost:
    began, worked = time.perf_counter(), time.process_time()
    qa.ask(question)
    return _Cost(time.perf_counter() - began, time.process_time() - worked)


def _resident() -> float:
    import os

    return resident_mb(os.getpid())
