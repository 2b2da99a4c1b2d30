"""Benchmarks as tables for the terminal: which figures are shown, and how."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from .suites import Figures
from .workers import OURS, PLAIN


@dataclass(frozen=True)
class Figure:
    """How one figure is shown: its label, its unit, and whether more of it is better (None: neither)."""

    label: str
    unit: str
    more_is_better: bool | None = False


SHOWN: dict[str, dict[str, Figure]] = {
    "embed": {
        "passages_per_s": Figure("passages of 250 characters", "/s", True),
        "tokens_per_s": Figure("tokens", "/s", True),
        "query_p50_ms": Figure("a question, median", "ms"),
        "query_p95_ms": Figure("a question, 95 %", "ms"),
        "load_s": Figure("import and load", "s"),
        "first_ms": Figure("first question", "ms"),
        "memory_mb": Figure("peak memory", "MB"),
    },
    "ingest": {
        "seconds": Figure("all documents indexed", "s"),
        "characters_per_s": Figure("characters", "/s", True),
        "passages": Figure("passages made", "", None),
        "vectors": Figure("vectors made", "", None),
        "memory_mb": Figure("peak memory", "MB"),
    },
    "ask": {
        "ask_p50_ms": Figure("a question, median", "ms"),
        "ask_p95_ms": Figure("a question, 95 %", "ms"),
        "load_s": Figure("open", "s"),
        "first_ms": Figure("first question", "ms"),
        "memory_mb": Figure("peak memory", "MB"),
    },
    "start": {
        "ask_s": Figure("one question from a cold process", "s"),
        "ready_s": Figure("server ready", "s"),
        "server_ask_ms": Figure("its first answer", "ms"),
        "server_mb": Figure("its memory", "MB"),
    },
    "scale": {
        "passages": Figure("passages", "", None),
        "passages_per_s": Figure("passages indexed", "/s", True),
        "passages_per_cpu_s": Figure("by second of the processor", "", True),
        "open_s": Figure("open", "s"),
        "first_ms": Figure("first question", "ms"),
        "ask_p50_ms": Figure("a question, median", "ms"),
        "ask_p95_ms": Figure("a question, 95 %", "ms"),
        "ask_cpu_ms": Figure("its processor time, median", "ms"),
        "growth": Figure("median beside the first size's", "x"),
        "growth_cpu": Figure("processor time beside it", "x"),
        "scoped_p50_ms": Figure("within a collection of 1 %", "ms"),
        "scoped_cpu_ms": Figure("its processor time, median", "ms"),
        "scoped_ratio": Figure("median beside the same unscoped", "x"),
        "scoped_cpu_ratio": Figure("processor time beside it", "x"),
        "change_s": Figure("one document added while asked", "s"),
        "during_ms": Figure("a question meanwhile, median", "ms"),
        "after_ms": Figure("first question after one, median", "ms"),
        "after_cpu_ms": Figure("its processor time", "ms"),
        "memory_mb": Figure("memory after the questions", "MB"),
        "memory_after_mb": Figure("memory after the changes", "MB"),
    },
}
_TITLES = {
    "embed": "Embedding",
    "ingest": "Indexing (here also every sentence, layout repair, a second index)",
    "ask": "Asking (here whole verified answers; the plain pipeline only retrieves)",
    "start": "Starting",
    "scale": "Growing (documents; made-up texts and vectors)",
}


def number(value: float) -> str:
    """Return ``value`` with three digits that count, and thousands set apart."""
    if math.isnan(value):
        return "-"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(suite: str, figures: Figures) -> Table:
    """Return a suite's figures, a column for each pipeline and one for how much better ours is than the plain one."""
    made = Table(title=_TITLES[suite], title_justify="left")
    made.add_column("")
    for pipeline in figures:
        made.add_column(pipeline, justify="right")
    beside = PLAIN in figures
    if beside:
        made.add_column(f"{OURS} : {PLAIN}", justify="right")
    for name, figure in SHOWN[suite].items():
        row = [f"{number(of[name])} {figure.unit}".strip() if name in of else "-" for of in figures.values()]
        made.add_row(figure.label, *row, *([ratio(name, figure, figures)] if beside else []))
    return made


def ratio(name: str, figure: Figure, figures: Figures) -> str:
    """Return how many times better this package is than the plain pipeline, or "-" where that means nothing."""
    if figure.more_is_better is None:
        return "-"
    ours, theirs = (figures.get(pipeline, {}).get(name, math.nan) for pipeline in (OURS, PLAIN))
    better, worse = (ours, theirs) if figure.more_is_better else (theirs, ours)
    return f"{number(better / worse)} x" if worse and not math.isnan(better / worse) else "-"


def print_tables(results: Mapping[str, Figures], machine: Mapping[str, object], console: Console) -> None:
    for suite, figures in results.items():
        console.print(table(suite, figures))
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()), style="dim", highlight=False)
