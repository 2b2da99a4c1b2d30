"""The HTML report of one run: overview, figures by type, every question."""

from __future__ import annotations

from typing import Any

from eval.compare import headline
from eval.records import Item, Run
from eval.report import charts
from eval.report.markup import Markup, table, tag
from eval.report.page import controls, page
from eval.report.questions import entry, verdict
from eval.scoring import PERFECT
from eval.show import COLUMNS, number


def run_page(run: Run) -> str:
    """Return the report of ``run`` as one HTML file."""
    name = run.run.questions.get("name", "questions")
    return page(
        f"{name}: {run.run.answerer}",
        tag("header", tag("h1", f"{name} · {run.run.answerer}"), about(run)),
        cards(run),
        tag("section", tag("h2", "By type"), by_type_chart(run), figures_table(run)),
        tag("section", tag("h2", "Time"), _latency(run)),
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
        metric = next((name for name in ("correct", "evidence_recall") if row.get(name) is not None), None)
        share = row[metric] if metric else None
        rows.append((kind, share, f"{metric or 'no score'}, n {row['n']}"))
    rows.sort(key=lambda row: (row[1] is None, row[1]))
    return charts.bars("Right answers by type (evidence recall where a type has no reference to match)", rows)


def figures_table(run: Run) -> Markup:
    """Return every figure by type, with the sums below."""
    rows = [_row(kind, row) for kind, row in run.by_type.items()]
    for part in ("answerable", "unanswerable"):
        if run.summary[part]["n"]:
            rows.append(_row(part, run.summary[part], "sum"))
    rows.append(_row("all", {"n": run.summary["n"]} | run.summary["all"], "sum"))
    rows += [_row(f"split {split}", row, "sum") for split, row in run.by_split.items()]
    return table(["type", "n", *COLUMNS.values()], rows, class_="figures-table")


def _row(label: str, row: dict[str, Any], class_: str = "") -> list[Markup]:
    cells = [tag("td", label, class_=class_ or None), tag("td", row["n"], class_=class_ or None)]
    for metric in COLUMNS:
        value = row.get(metric)
        mark = class_
        if value is not None and metric not in ("chars", "abstained"):
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
