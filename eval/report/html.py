"""HTML reports: a run or a comparison as one file that loads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..gate.comparison import EVERYTHING, Comparison, Difference, Row
from ..metrics.registry import COLUMNS, METRICS, PERFECT
from ..metrics.scoring import headline
from ..runs.run_file import Item, Run
from . import charts, question
from .console import number

UNMARKED = ("chars", "abstained", "char_f1")
"""Columns without a colour: no value of them is good or bad."""
LOW, HIGH = 0.5, 0.8
"""Means below the first are marked bad, from the second on good."""


@dataclass(frozen=True, slots=True)
class Card:
    """One figure of the overview."""

    label: str
    figure: str
    note: str
    bad: bool = False


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Return the templates, which escape everything that is put into them."""
    environment = Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "badge": question.badge,
        "columns": COLUMNS,
        "everything": EVERYTHING,
        "expectations": question.expectations,
        "figures": question.figures,
        "mark_of": mark_of,
        "meanings": [(metric.column, metric.meaning) for metric in METRICS if metric.column],
        "significance": significance,
        "source": question.source,
        "verdict": question.verdict,
    }
    environment.filters |= {"number": number, "pieces": question.pieces, "spaced": lambda text: text.replace("_", " ")}
    return environment


def run_page(run: Run) -> str:
    """Return the report of ``run`` as one HTML file."""
    order = ("bad", "none", "good")
    items = [item for item in run.items if item.asked is not None]
    items.sort(key=lambda item: (order.index(question.verdict(item)), headline(item.scores) is None))
    seconds = [item.latency_ms["total"] for item in run.items if "total" in item.latency_ms]
    return (
        templates()
        .get_template("run.html")
        .render(
            name=run.run.questions.get("name", "questions"),
            run=run,
            cards=cards(run),
            headlines=headlines(run),
            histogram=charts.histogram(seconds) if seconds else None,
            totals=totals(run),
            items=items,
        )
    )


def cards(run: Run) -> list[Card]:
    """Return the few figures that matter most."""
    summary = run.summary
    whole, answerable = summary["all"], summary["answerable"]
    shown: list[tuple[str, float | None, str]] = [
        ("correct", whole["correct"], "all questions"),
        ("correct", answerable["correct"], "answerable"),
        ("evidence recall", whole["evidence_recall"], "quotes cited"),
        ("retrieval@5", whole["retrieval@5"], "quotes in 5 passages"),
        ("abstention F1", summary["abstention"]["f1"], "abstaining as positive"),
        *((metric.replace("_", " "), whole[metric], "must be 1") for metric in PERFECT),
        *((f"judge: {name}", summary.get("judge", {}).get(name), "a model's opinion") for name in _JUDGED),
    ]
    boxes = [
        Card(label, number(value), note, note == "must be 1" and value < 1.0)
        for label, value, note in shown
        if value is not None
    ]
    if summary["errors"]:
        boxes.append(Card("failed", str(summary["errors"]), "questions", True))
    if summary["latency_ms"]:
        boxes.append(Card("p50 / p95", "{p50:.0f} / {p95:.0f}".format(**summary["latency_ms"]), "ms a question"))
    return boxes


_JUDGED = ("faithfulness", "relevance")


def headlines(run: Run) -> list[tuple[str, float | None, str]]:
    """Return (type, its headline metric or None, note), worst first, for bars."""
    rows: list[tuple[str, float | None, str]] = []
    for kind, row in run.by_type.items():
        metric = headline(row)
        note = f"{(metric or 'no score').replace('_', ' ')}, n {row['n']}"
        rows.append((kind, row[metric] if metric else None, note))
    return sorted(rows, key=lambda row: (row[1] is None, row[1]))


def totals(run: Run) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the rows below the table by type: what is answerable, what is not, and all."""
    parts = [(part, run.summary[part]) for part in ("answerable", "unanswerable") if run.summary[part]["n"]]
    return [*parts, ("all", {"n": run.summary["n"]} | run.summary["all"])]


def mark_of(metric: str, value: float | None) -> str:
    """Return the colour of a mean in a table: "bad", "good" or none."""
    if value is None or metric in UNMARKED:
        return ""
    if metric in PERFECT:
        return "bad" if value < 1.0 else "good"
    return "bad" if value < LOW else "good" if value >= HIGH else ""


def comparison_page(comparison: Comparison) -> str:
    """Return the report of ``comparison`` as one HTML file."""
    flipped = {flip.new.id for flip in comparison.flips}
    flips = [
        Pair(
            comparison.base.rows[flip.new.id],
            comparison.new.rows[flip.new.id],
            f"{flip.metric.replace('_', ' ')} {flip.base.scores[flip.metric]:g} → {flip.new.scores[flip.metric]:g}",
            "good" if flip.change > 0 else "bad",
        )
        for flip in comparison.flips
    ]
    reworded = [
        Pair(comparison.base.rows[name], comparison.new.rows[name], "reworded", "none")
        for name in comparison.reworded
        if name not in flipped
    ]
    over_all = [d for d in comparison.differences if d.group == EVERYTHING]
    by_type = [d for d in comparison.differences if d.group != EVERYTHING and (d.losses or d.gains)]
    return (
        templates()
        .get_template("comparison.html")
        .render(
            comparison=comparison,
            common=sum(name in comparison.base.rows for name in comparison.new.rows),
            worse=sum(flip.change < 0 for flip in comparison.flips),
            over_all=over_all,
            by_type=by_type,
            intervals=charts.intervals([(d.metric, d.change, d.low, d.high, significance(d)) for d in over_all]),
            sections=[
                ("Flipped questions", flips, types(flips)),
                ("Answers that changed without flipping", reworded, types(reworded)),
            ],
        )
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """One question in both runs, with what changed."""

    base: Row
    new: Row
    change: str
    mark: str

    @property
    def item(self) -> Item | None:
        """The whole item of either run; a baseline has none."""
        return self.new.item or self.base.item


def types(pairs: Sequence[Pair]) -> list[str]:
    """Return the types of the pairs' questions, each once."""
    return list(dict.fromkeys(pair.new.type for pair in pairs))


def significance(difference: Difference) -> str:
    """Return the colour of a difference: "bad" for a loss, "good" for a gain, nothing where chance explains it."""
    return "" if not difference.significant else "bad" if difference.is_loss else "good"
