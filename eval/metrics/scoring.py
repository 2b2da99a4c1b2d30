"""Scores of a run: every metric for every item, and their means by type, by split and over the whole set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from eval.datasets.questions import Question, conversations
from eval.metrics import answers, evidence, sets, support
from eval.metrics.evidence import Texts
from eval.metrics.text import without_marks
from eval.runs.records import EvidenceRecord, Item, Run, Scores, scores_digest

PERFECT = ("citation_validity", "number_fidelity", "cited")
"""Metrics of which anything but 1.0 is a bug."""
QUALITY = (
    "correct",
    "abstention_right",
    "evidence_recall",
    "evidence_precision",
    "retrieval@1",
    "retrieval@5",
    "retrieval@10",
    "dense@10",
    "lexical@10",
    "mrr@10",
    "ndcg@10",
    "citation_recall",
    "citation_precision",
    "token_f1",
    "char_f1",
    "rouge_l",
)
"""Metrics of which more is better, each 0 to 1."""
DESCRIPTIVE = ("abstained", "chars")
"""What is counted and neither good nor bad in itself."""
DIGITS = 6


def score_item(question: Question, item: Item, texts: Texts) -> Scores:
    """Return every metric that applies to this question's answer."""
    judged = support.judge(item, texts)
    values: dict[str, float | None] = {
        "correct": answers.correct(question, item.answer, item.abstained),
        "abstained": float(item.abstained),
        "abstention_right": float(item.abstained != question.answerable),
        "chars": float(len(without_marks(item.answer))),
        "citation_validity": evidence.citation_validity(item.citations, texts),
        "cited": answers.cited([s.citations for s in item.sentences], item.abstained),
        "number_fidelity": support.number_fidelity(item, texts),
        "citation_recall": support.citation_recall(judged),
        "citation_precision": support.citation_precision(judged),
    }
    if question.answerable:
        values |= _against_evidence(question, item, texts) | _against_reference(question, item)
    return {name: round(value, DIGITS) for name, value in values.items() if value is not None}


def _against_evidence(question: Question, item: Item, texts: Texts) -> dict[str, float | None]:
    quotes = question.evidence
    ranks = evidence.evidence_ranks(quotes, item.passages, texts)
    return {
        "evidence_recall": evidence.evidence_recall(quotes, item.citations, texts),
        "evidence_precision": evidence.evidence_precision(quotes, item.citations, texts),
        "retrieval@1": evidence.retrieval_at(ranks, 1),
        "retrieval@5": evidence.retrieval_at(ranks, 5),
        "retrieval@10": evidence.retrieval_at(ranks, 10),
        "dense@10": evidence.index_recall(quotes, item.passages, texts, "dense"),
        "lexical@10": evidence.index_recall(quotes, item.passages, texts, "lexical"),
        "mrr@10": evidence.reciprocal_rank(ranks),
        "ndcg@10": evidence.ndcg(ranks),
    }


def _against_reference(question: Question, item: Item) -> dict[str, float | None]:
    text = "" if item.abstained else item.answer
    return {
        "token_f1": answers.token_f1(text, question.answer),
        "char_f1": answers.char_f1(text, question.answer),
        "rouge_l": answers.rouge_l(text, question.answer),
    }


def score_run(run: Run, questions: Sequence[Question], texts: Texts) -> Run:
    """Return the run with items and summaries scored anew. Questions without an item are left out."""
    by_id = {item.id: item for item in run.items}
    asked = [q for q in questions if q.id in by_id]
    items = [_scored(q, by_id[q.id], texts) for q in asked]
    info = run.run.model_copy(update={"scores_sha256": scores_digest(items)})
    return run.model_copy(
        update={
            "run": info,
            "items": items,
            "summary": summarise(asked, items),
            "by_type": _grouped(asked, items, lambda q: q.type),
            "by_split": _by_split(asked, items),
        }
    )


def _scored(question: Question, item: Item, texts: Texts) -> Item:
    ranks = evidence.evidence_ranks(question.evidence, item.passages, texts)
    cited = evidence.evidence_cited(question.evidence, item.citations, texts)
    found = [EvidenceRecord(rank=rank, cited=yes) for rank, yes in zip(ranks, cited, strict=True)]
    return item.model_copy(update={"scores": score_item(question, item, texts), "evidence": found, "asked": question})


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
    names = (*DESCRIPTIVE, *PERFECT, *QUALITY)
    values = {name: sets.mean(row.get(name) for row in rows) for name in names}
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
        "abstention": sets.abstention([item.abstained for item in items], [q.answerable for q in questions]),
        "turns": sets.turns([[q.id for q in chain] for chain in conversations(questions)], correct),
        "latency_ms": sets.latency(item.latency_ms["total"] for item in items if "total" in item.latency_ms),
    }


def _part(items: Iterable[Item]) -> dict[str, Any]:
    part = list(items)
    return {"n": len(part)} | means(part)
