"""What comes after a run: comparing two, the gate, and making a baseline anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.errors import BadRun, EvalError
from eval.faults import Outcome
from eval.gate import baseline as baselines
from eval.gate import compare as comparing
from eval.gate.compare import EVERYTHING, Comparison, Difference, Flip
from eval.report.compare_page import compare_page
from eval.report.plain import compare_json, compare_junit, compare_markdown, run_junit, run_markdown
from eval.report.run_page import run_page
from eval.runs import records, show
from eval.runs.records import Run

SHOWN_FLIPS = 12
SHOWN_CHARS = 160


@dataclass(frozen=True)
class Outputs:
    """Where reports go; None for those that nobody asked for."""

    json: Path | None = None
    html: Path | None = None
    markdown: Path | None = None
    junit: Path | None = None

    def of_run(self, run: Run) -> None:
        """Write the reports of a run."""
        if self.json:
            records.save(run, self.json)
        self._write(self.html, lambda: run_page(run))
        self._write(self.markdown, lambda: run_markdown(run))
        self._write(self.junit, lambda: run_junit(run))

    def of_comparison(self, comparison: Comparison) -> None:
        """Write the reports of a comparison."""
        self._write(self.json, lambda: json.dumps(compare_json(comparison), ensure_ascii=False, indent=1) + "\n")
        self._write(self.html, lambda: compare_page(comparison))
        self._write(self.markdown, lambda: compare_markdown(comparison))
        self._write(self.junit, lambda: compare_junit(comparison))

    @staticmethod
    def _write(path: Path | None, text: Callable[[], str]) -> None:
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(), encoding="utf-8")
        except OSError as error:
            raise EvalError(f"{path} can't be written: {error}") from error


def runs_dir(data_dir: Path) -> Path:
    """Return the folder of the runs that were saved by name."""
    return data_dir / "runs"


def saved(name: str, data_dir: Path) -> Path:
    """Return where a run is kept: ``name`` is a file, or the name of a saved run.

    Raises:
        BadRun: there is neither; the message lists the saved runs.
    """
    if Path(name).is_file():
        return Path(name)
    path = runs_dir(data_dir) / f"{name}.json"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in runs_dir(data_dir).glob("*.json"))) or "none"
        raise BadRun(f"there is neither a file {name!r} nor a run saved under that name; saved runs: {there}")
    return path


def path_for(name: str, data_dir: Path) -> Path:
    """Return where a run of that name is to be kept.

    Raises:
        BadRun: the name is more than a name.
    """
    if not name or name != Path(name).name or name.startswith("."):
        raise BadRun(f"{name!r} can't be a run's name; use letters, digits, dashes and dots")
    return runs_dir(data_dir) / f"{name}.json"


def compare(base: Path, new: Path) -> Comparison:
    """Compare two run files."""
    return comparing.compare(comparing.load_side(base), comparing.load_side(new))


def gate(baseline_file: Path, run: Run) -> Comparison:
    """Compare a run with a baseline, over exactly the baseline's questions."""
    base = baselines.load(baseline_file).side(f"baseline {baseline_file.stem}")
    return comparing.compare(base, comparing.side("this run", run), strict=True)


def refresh(path: Path, run: Run, why: str, questions: Path, documents: Path) -> baselines.Baseline:
    """Make the baseline at ``path`` from ``run``, adding ``why`` to the reasons that it has already."""
    earlier = baselines.load(path).history if path.exists() else []
    made = baselines.make(run, why, path, questions, documents, earlier)
    baselines.save(made, path)
    return made


def print_comparison(comparison: Comparison) -> None:
    """Print the differences, the flips and the verdict."""
    console = show.console()
    console.print(_table(comparison))
    for flip in comparison.flips[:SHOWN_FLIPS]:
        _print_flip(console, flip)
    if len(comparison.flips) > SHOWN_FLIPS:
        console.print(f"... and {len(comparison.flips) - SHOWN_FLIPS} more flipped; --html shows them all")
    reasons = comparison.reasons()
    for reason in reasons:
        console.print(f"[red]worse[/]  {escape(reason)}", highlight=False)
    if not reasons:
        changed = len(comparison.flips) + len(comparison.reworded)
        console.print(
            f"[green]not worse[/]  {changed} answers changed, {len(comparison.flips)} flipped", highlight=False
        )


def _table(comparison: Comparison) -> Table:
    table = Table(title=f"{comparison.base.name} → {comparison.new.name}")
    for name in (
        "metric",
        "group",
        "n",
        "base",
        "new",
        "difference",
        "95 % interval",
        "worse",
        "better",
        "corrected p",
    ):
        table.add_column(name, justify="left" if name in ("metric", "group") else "right", no_wrap=True)
    for d in comparison.differences:
        if d.group == EVERYTHING or d.significant:
            table.add_row(*_row(d), style="red" if d.is_loss else "green" if d.significant else None)
    return table


def _row(d: Difference) -> list[str]:
    interval = f"{d.low:+.3f} to {d.high:+.3f}"
    figures = [f"{d.base:.3f}", f"{d.new:.3f}", f"{d.change:+.3f}", interval]
    return [d.metric, d.group, str(d.n), *figures, str(d.losses), str(d.gains), f"{d.adjusted:.3g}"]


def _print_flip(console: Console, flip: Flip) -> None:
    mark = "[green]▲[/]" if flip.change > 0 else "[red]▼[/]"
    console.print(f"{mark} {escape(flip.new.id)} {escape(flip.new.question)}", highlight=False)
    for label, row in (("before", flip.base), ("after", flip.new)):
        answer = " ".join(row.answer.split())[:SHOWN_CHARS]
        console.print(f"   {label}: {escape(answer)}", highlight=False, no_wrap=True, overflow="ellipsis")


def outcomes_table(outcomes: Sequence[Outcome]) -> Table:
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
