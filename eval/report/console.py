"""What the evaluation prints in a terminal: progress while it works, and tables at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from ..faults.selftest import Outcome, counts
from ..gate.comparison import EVERYTHING, Comparison, Difference, Flip, Verdict
from ..metrics.registry import COLUMNS
from ..metrics.scoring import headline
from ..runs.run_file import Run

SHOWN_FLIPS = 12
SHOWN_CHARS = 160
"""Characters of an answer shown with a flip."""
PLAIN_SECONDS = 5.0
"""Between two lines of progress where there is no terminal to draw a bar on."""
PLAIN_WIDTH = 200
ERRORS = "errors"
"""What the line of a run's errors begins with."""

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
        TextColumn("{task.description}", markup=False),
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


def scores_tables(run: Run, width: int) -> Iterator[Table]:
    """Yield the table by type, with the answerable, the unanswerable and all questions below it.

    Metrics that no question has are left out. Where the columns don't fit ``width``, the others follow in tables of
    their own. Where the set has splits, the last columns are the headline metric (correct, else evidence recall) in
    each of them.
    """
    named = {name: head for name, head in COLUMNS.items() if run.summary["all"].get(name) is not None}
    heads = [*named.values(), *(run.by_split if len(run.by_split) > 1 else ())]
    rows = [(name, _cells(row, named) + _split_cells(run, name), "") for name, row in run.by_type.items()]
    parts = [part for part in ("answerable", "unanswerable") if run.summary[part]["n"]]
    rows += [(part, _cells(run.summary[part], named), "bold") for part in parts]
    rows.append(("all", _cells({"n": run.summary["n"]} | run.summary["all"], named) + _split_cells(run), "bold"))
    title: str | None = f"{run.run.questions.get('name', '')} · {run.run.answerer}"
    first = max(len(name) for name, _, _ in rows)
    start = 0
    while start < len(heads):
        end, used = start, first + 10
        while end < len(heads) and (end == start or used + max(len(heads[end]), 5) + 3 <= width):
            used += max(len(heads[end]), 5) + 3
            end += 1
        table = Table(title=title and escape(title))
        table.add_column("type", no_wrap=True)
        for name in ("n", *heads[start:end]):
            table.add_column(name, justify="right", no_wrap=True)
        for at, (name, cells, style) in enumerate(rows):
            table.add_row(
                escape(name), cells[0], *cells[1 + start : 1 + end], style=style, end_section=at + 1 == len(run.by_type)
            )
        yield table
        start, title = end, None


def _cells(row: Mapping[str, Any], metrics: Iterable[str]) -> list[str]:
    return [str(row["n"]), *(number(row.get(name), name) for name in metrics)]


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
        lines.append(f"{ERRORS}  {len(failed)} of {len(run.items)} questions; first {failed[0].id}: {failed[0].error}")
    return lines


def print_comparison(comparison: Comparison) -> None:
    """Print what differs between the runs, the differences of their scores, the flips and the verdict."""
    printer = console()
    if comparison.differing:
        printer.print(_differing(comparison))
    printer.print(_table(comparison))
    for flip in comparison.flips[:SHOWN_FLIPS]:
        _print_flip(printer, flip)
    if len(comparison.flips) > SHOWN_FLIPS:
        printer.print(f"... and {len(comparison.flips) - SHOWN_FLIPS} more flipped; --html shows them all")
    reasons = comparison.reasons()
    for reason in reasons:
        printer.print(f"[red]worse[/]  {escape(reason)}", highlight=False)
    if not reasons:
        style = "green" if comparison.verdict is Verdict.NOT_WORSE else "yellow"
        changed = len(comparison.flips) + len(comparison.reworded)
        printer.print(
            f"[{style}]{comparison.verdict}[/]  {changed} answers changed, {len(comparison.flips)} flipped",
            highlight=False,
        )
    printer.print(escape(comparison.sensitivity()), highlight=False)


def _differing(comparison: Comparison) -> Table:
    table = Table(title="what differs between the runs", box=SIMPLE)
    for name in ("", comparison.base.name, comparison.new.name):
        table.add_column(escape(name), overflow="fold")
    for one in comparison.differing:
        table.add_row(*map(escape, (one.what, one.base, one.new)))
    return table


def _table(comparison: Comparison) -> Table:
    """Return the differences over all questions and the significant ones by type; it fits 100 columns."""
    table = Table(
        title=escape(f"{comparison.base.name} → {comparison.new.name}"),
        caption="95 % bootstrap intervals; −/+: questions worse and better; p corrected",
        box=SIMPLE,
    )
    for name in ("metric", "group"):
        table.add_column(name, overflow="fold")
    for name in ("n", "base", "new", "change", "95 % interval", "−/+", "p"):
        table.add_column(name, justify="right", no_wrap=True)
    for d in comparison.differences:
        if d.group == EVERYTHING or d.significant:
            table.add_row(*_row(d), style="red" if d.is_loss else "green" if d.significant else None)
    return table


def _row(d: Difference) -> list[str]:
    interval = f"{d.low:+.3f} … {d.high:+.3f}"
    figures = [f"{d.base:.3f}", f"{d.new:.3f}", f"{d.change:+.3f}", interval]
    return [d.metric, escape(d.group), str(d.n), *figures, f"{d.losses}/{d.gains}", f"{d.adjusted:.2g}"]


def _print_flip(printer: Console, flip: Flip) -> None:
    mark = "[green]▲[/]" if flip.change > 0 else "[red]▼[/]"
    printer.print(f"{mark} {escape(flip.new.id)} {escape(flip.new.question)}", highlight=False)
    for label, row in (("before", flip.base), ("after", flip.new)):
        answer = " ".join(row.answer.split())[:SHOWN_CHARS]
        printer.print(f"   {label}: {escape(answer)}", highlight=False, no_wrap=True, overflow="ellipsis")


def _outcomes_table(outcomes: Sequence[Outcome]) -> Table:
    """Return what the gate made of each fault and each harmless change, with its first reason."""
    table = Table(title="what the gate makes of faults and of harmless changes")
    for name in ("change", "", "verdict", "findings", "first of them"):
        table.add_column(name)
    for outcome in outcomes:
        reasons = outcome.comparison.reasons()
        verdict = ("caught" if reasons else "missed") if outcome.case.harmful else ("flagged" if reasons else "passed")
        style = None if outcome.as_wanted else "red"
        first = escape(reasons[0]) if reasons else ""
        table.add_row(outcome.case.name, outcome.case.what, verdict, str(len(reasons)), first, style=style)
    return table


def print_run(run: Run) -> None:
    """Print the table by type and what stands below it."""
    printer = console()
    for table in scores_tables(run, printer.width):
        printer.print(table)
    for line in closing_lines(run):
        printer.print(line, style="red" if line.startswith(ERRORS) else None, highlight=False, markup=False)


def print_outcomes(outcomes: Sequence[Outcome], left_out: Sequence[str] = ()) -> None:
    """Print what the gate made of each fault and each harmless change, the two counts, and what was not tried."""
    printer = console()
    printer.print(_outcomes_table(outcomes))
    for line in counts(outcomes):
        printer.print(line, highlight=False)
    if left_out:
        names = ", ".join(left_out)
        printer.print(f"not tried, since a single document has no other to be taken for it: {names}", highlight=False)
