"""The interface of a metric: one named function from an item, its question and the documents to a number or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ..datasets.questions import Question
from ..runs.run_file import Item

Documents = Mapping[str, str]
"""Raw texts by document name."""
Function = Callable[[Item, Question, Documents], float | None]
Kind = Literal["perfect", "quality", "descriptive"]
"""Anything but 1.0 is a bug; more is better; neither good nor bad in itself."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of one answer. Calling it returns a value from 0 to 1 (characters for "chars"), or None."""

    name: str
    function: Function
    kind: Kind = "quality"
    tested: bool = False
    """Whether the gate tests it for loss."""
    answerable_only: bool = False
    """Whether it says nothing about an unanswerable question."""
    column: str = ""
    """Its heading in tables; a metric without one is in the run file only."""
    meaning: str = ""
    """What the column shows, in one line."""

    def __call__(self, item: Item, question: Question, documents: Documents) -> float | None:
        if self.answerable_only and not question.answerable:
            return None
        return self.function(item, question, documents)


def metric(
    name: str,
    *,
    kind: Kind = "quality",
    tested: bool = False,
    answerable_only: bool = False,
    column: str = "",
    meaning: str = "",
) -> Callable[[Function], Metric]:
    """Make a metric of the function below it; see :class:`Metric` for the arguments."""
    return lambda function: Metric(name, function, kind, tested, answerable_only, column, meaning)
