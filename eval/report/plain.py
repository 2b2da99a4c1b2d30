"""Reports for programs and pull requests: Markdown, JUnit XML, and JSON of a comparison."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Any
from xml.etree import ElementTree

from eval.gate.compare import EVERYTHING, Comparison, Difference, Flip
from eval.metrics.scoring import PERFECT, headline
from eval.runs.records import Item, Run
from eval.runs.show import COLUMNS, closing_lines, number

SHOWN_FLIPS = 20
CELL_CHARS = 140
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLE = re.compile(r"\[/?(?:red)?\]")


def run_markdown(run: Run) -> str:
    """Return the figures of a run by type as Markdown."""
    rows = [[kind, row["n"], *(number(row.get(name), name) for name in COLUMNS)] for kind, row in run.by_type.items()]
    whole = {"n": run.summary["n"]} | run.summary["all"]
    rows.append(["**all**", whole["n"], *(number(whole.get(name), name) for name in COLUMNS)])
    lines = [f"- {_STYLE.sub('', line)}" for line in closing_lines(run)]
    title = f"## {run.run.questions.get('name', 'questions')} · {run.run.answerer}"
    return "\n\n".join([title, _table(["type", "n", *COLUMNS.values()], rows), "\n".join(lines)]) + "\n"


def compare_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown fit for a pull request: verdict, differences, flips."""
    reasons = comparison.reasons()
    parts = [f"## {'❌ Worse' if reasons else '✅ Not worse'}: {comparison.base.name} → {comparison.new.name}"]
    if reasons:
        parts.append("\n".join(f"- {reason}" for reason in reasons))
    rows = [d for d in comparison.differences if d.group == EVERYTHING or d.significant]
    parts.append(_table(_HEAD, [_difference(d) for d in rows]))
    if comparison.flips:
        worse = sum(flip.change < 0 for flip in comparison.flips)
        parts.append(f"### Flipped: {worse} to worse, {len(comparison.flips) - worse} to better")
        parts.append(
            _table(["", "id", "question", "before", "after"], [_flip(f) for f in comparison.flips[:SHOWN_FLIPS]])
        )
        if len(comparison.flips) > SHOWN_FLIPS:
            parts.append(f"... and {len(comparison.flips) - SHOWN_FLIPS} more")
    return "\n\n".join(parts) + "\n"


_HEAD = ["metric", "group", "n", "base", "new", "difference", "95 % interval", "worse / better", "corrected p"]


def _difference(d: Difference) -> list[str]:
    change = f"{d.change:+.3f}"
    return [
        d.metric,
        d.group,
        str(d.n),
        f"{d.base:.3f}",
        f"{d.new:.3f}",
        f"**{change}**" if d.significant else change,
        f"{d.low:+.3f} to {d.high:+.3f}",
        f"{d.losses} / {d.gains}",
        f"{d.adjusted:.3g}",
    ]


def _flip(flip: Flip) -> list[str]:
    return ["▲" if flip.change > 0 else "▼", flip.new.id, flip.new.question, flip.base.answer, flip.new.answer]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    text = re.sub(r"\s+", " ", str(value)).strip()
    text = text if len(text) <= CELL_CHARS else text[:CELL_CHARS] + "…"
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def run_junit(run: Run) -> str:
    """Return a run as JUnit XML: a test case a question, in a suite by type.

    A question fails when its answer is wrong or a metric that must be perfect is not; it is skipped when no
    metric judges its answer.
    """
    suites = ElementTree.Element("testsuites", name=str(run.run.questions.get("name", "questions")))
    for kind in run.by_type:
        items = [item for item in run.items if item.asked is not None and item.asked.type == kind]
        suite = ElementTree.SubElement(suites, "testsuite", name=kind)
        outcomes = [_case(suite, kind, item) for item in items]
        suite.set("tests", str(len(items)))
        for outcome in ("failures", "errors", "skipped"):
            suite.set(outcome, str(outcomes.count(outcome)))
    return _xml(suites)


def _case(suite: ElementTree.Element, kind: str, item: Item) -> str:
    seconds = item.latency_ms.get("total", 0.0) / 1000
    case = ElementTree.SubElement(
        suite, "testcase", classname=kind, name=_clean(f"{item.id} {item.question}"), time=f"{seconds:.3f}"
    )
    metric = headline(item.scores)
    imperfect = [name for name in PERFECT if item.scores.get(name, 1.0) < 1.0]
    if item.error:
        ElementTree.SubElement(case, "error", message=_clean(item.error))
        return "errors"
    if imperfect or (metric and item.scores[metric] < 1.0):
        message = ", ".join(f"{name} {item.scores[name]:g}" for name in [*imperfect, *([metric] if metric else [])])
        failure = ElementTree.SubElement(case, "failure", message=message)
        failure.text = _clean(f"answer: {item.answer}\nexpected: {item.asked.answer if item.asked else ''}")
        return "failures"
    if metric is None:
        ElementTree.SubElement(case, "skipped", message="no metric judges this question")
        return "skipped"
    return "passed"


def compare_junit(comparison: Comparison) -> str:
    """Return a comparison as JUnit XML: a test case for each reason that it could be worse."""
    suites = ElementTree.Element("testsuites", name=f"{comparison.base.name} to {comparison.new.name}")
    suite = ElementTree.SubElement(suites, "testsuite", name="gate")
    failures = 0
    for d in comparison.differences:
        case = ElementTree.SubElement(suite, "testcase", classname=d.group, name=d.metric)
        if d.is_loss:
            failures += 1
            ElementTree.SubElement(case, "failure", message=" ".join(_difference(d)))
    dropped = {drop.metric: drop for drop in comparison.drops}
    for metric in PERFECT:
        case = ElementTree.SubElement(suite, "testcase", classname="must be perfect", name=metric)
        if metric in dropped:
            failures += 1
            drop = dropped[metric]
            ElementTree.SubElement(
                case, "failure", message=f"{drop.base:.4f} to {drop.new:.4f}: {', '.join(drop.questions)}"
            )
    for row in comparison.failed:
        case = ElementTree.SubElement(suite, "testcase", classname="failed", name=row.id)
        ElementTree.SubElement(case, "failure", message=_clean(row.error or ""))
        failures += 1
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    return _xml(suites)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _xml(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def compare_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison for programs."""
    differences = [
        dataclasses.asdict(d) | {"change": d.change, "significant": d.significant, "loss": d.is_loss}
        for d in comparison.differences
    ]
    flips = [
        {
            "id": flip.new.id,
            "type": flip.new.type,
            "metric": flip.metric,
            "question": flip.new.question,
            "base": {"score": flip.base.scores[flip.metric], "answer": flip.base.answer},
            "new": {"score": flip.new.scores[flip.metric], "answer": flip.new.answer},
        }
        for flip in comparison.flips
    ]
    return {
        "base": comparison.base.name,
        "new": comparison.new.name,
        "worse": comparison.worse,
        "reasons": comparison.reasons(),
        "differences": differences,
        "drops": [dataclasses.asdict(drop) for drop in comparison.drops],
        "failed": [row.id for row in comparison.failed],
        "flips": flips,
        "reworded": list(comparison.reworded),
        "only_base": list(comparison.only_base),
        "only_new": list(comparison.only_new),
    }
