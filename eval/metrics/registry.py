"""The registry of metrics: what an answer is scored by. A new metric is a line here.

The order is that of tables, of the gate's tests and of a baseline's lines.
"""

from __future__ import annotations

from . import answers, evidence, overlap, pages, ranking, support
from .base import Metric

METRICS: tuple[Metric, ...] = (
    answers.correct,
    answers.abstained,
    answers.abstention_right,
    evidence.citation_validity,
    support.number_fidelity,
    answers.cited,
    evidence.evidence_recall,
    evidence.evidence_precision,
    *(ranking.recall_at(k) for k in (1, 5, 10)),
    *(ranking.index_recall_at(index, 10) for index in ("dense", "lexical")),
    ranking.mean_reciprocal_rank,
    ranking.normalised_gain,
    support.citation_recall,
    support.citation_precision,
    overlap.token_f1,
    overlap.char_f1,
    overlap.rouge_l,
    pages.citation_page,
    pages.citation_boxes,
    answers.chars,
)

NAMES = tuple(metric.name for metric in METRICS)
PERFECT = tuple(metric.name for metric in METRICS if metric.kind == "perfect")
"""Metrics of which anything but 1.0 is a bug."""
TESTED = tuple(metric.name for metric in METRICS if metric.tested)
"""Metrics that the gate tests for loss. Others would say the same again and cost these some of their power."""
COLUMNS = {metric.name: metric.column for metric in METRICS if metric.column}
"""Metrics in tables, with their headings."""
