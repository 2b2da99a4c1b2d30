"""Scores of a run: every metric for every item, and their means by type, by split and over the whole set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..datasets.questions import Question, conversations
from ..runs.run_file import EvidenceRecord, Item, Run, Scores, scores_digest
from . import aggregate
from .base import Documents
from .evidence import evidence_cited
from .ranking import evidence_ranks
from .registry import METRICS, NAMES

DIGITS = 6


def score_item(question: Question, item: Item, documents: Documents) -> Scores:
    """Return the value of every metric that applies to this question's answer."""
    values = {metric.name: metric(item, question, documents) for metric in METRICS}
    return {name: round(value, DIGITS) for name, value in values.items() if value is not None}


def score_run(run: Run, questions: Sequence[Question], documents: Documents) -> Run:
    """Return the run with items and summaries scored again. Questions without an item are left out."""
    by_id = {item.id: item for item in run.items}
    asked = [q for q in questions if q.id in by_id]
    return scored_run(run, asked, [_scored(q, by_id[q.id], documents) for q in asked])


def scored_run(run: Run, questions: Sequence[Question], items: Sequence[Item]) -> Run:
    """Return the run with ``items``, which have their scores and are in the order of ``questions``, summed up."""
    kept = list(items)
    info = run.run.model_copy(update={"scores_sha256": scores_digest(kept)})
    return run.model_copy(
        update={
            "run": info,
            "items": kept,
            "summary": summarise(questions, kept),
            "by_type": _grouped(questions, kept, lambda q: q.type),
            "by_split": _by_split(questions, kept),
        }
    )


def _scored(question: Question, item: Item, documents: Documents) -> Item:
    ranks = evidence_ranks(question.evidence, item.passages, documents)
    cited = evidence_cited(question.evidence, item.citations, documents)
    found = [EvidenceRecord(rank=rank, cited=yes) for rank, yes in zip(ranks, cited, strict=True)]
    return item.model_copy(
        update={"scores": score_item(question, item, documents), "evidence": found, "asked": question}
    )


def _grouped(questions: Sequence[Question], items: Sequence[Item], key: Callable[[Question], str]) -> dict[str, Any]:
    by_id = {item.id: item for item in items}
    groups: dict[str, list[Item]] = {}
    for question in questions:
        groups.setdefault(key(question), []).append(by_id[question.id])
    return {name: {"n": len(group)} | means(group) for name, group in groups.items()}


def _by_split(questions: Sequence[Question], items: Sequence[Item]) -> dict[str, Any]:
    rows = _grouped([q for q in questions if q.split], items, lambda q: str(q.split))
    for split, row in rows.items():
        row["by_type"] = _grouped([q for q in questions if q.split == split], items, lambda q: q.type)
    return rows


def headline(scores: Mapping[str, float | None]) -> str | None:
    """Return the metric that answers are judged by at a glance; None when there is none."""
    return next((metric for metric in ("correct", "evidence_recall") if scores.get(metric) is not None), None)


def means(items: Iterable[Item]) -> dict[str, float | None]:
    """Return the mean of every metric over the items that have it; None for a metric that none of them has."""
    rows = [item.scores for item in items]
    values = {name: aggregate.mean(row.get(name) for row in rows) for name in NAMES}
    return {name: value if value is None else round(value, DIGITS) for name, value in values.items()}


def summarise(questions: Sequence[Question], items: Sequence[Item]) -> dict[str, Any]:
    """Return the figures over the whole set; ``items`` are in the order of ``questions``."""
    pairs = list(zip(questions, items, strict=True))
    correct = {item.id: item.scores["correct"] for item in items if "correct" in item.scores}
    return {
        "n": len(items),
        "errors": sum(item.error is not None for item in items),
        "all": means(items),
        "answerable": _part(item for q, item in pairs if q.answerable),
        "unanswerable": _part(item for q, item in pairs if not q.answerable),
        "abstention": aggregate.abstention([item.abstained for item in items], [q.answerable for q in questions]),
        "turns": aggregate.turns([[q.id for q in chain] for chain in conversations(questions)], correct),
        "latency_ms": aggregate.latency(item.latency_ms["total"] for item in items if "total" in item.latency_ms),
    }


def _part(items: Iterable[Item]) -> dict[str, Any]:
    part = list(items)
    return {"n": len(part)} | means(part)
