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
_CHANGES = 10
"""Documents that are added one by one, with a question after each: one question alone may be a long one."""


def fill(directory: str, documents: int) -> dict[str, Any]:
    """Ingest ``documents`` made-up reports into a library; those that are there already are left as they are."""
    from vectorstore.library import Library

    began, worked = time.perf_counter(), time.process_time()
    with Library.open(Path(directory), StandIn()) as library:
        before = library.directory.passages
        for first in range(0, documents, _BATCH):
            library.ingest(reports(first, min(documents, first + _BATCH)))
        passages = library.directory.passages
    took, worked = time.perf_counter() - began, time.process_time() - worked
    new = passages - before
    return {
        "passages": passages,
        "fill_s": took,
        "passages_per_s": new / took if new else float("nan"),
        "passages_per_cpu_s": new / worked if new else float("nan"),
        "fill_mb": _resident(),
    }


def ask(directory: str, documents: int, count: int = 40) -> dict[str, Any]:
    """Open that library, ask it ``count`` questions, add documents while it is asked and between questions.

    It is left as it was.
    """
    from qa.pipeline import build
    from qa.settings import load
    from vectorstore.library import Library

    began = time.perf_counter()
    with Library.open(Path(directory), StandIn(), lazy=True) as library:
        library.warm_up()
        opened = time.perf_counter() - began
        qa = build(load(data_dir=Path(directory), answerer="extractive"), library)
        others, asked = (questions(documents, 2 * count)[half::2] for half in (0, 1))
        first = _cost(qa, others[0]).wall
        for question in others[1:]:  # what is read once, such as the dictionary, is not measured
            qa.ask(question)
        costs = [_cost(qa, question) for question in asked]
        resident = _resident()
        scoped = _scoped(library, qa, documents, count)
        *more, new = reports(documents, documents + min(_CHANGES, len(asked)) + 1)
        before = library.generation
        change = threading.Thread(target=library.ingest, args=([new],))
        began = time.perf_counter()
        change.start()
        during: list[float] = []
        while change.is_alive():
            during.append(_cost(qa, asked[len(during) % len(asked)]).wall)
        changed = time.perf_counter() - began
        assert library.generation > before
        after = [_after(library, qa, report, question) for report, question in zip(more, asked, strict=False)]
        after_ms, after_cpu = _median(after)
        changed_mb = _resident()
        for report in (*more, new):
            library.remove(report.name)
        return {
            "passages": library.directory.passages,
            "open_s": opened,
            "first_ms": first * 1000,
            "ask_p50_ms": quantile([cost.wall for cost in costs], 0.5) * 1000,
            "ask_p95_ms": quantile([cost.wall for cost in costs], 0.95) * 1000,
            "ask_cpu_ms": quantile([cost.processor for cost in costs], 0.5) * 1000,
            "change_s": changed,
            "during_ms": quantile(during or [one.wall for one in after], 0.5) * 1000,
            "after_ms": after_ms,
            "after_cpu_ms": after_cpu,
            "memory_mb": resident,
            "memory_after_mb": changed_mb,
            **scoped,
        }


def _after(library: Any, qa: Any, report: Any, question: str) -> _Cost:
    """Return what a question takes right after a document has been added."""
    library.ingest([report])
    return _cost(qa, question)


def _scoped(library: Any, qa: Any, documents: int, count: int) -> dict[str, float]:
    """Ask about the documents of a collection of one in a hundred, in the whole library and in the collection alone."""
    few = max(1, documents // 100)
    name = library.membership.add("one in a hundred").name
    library.membership.put([one.name for one in reports(0, few)], [name, "default"])
    inside = qa.within(library.scope([name]))
    asked = questions(few, 2 * count)
    for question in asked[::2]:
        inside.ask(question)
        qa.ask(question)
    pairs = [(_cost(qa, question), _cost(inside, question)) for question in asked[1::2]]
    whole, part = ([pair[at] for pair in pairs] for at in (0, 1))
    library.membership.put([one.name for one in reports(0, few)], ["default"])
    library.membership.remove(name)
    whole_ms, whole_cpu = _median(whole)
    part_ms, part_cpu = _median(part)
    return {
        "unscoped_p50_ms": whole_ms,
        "scoped_p50_ms": part_ms,
        "scoped_cpu_ms": part_cpu,
        "scoped_ratio": part_ms / whole_ms,
        "scoped_cpu_ratio": part_cpu / whole_cpu,
    }


class _Cost(NamedTuple):
    """Seconds of a question; those of the processor tell growth on a machine that is busy with other work too."""

    wall: float
    processor: float


def _median(costs: list[_Cost]) -> tuple[float, float]:
    """Return the median of the clock's time, and of the processor's, in ms."""
    return quantile([one.wall for one in costs], 0.5) * 1000, quantile([one.processor for one in costs], 0.5) * 1000


def _cost(qa: Any, question: str) -> _Cost:
    began, worked = time.perf_counter(), time.process_time()
    qa.ask(question)
    return _Cost(time.perf_counter() - began, time.process_time() - worked)


def _resident() -> float:
    import os

    from vectorstore import memory

    memory.give_back()  # as a server does once a minute
    return resident_mb(os.getpid())
