"""What differs between two runs beside their answers: code, date, settings, embedder, prompts, weights, questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..runs.run_file import RunInfo

SHOWN = 60
"""Characters of a value."""
UNKNOWN = "not recorded"
DIGEST = 12


@dataclass(frozen=True, slots=True)
class Differing:
    """One thing that is not the same in both."""

    what: str
    base: str
    new: str


def about(run: RunInfo) -> dict[str, str]:
    """Return what tells a run apart from another, by name, as people read it."""
    facts: dict[str, Any] = {"commit": run.git, "started": run.started, "answerer": run.answerer}
    facts |= {"embedder": run.embedder, "index": run.index[:DIGEST], "questions": run.questions.get("name")}
    facts |= {f"prompt {name}": digest[:DIGEST] for name, digest in run.prompts.items()}
    facts |= {f"weights {name}": digest[:DIGEST] for name, digest in run.weights.items()}
    facts |= {f"QA_{name.upper()}": value for name, value in run.config.items()}
    return {name: _shown(value) for name, value in facts.items() if value not in (None, "")}


def differing(base: Mapping[str, str], new: Mapping[str, str]) -> tuple[Differing, ...]:
    """Return what differs, in the order of ``new``; what only one of two runs recorded as well.

    A baseline keeps few facts; of the others nothing is said.
    """
    names = list(dict.fromkeys((*new, *base)))
    whole = "started" in base and any(name.startswith("QA_") for name in base)
    return tuple(
        Differing(name, base.get(name, UNKNOWN), new.get(name, UNKNOWN))
        for name in names
        if base.get(name) != new.get(name) and (whole or name in base)
    )


def _shown(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
