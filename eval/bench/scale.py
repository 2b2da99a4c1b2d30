"""The measured work of ``python -m eval.bench scale``: filling a library of many documents, asking and changing it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

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
        asked = questions(documents, count)
        first = _seconds(qa, asked[0])
        waits = [_seconds(qa, question) for question in asked]
        resident = _resident()
        new = list(reports(documents, documents + 1))
        before = library.generation
        change = threading.Thread(target=library.ingest, args=(new,))
        began = time.perf_counter()
        change.start()
        during: list[float] = []
        while change.is_alive():
            during.append(_seconds(qa, asked[len(during) % len(asked)]))
        changed = time.perf_counter() - began
        assert library.generation > before
        after = _seconds(qa, asked[1])
        return {
            "open_s": opened,
            "first_ms": first * 1000,
            "ask_p50_ms": quantile(waits, 0.5) * 1000,
            "ask_p95_ms": quantile(waits, 0.95) * 1000,
            "change_s": changed,
            "during_ms": quantile(during or [after], 0.5) * 1000,
            "after_ms": after * 1000,
            "memory_mb": resident,
            "memory_after_mb": _resident(),
        }


def _seconds(qa: Any, question: str) -> float:
    began = time.perf_counter()
    qa.ask(question)
    return time.perf_counter() - began


def _resident() -> float:
    import os

    return resident_mb(os.getpid())
