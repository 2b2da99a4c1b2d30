"""Reports as JUnit XML, for continuous integration."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from ..gate.comparison import Comparison, Difference
from ..metrics.registry import PERFECT
from ..metrics.scoring import headline
from ..runs.run_file import Item, Run

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


def comparison_junit(comparison: Comparison) -> str:
    """Return a comparison as JUnit XML: a test case for each reason that it could be worse."""
    suites = ElementTree.Element("testsuites", name=f"{comparison.base.name} to {comparison.new.name}")
    suite = ElementTree.SubElement(suites, "testsuite", name="gate")
    failures = 0
    for d in comparison.differences:
        case = ElementTree.SubElement(suite, "testcase", classname=d.group, name=d.metric)
        if d.is_loss:
            failures += 1
            ElementTree.SubElement(case, "failure", message=_loss(d))
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


def _loss(d: Difference) -> str:
    return (
        f"{d.metric} ({d.group}, n {d.n}) {d.base:.3f} to {d.new:.3f}, {d.change:+.3f} [{d.low:+.3f}, {d.high:+.3f}]: "
        f"{d.losses} worse, {d.gains} better, corrected p {d.adjusted:.3g}"
    )
