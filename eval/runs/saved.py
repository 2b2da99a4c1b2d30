"""Runs kept by name in the data folder."""

from __future__ import annotations

from pathlib import Path

from ..errors import BadRun


def runs_dir(data_dir: Path) -> Path:
    """Return the folder of the runs that were saved by name."""
    return data_dir / "runs"


def find(name: str, data_dir: Path) -> Path:
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
