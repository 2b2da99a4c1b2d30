"""The self-test of the gate: it must catch every planted fault and let every harmless change pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..gate.compare import compare, side
from ..gate.comparison import Comparison
from . import answer_faults, harmless, pipeline_faults
from .sandbox import Change, Sandbox


@dataclass(frozen=True, slots=True)
class Case:
    """A change to the pipeline or to its answers; ``harmful`` says whether the gate must object."""

    name: str
    what: str
    harmful: bool
    change: Change


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gate made of a case."""

    case: Case
    comparison: Comparison

    @property
    def as_wanted(self) -> bool:
        return self.comparison.worse == self.case.harmful


def cases(documents: int = 2) -> list[Case]:
    """Return all cases that change something with so many documents, the harmful ones first."""
    return [
        *(
            Case(name, what, True, change)
            for name, what, change in (*pipeline_faults.FAULTS, *answer_faults.FAULTS)
            if documents > 1 or name not in answer_faults.OTHER_DOCUMENT
        ),
        *(Case(name, what, False, change) for name, what, change in harmless.CHANGES),
    ]


def left_out(documents: int) -> list[str]:
    """Return the names of the cases that can't be tried with so many documents."""
    tried = {case.name for case in cases(documents)}
    return [case.name for case in cases() if case.name not in tried]


def evaluate(sandbox: Sandbox, chosen: list[Case]) -> Iterator[Outcome]:
    """Run each case and yield what the gate makes of it, against the run of the sound pipeline."""
    base = side("as it should be", sandbox.run)
    for case in chosen:
        yield Outcome(case, compare(base, side(case.name, case.change(sandbox)), strict=True))


def counts(outcomes: Sequence[Outcome]) -> list[str]:
    """Return how many faults were caught and how many harmless changes were flagged."""
    harmful = [outcome for outcome in outcomes if outcome.case.harmful]
    harmless = [outcome for outcome in outcomes if not outcome.case.harmful]
    caught = sum(outcome.comparison.worse for outcome in harmful)
    flagged = sum(outcome.comparison.worse for outcome in harmless)
    return [
        f"{caught} of {len(harmful)} faults caught",
        f"{flagged} of {len(harmless)} harmless changes flagged",
    ]
