"""What the evaluation prints: progress while it works, and tables at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from eval.metrics.scoring import headline
from eval.runs.records import Run

COLUMNS = {
    "correct": "correct",
    "abstained": "abstained",
    "citation_validity": "valid",
    "cited": "cited",
    "number_fidelity": "numbers",
    "evidence_recall": "ev.recall",
    "evidence_precision": "ev.prec.",
    "retrieval@5": "retr@5",
    "dense@10": "dense@10",
    "lexical@10": "lex.@10",
    "mrr@10": "mrr@10",
    "citation_recall": "cite.rec.",
    "citation_precision": "cite.prec.",
    "char_f1": "char F1",
    "chars": "chars",
}
"""Metrics in the tables, with their short names."""
PLAIN_SECONDS = 5.0
"""Between two lines of progress where there is no terminal to draw a bar on."""
PLAIN_WIDTH = 200

Advance = Callable[[str, int, int], None]


def console() -> Console:
    """Return a console for results; wide enough for the tables when it is not a terminal."""
    return Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """Yield ``advance(label, done, total)``: a bar on standard error, a line now and then where it is no terminal."""
    errors = Console(stderr=True)
    if not errors.is_terminal:
        yield _plain(what)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def advance(label: str, done: int, total: int) -> None:
            bar.update(task, description=f"{what} {label}"[:60], completed=done, total=total)

        yield advance


def _plain(what: str) -> Advance:
    last = time.monotonic()

    def advance(label: str, done: int, total: int) -> None:
        nonlocal last
        if done == total or time.monotonic() - last >= PLAIN_SECONDS:
            last = time.monotonic()
            print(f"{what} {label} {done}/{total}", file=sys.stderr, flush=True)

    return advance


def scores_table(run: Run) -> Table:
    """Return the table by type, with the answerable, the unanswerable and all questions below it.

    Where the set has splits, the last columns are the headline metric (correct, else evidence recall) in each of them.
    """
    table = Table(title=f"{run.run.questions.get('name', '')} · {run.run.answerer}")
    table.add_column("type", no_wrap=True, min_width=max(len(name) for name in [*run.by_type, "unanswerable"]))
    for name in ("n", *COLUMNS.values(), *(run.by_split if len(run.by_split) > 1 else ())):
        table.add_column(name, justify="right")
    for name, row in run.by_type.items():
        table.add_row(name, *_cells(row), *_split_cells(run, name))
    table.add_section()
    for name in ("answerable", "unanswerable"):
        if run.summary[name]["n"]:
            table.add_row(name, *_cells(run.summary[name]), style="bold")
    table.add_row("all", *_cells({"n": run.summary["n"]} | run.summary["all"]), *_split_cells(run), style="bold")
    return table


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [str(row["n"]), *(number(row.get(name), name) for name in COLUMNS)]


def _split_cells(run: Run, kind: str | None = None) -> list[str]:
    if len(run.by_split) < 2:
        return []
    rows = [whole["by_type"].get(kind, {}) if kind else whole for whole in run.by_split.values()]
    metrics = [headline(row) for row in rows]
    return [number(row[metric] if metric else None) for row, metric in zip(rows, metrics, strict=True)]


def number(value: float | None, name: str = "") -> str:
    """Return a figure as tables show it: three decimals, whole characters, "-" where there is none."""
    if value is None:
        return "-"
    return f"{value:.0f}" if name == "chars" else f"{value:.3f}"


def closing_lines(run: Run) -> list[str]:
    """Return what stands below the table: abstention, conversations, latency, errors and the digest of the scores."""
    summary = run.summary
    abstention, turns, latency = summary["abstention"], summary["turns"], summary["latency_ms"]
    lines = [
        f"abstention  precision {number(abstention['precision'])}  recall {number(abstention['recall'])}  "
        f"F1 {number(abstention['f1'])}"
    ]
    if turns["conversations"]:
        lines.append(
            f"conversations  {turns['conversations']}  turns alone {number(turns['alone'])}  "
            f"all turns together {number(turns['together'])}"
        )
    for split, row in run.by_split.items():
        lines.append(f"{split}  n {row['n']}  correct {number(row['correct'])}  retr@5 {number(row['retrieval@5'])}")
    if latency:
        lines.append(f"latency  p50 {latency['p50']} ms  p95 {latency['p95']} ms")
    judge = summary.get("judge")
    if judge:
        opinion = f"faithfulness {number(judge['faithfulness'])}  relevance {number(judge['relevance'])}"
        lines.append(f"judge  {opinion}  (opinion of {judge['model']}, never gates; {judge['failed']} failed)")
    lines.append(f"scores  sha256 {run.run.scores_sha256[:16]}")
    failed = [item for item in run.items if item.error]
    if failed:
        lines.append(
            f"[red]errors  {len(failed)} of {len(run.items)} questions; first {failed[0].id}: {failed[0].error}[/]"
        )
    return lines
