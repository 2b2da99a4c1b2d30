"""Compares two runs question by question: differences with intervals and tests, flips, and a verdict.

Three kinds of finding make a run worse than its base. A loss that chance does not explain: a metric over all questions,
or over one type, fell and its corrected p is below 0.05. A drop of a metric that must be perfect, however small. A
question on which the pipeline failed and did not before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..errors import DoesNotFit
from ..metrics.registry import PERFECT, TESTED
from ..metrics.scoring import headline
from ..runs.run_file import Run
from . import significance
from .comparison import EVERYTHING, TINY, Comparison, Difference, Drop, Flip, Row, Side
from .differing import about

DIGITS = 4
"""Scores are compared as a baseline holds them, so that rounding alone is no difference."""
ANSWER_CHARS = 120
"""Of an answer that a baseline holds."""


def side(name: str, run: Run) -> Side:
    """Return a run as one side of a comparison.

    Raises:
        DoesNotFit: an item does not hold its question, so it is unknown what was asked.
    """
    rows = {}
    for item in run.items:
        if item.asked is None:
            raise DoesNotFit(f"{name}: item {item.id} lacks `asked`; make the run anew with `qa eval run`")
        rows[item.id] = Row(
            id=item.id,
            type=item.asked.type,
            fingerprint=item.asked.fingerprint,
            question=item.question,
            answer=item.answer,
            abstained=item.abstained,
            scores={name: round(value, DIGITS) for name, value in item.scores.items()},
            error=item.error,
            item=item,
        )
    return Side(name, run.run.documents_sha256, rows, about(run.run))


def compare(base: Side, new: Side, strict: bool = False) -> Comparison:
    """Compare two sides over the questions that both asked; ``strict`` wants the same questions on both.

    Raises:
        DoesNotFit: other documents, a question that was changed in between, no question in common, or, when strict,
            a question that only one side has.
    """
    common = [name for name in new.rows if name in base.rows]
    only_base = tuple(name for name in base.rows if name not in new.rows)
    only_new = tuple(name for name in new.rows if name not in base.rows)
    _check_fit(base, new, common, (*only_base, *only_new) if strict else ())
    pairs = [(base.rows[name], new.rows[name]) for name in common]
    flips = [flip for pair in pairs for flip in _flip(*pair)]
    flipped = {flip.new.id for flip in flips}
    return Comparison(
        base=base,
        new=new,
        differences=tuple(differences(pairs)),
        flips=tuple(sorted(flips, key=lambda flip: (flip.change > 0, flip.new.id))),
        drops=tuple(drop for metric in PERFECT for drop in _drop(metric, pairs)),
        failed=tuple(after for before, after in pairs if after.error and not before.error),
        only_base=only_base,
        only_new=only_new,
        reworded=tuple(b.id for a, b in pairs if b.id not in flipped and _reworded(a, b)),
    )


def _check_fit(base: Side, new: Side, common: Sequence[str], unpaired: Sequence[str]) -> None:
    if not common:
        raise DoesNotFit(f"{base.name} and {new.name} have no question in common")
    changed = [name for name in common if base.rows[name].fingerprint != new.rows[name].fingerprint]
    if changed:
        raise DoesNotFit(
            f"{len(changed)} questions differ between {base.name} and {new.name}, first {changed[0]}; "
            "run both over the same set, or make the baseline anew with `qa eval baseline --why`"
        )
    if unpaired:
        raise DoesNotFit(
            f"{len(unpaired)} questions are only in one of {base.name} and {new.name}, first {unpaired[0]}; "
            "ask the whole set, or make the baseline anew with `qa eval baseline --why`"
        )
    if base.documents_sha256 != new.documents_sha256:
        raise DoesNotFit(
            f"{base.name} and {new.name} were run over different documents; their scores can't be compared"
        )


def differences(pairs: Sequence[tuple[Row, Row]]) -> list[Difference]:
    """Return every tested metric's differences, over all questions and by type, each family corrected by itself."""
    types = list(dict.fromkeys(after.type for _, after in pairs))
    everything = [_difference(metric, EVERYTHING, pairs) for metric in TESTED]
    by_type = [
        _difference(metric, kind, [pair for pair in pairs if pair[1].type == kind])
        for kind in types
        for metric in TESTED
    ]
    return [*_corrected(everything), *_corrected(by_type)]


def _difference(metric: str, group: str, pairs: Iterable[tuple[Row, Row]]) -> Difference | None:
    both = [(a.scores[metric], b.scores[metric]) for a, b in pairs if metric in a.scores and metric in b.scores]
    if not both:
        return None
    changes = [after - before for before, after in both]
    losses, gains = sum(change < -TINY for change in changes), sum(change > TINY for change in changes)
    low, high = significance.bootstrap_interval(changes, f"{metric}/{group}")
    return Difference(
        metric=metric,
        group=group,
        n=len(both),
        base=sum(before for before, _ in both) / len(both),
        new=sum(after for _, after in both) / len(both),
        low=low,
        high=high,
        losses=losses,
        gains=gains,
        p=significance.sign_test(losses, gains),
    )


def _corrected(family: Iterable[Difference | None]) -> list[Difference]:
    there = [difference for difference in family if difference is not None]
    adjusted = significance.adjust([(d.p, d.losses + d.gains) for d in there])
    return [replace(d, adjusted=p) for d, p in zip(there, adjusted, strict=True)]


def _flip(before: Row, after: Row) -> list[Flip]:
    metric = headline(after.scores)
    if metric is None or metric not in before.scores or before.scores[metric] == after.scores[metric]:
        return []
    return [Flip(metric, before, after)]


def _reworded(before: Row, after: Row) -> bool:
    kept = None if before.item and after.item else ANSWER_CHARS
    return before.answer[:kept] != after.answer[:kept]


def _drop(metric: str, pairs: Sequence[tuple[Row, Row]]) -> list[Drop]:
    """Return a drop when a question is below 1.0 that was not, as long as it has the metric now."""
    fallen = [b for a, b in pairs if b.scores.get(metric, 1.0) < min(1.0, a.scores.get(metric, 1.0)) - TINY]
    if not fallen:
        return []
    before = [a.scores[metric] for a, _ in pairs if metric in a.scores]
    after = [b.scores[metric] for _, b in pairs if metric in b.scores]
    was = sum(before) / len(before) if before else 1.0
    return [Drop(metric, was, sum(after) / len(after), tuple(row.id for row in fallen))]
