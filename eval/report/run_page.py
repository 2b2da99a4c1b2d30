"""The HTML report of one run: overview, figures by type, every question."""

from __future__ import annotations

from typing import Any

from eval.metrics.scoring import PERFECT, headline
from eval.report import charts
from eval.report.markup import Markup, table, tag
from eval.report.page import controls, page
from eval.report.questions import entry, verdict
from eval.runs.records import Item, Run
from eval.runs.show import COLUMNS, number

MEANINGS = {
    "correct": "every group of expected words in the beginning of the answer and none that must not be there; or "
    "rightly abstained",
    "abstained": "share of questions on which it abstained",
    "citation_validity": "share of citations whose spans cut exactly their quote out of the source; must be 1",
    "cited": "share of answers of which every sentence carries a citation; must be 1",
    "number_fidelity": "share of answers whose every number and date occurs in a passage that they cite; must be 1",
    "evidence_recall": "share of evidence quotes of which at least half lies inside a citation",
    "evidence_precision": "share of citations that touch an evidence quote",
    "retrieval@5": "share of evidence quotes of which at least half lies inside the first five passages",
    "dense@10": "share of evidence that the dense index alone has among its first ten",
    "lexical@10": "share of evidence that the lexical index alone has among its first ten",
    "mrr@10": "one over the rank of the first passage with a quote, 0 beyond ten",
    "citation_recall": "share of sentences that their citations together support, by the deterministic check",
    "citation_precision": "share of citations that their sentence needs",
    "char_f1": "letters and digits in common with the reference answer",
    "chars": "characters of an answer",
}


def run_page(run: Run) -> str:
    """Return the report of ``run`` as one HTML file."""
    name = run.run.questions.get("name", "questions")
    return page(
        f"{name}: {run.run.answerer}",
        tag("header", tag("h1", f"{name} · {run.run.answerer}"), about(run)),
        cards(run),
        tag("section", tag("div", by_type_chart(run), _latency(run), class_="figures-row")),
        tag("section", tag("h2", "By type"), figures_table(run), *_splits(run), legend()),
        tag(
            "section", tag("h2", "Questions"), controls(list(run.by_type), f"{len(run.items)} questions"), _entries(run)
        ),
    )


def about(run: Run) -> Markup:
    """Return a line of what was run."""
    info = run.run
    facts = [info.started, f"code {info.git}" if info.git else "", f"embedder {info.embedder}"]
    facts += [f"{len(info.documents)} documents", f"index {info.index[:16]}", f"scores {info.scores_sha256[:16]}"]
    return tag("p", " · ".join(fact for fact in facts if fact), class_="about")


def cards(run: Run) -> Markup:
    """Return the few figures that matter most."""
    summary = run.summary
    whole, answerable = summary["all"], summary["answerable"]
    perfect = [(metric.replace("_", " "), whole[metric]) for metric in PERFECT]
    shown: list[tuple[str, Any, str]] = [
        ("correct", whole["correct"], "all questions"),
        ("correct", answerable["correct"], "answerable"),
        ("evidence recall", whole["evidence_recall"], "quotes cited"),
        ("retrieval@5", whole["retrieval@5"], "quotes in 5 passages"),
        ("abstention F1", summary["abstention"]["f1"], "abstaining as positive"),
    ]
    boxes = [_card(label, number(value), note) for label, value, note in shown if value is not None]
    boxes += [
        _card(label, number(value), "must be 1", "" if value == 1.0 else "bad")
        for label, value in perfect
        if value is not None
    ]
    for metric in ("faithfulness", "relevance"):
        value = summary.get("judge", {}).get(metric)
        if value is not None:
            boxes.append(_card(f"judge: {metric}", number(value), "a model's opinion"))
    if summary["errors"]:
        boxes.append(_card("failed", str(summary["errors"]), "questions", "bad"))
    if summary["latency_ms"]:
        boxes.append(_card("p50 / p95", "{p50:.0f} / {p95:.0f}".format(**summary["latency_ms"]), "ms a question"))
    return tag("section", *boxes, class_="cards")


def _card(label: str, figure: str, note: str, mark: str = "") -> Markup:
    return tag("div", tag("span", label), tag("strong", figure), tag("small", note), class_=f"card {mark}".strip())


def by_type_chart(run: Run) -> Markup:
    """Return bars of the headline metric by type, worst first."""
    rows = []
    for kind, row in run.by_type.items():
        metric = headline(row)
        rows.append(
            (kind, row[metric] if metric else None, f"{(metric or 'no score').replace('_', ' ')}, n {row['n']}")
        )
    rows.sort(key=lambda row: (row[1] is None, row[1]))
    return charts.bars("Right answers by type; evidence recall where nothing else judges", rows)


def figures_table(run: Run) -> Markup:
    """Return every figure by type, with the sums below."""
    rows = [_row(kind, row) for kind, row in run.by_type.items()]
    for part in ("answerable", "unanswerable"):
        if run.summary[part]["n"]:
            rows.append(_row(part, run.summary[part], "sum"))
    rows.append(_row("all", {"n": run.summary["n"]} | run.summary["all"], "sum"))
    return table(["type", "n", *COLUMNS.values()], rows, class_="figures-table")


def _splits(run: Run) -> list[Markup]:
    """Return a folded table by type for each split."""
    tables = []
    for split, whole in run.by_split.items():
        rows = [_row(kind, row) for kind, row in whole["by_type"].items()]
        rows.append(_row(f"all of {split}", whole, "sum"))
        title = tag("summary", f"split {split}: n {whole['n']}, correct {number(whole['correct'])}")
        tables.append(tag("details", title, table(["type", "n", *COLUMNS.values()], rows), class_="fold"))
    return tables


def legend() -> Markup:
    """Return what the columns mean, folded up."""
    lines = [tag("li", tag("b", COLUMNS[name]), f": {text}") for name, text in MEANINGS.items()]
    return tag("details", tag("summary", "what the columns mean"), tag("ul", *lines), class_="fold")


def _row(label: str, row: dict[str, Any], class_: str = "") -> list[Markup]:
    cells = [tag("td", label, class_=class_ or None), tag("td", row["n"], class_=class_ or None)]
    for metric in COLUMNS:
        value = row.get(metric)
        mark = class_
        if value is not None and metric not in ("chars", "abstained", "char_f1"):
            low = value < 1.0 if metric in PERFECT else value < 0.5
            mark = f"{class_} {'bad' if low else 'good' if value >= 0.8 else ''}"
        cells.append(tag("td", number(value, metric), class_=mark.strip() or None))
    return cells


def _latency(run: Run) -> Markup:
    values = [item.latency_ms["total"] for item in run.items if "total" in item.latency_ms]
    return charts.histogram("Time to an answer, questions by milliseconds", values, "ms")


def _entries(run: Run) -> Markup:
    order = {"bad": 0, "none": 1, "good": 2}
    items: list[Item] = sorted(run.items, key=lambda item: (order[verdict(item)], headline(item.scores) is None))
    return tag("div", *(entry(item, item.asked) for item in items if item.asked), class_="entries")
