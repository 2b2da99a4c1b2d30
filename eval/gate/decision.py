"""The gate's steps: compare two run files, compare a run with a baseline, make or refresh a baseline."""

from __future__ import annotations

from pathlib import Path

from ..errors import DoesNotFit
from ..runs import run_file
from ..runs.run_file import Run
from . import baseline as baselines
from . import compare as comparing
from .baseline import Baseline
from .comparison import Comparison


def compare(base: Path, new: Path) -> Comparison:
    """Compare two run files."""
    before, after = (comparing.side(path.stem, run_file.load(path)) for path in (base, new))
    return comparing.compare(before, after)


def gate(baseline_file: Path, run: Run) -> Comparison:
    """Compare a run with a baseline, over exactly the baseline's questions."""
    base = baselines.load(baseline_file).side(f"baseline {baseline_file.stem}")
    return comparing.compare(base, comparing.side("this run", run), strict=True)


def sources(path: Path, questions: Path | None, documents: Path | None) -> tuple[Path, Path]:
    """Return the question set and the documents of a baseline that is to be made or refreshed at ``path``.

    Raises:
        DoesNotFit: the baseline is a new one, and one of the two isn't given.
        BadRun: what is there is no baseline.
    """
    if path.exists():  # read before anything is asked: the reasons in it are to be kept
        kept_questions, kept_documents = baselines.load(path).paths(path)
        return questions or kept_questions, documents or kept_documents
    if questions and documents:
        return questions, documents
    raise DoesNotFit(f"{path} does not exist yet; --questions and --documents say what it is to be made of")


def refresh(path: Path, run: Run, why: str, questions: Path, documents: Path) -> Baseline:
    """Make the baseline at ``path`` from ``run``, adding ``why`` to the reasons that it has already."""
    earlier = baselines.load(path).history if path.exists() else []
    made = baselines.make(run, why, path, questions, documents, earlier)
    baselines.save(made, path)
    return made
