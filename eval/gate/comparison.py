"""The result of comparing two runs: differences, flips, drops, and whether the new run is worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from ..runs.run_file import Item, Scores
from .differing import Differing, differing
from .significance import ALPHA, detectable_losses

EVERYTHING = "all"
"""The name of the group of all questions."""
JUDGED = "correct"
"""The metric whose loss decides whether there are questions enough."""
TELLS = 0.1
"""A set must be sure to show the loss of one answer in ten; else it can't say that nothing got worse."""
TINY = 1e-9
"""Differences below this are rounding."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question in one run, as far as comparing needs it."""

    id: str
    type: str
    fingerprint: str
    question: str
    """Empty in a baseline."""
    answer: str
    abstained: bool
    scores: Scores
    error: str | None = None
    item: Item | None = None
    """The whole item, when the row comes from a run and not from a baseline."""


class Verdict(StrEnum):
    """What a comparison says of the new run."""

    WORSE = "worse"
    NOT_WORSE = "not worse"
    TOO_FEW = "too few questions to tell"
    """No loss is shown, and one of ``TELLS`` might not have been."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared."""

    name: str
    documents_sha256: str
    rows: Mapping[str, Row]
    about: Mapping[str, str] = field(default_factory=dict)
    """Commit, settings, embedder and so on: what ``differing`` compares."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric over a group of questions ("all" or a type), base against new, over the questions that both score."""

    metric: str
    group: str
    n: int
    base: float
    new: float
    low: float
    high: float
    losses: int
    gains: int
    p: float
    adjusted: float = 1.0

    @property
    def change(self) -> float:
        return self.new - self.base

    @property
    def significant(self) -> bool:
        return self.adjusted < ALPHA

    @property
    def is_loss(self) -> bool:
        """A loss that chance does not explain: more questions fell than rose, and the mean fell with them."""
        return self.significant and self.losses > self.gains and self.change < -TINY


@dataclass(frozen=True, slots=True)
class Flip:
    """A question whose headline score changed; ``metric`` is that score."""

    metric: str
    base: Row
    new: Row

    @property
    def change(self) -> float:
        return self.new.scores[self.metric] - self.base.scores[self.metric]

    def as_json(self) -> dict[str, Any]:
        """Return the flip for programs."""
        rows = {"base": self.base, "new": self.new}
        sides = {name: {"score": row.scores[self.metric], "answer": row.answer} for name, row in rows.items()}
        about = {"id": self.new.id, "type": self.new.type, "metric": self.metric, "question": self.new.question}
        return about | sides


@dataclass(frozen=True, slots=True)
class Drop:
    """A metric that must be perfect and is less so than before."""

    metric: str
    base: float
    new: float
    questions: tuple[str, ...]
    """Ids of questions below 1.0 that were not below it before."""


@dataclass(frozen=True, slots=True)
class Comparison:
    base: Side
    new: Side
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    """Losses first, then gains, each by id."""
    drops: tuple[Drop, ...]
    failed: tuple[Row, ...]
    """Questions on which the pipeline fails and did not before."""
    only_base: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    """Answers that changed in wording alone."""

    @property
    def detectable(self) -> float | None:
        """The smallest loss of right answers, as a share, that so many questions are sure to show; None if none is.

        Whatever became of the other metrics, and beside the gains that there were.
        """
        over_all = [difference for difference in self.differences if difference.group == EVERYTHING]
        judged = next((d for d in over_all if d.metric == JUDGED), over_all[0] if over_all else None)
        if judged is None:
            return None
        losses = detectable_losses(judged.gains, len(over_all))
        return (losses - judged.gains) / judged.n if losses + judged.gains <= judged.n else None

    @property
    def verdict(self) -> Verdict:
        if self.worse:
            return Verdict.WORSE
        enough = self.detectable is not None and self.detectable <= TELLS
        return Verdict.NOT_WORSE if enough else Verdict.TOO_FEW

    def sensitivity(self) -> str:
        """Return, in a sentence, which loss these questions are sure to show."""
        if self.detectable is None:
            return "so few questions are sure to show no loss, however large; ask more"
        return f"the smallest loss that these questions are sure to show is {self.detectable:.1%} of the answers"

    @property
    def differing(self) -> tuple[Differing, ...]:
        """What else differs between the two runs: code, settings, embedder, dates, weights."""
        return differing(self.base.about, self.new.about)

    @property
    def losses(self) -> tuple[Difference, ...]:
        return tuple(difference for difference in self.differences if difference.is_loss)

    @property
    def worse(self) -> bool:
        return bool(self.losses or self.drops or self.failed)

    def reasons(self) -> list[str]:
        """Return, a line each, why the new run is worse; nothing when it is not."""
        lines = [
            f"{d.metric} ({d.group}) fell from {d.base:.3f} to {d.new:.3f}: "
            f"{d.losses} questions worse, {d.gains} better, corrected p {d.adjusted:.2g}"
            for d in self.losses
        ]
        lines += [
            f"{d.metric} must be 1.0 and fell from {d.base:.4f} to {d.new:.4f}: {', '.join(d.questions[:5]) or '-'}"
            for d in self.drops
        ]
        lines += [f"{row.id} failed: {row.error}" for row in self.failed[:5]]
        return lines

    def as_json(self) -> dict[str, Any]:
        """Return the comparison for programs."""
        return {
            "base": self.base.name,
            "new": self.new.name,
            "worse": self.worse,
            "verdict": str(self.verdict),
            "smallest_detectable_loss": self.detectable,
            "differing": [asdict(one) for one in self.differing],
            "reasons": self.reasons(),
            "differences": [
                asdict(d) | {"change": d.change, "significant": d.significant, "loss": d.is_loss}
                for d in self.differences
            ],
            "drops": [asdict(drop) for drop in self.drops],
            "failed": [row.id for row in self.failed],
            "flips": [flip.as_json() for flip in self.flips],
            "reworded": list(self.reworded),
            "only_base": list(self.only_base),
            "only_new": list(self.only_new),
        }
