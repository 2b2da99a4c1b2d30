"""Reports: self-contained, escaped, and telling what the figures tell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from eval.gate.compare import Comparison, compare, side
from eval.report import charts
from eval.report.compare_page import compare_page
from eval.report.markup import Markup, tag
from eval.report.plain import compare_json, compare_junit, compare_markdown, run_junit, run_markdown
from eval.report.run_page import run_page
from eval.runs.records import Run

MakeRun = Callable[..., Run]
VOID = {"meta", "input", "br"}
HOSTILE = "<script>alert('x')</script> | [1] & \"quoted\" \x0b"


class Page(HTMLParser):
    """Reads a page and fails on elements that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def having(self, class_: str) -> list[str]:
        return [tag for tag, attributes in self.elements if class_ in (attributes.get("class") or "").split()]


@pytest.fixture
def hostile(make_run: MakeRun) -> Run:
    """A run whose texts are not to be trusted."""
    run = make_run(2, 1, abstained=1)
    item = run.items[0].model_copy(update={"answer": HOSTILE, "question": HOSTILE, "warnings": [HOSTILE]})
    broken = run.items[1].model_copy(update={"error": HOSTILE})
    return run.model_copy(update={"items": [item, broken, *run.items[2:]]})


@pytest.fixture
def worse(make_run: MakeRun) -> Comparison:
    return compare(side("before", make_run(20)), side("after", make_run(10, 2, abstained=8)))


def test_the_page_of_a_run_loads_nothing_and_runs_nothing_of_an_answer(hostile: Run) -> None:
    text = run_page(hostile)
    page = Page(text)
    assert not re.search(r"https?://|url\(|@import|<link|<img|<iframe", text)
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not any("src" in attributes for _, attributes in page.elements)
    assert "alert('x')" in page.text


def test_the_page_of_a_run_holds_every_question_with_its_sources(make_run: MakeRun) -> None:
    run = make_run(2, 1, abstained=1)
    page = Page(run_page(run))
    entries = [attributes for tag, attributes in page.elements if tag == "details" and "data-type" in attributes]
    assert [attributes["data-verdict"] for attributes in entries] == ["bad", "bad", "good", "good"]
    assert page.having("bar")
    assert len(page.having("source")) == 3
    assert "wrong, abstained" in page.text
    assert "青河全长120公里。" in page.text  # the evidence


def test_a_citation_is_marked_in_its_source(make_run: MakeRun) -> None:
    run = make_run(1)
    citation = (
        run.items[0]
        .citations[0]
        .model_copy(update={"context": [("青河全", False), ("120公里", True), ("。\n\n\n青河流经", False)]})
    )
    run = run.model_copy(update={"items": [run.items[0].model_copy(update={"citations": [citation]})]})
    text = run_page(run)
    assert "<span>青河全</span><mark>120公里</mark><span>。\n青河流经</span>" in text


def test_the_page_of_a_comparison_shows_the_verdict_and_flips_side_by_side(worse: Comparison) -> None:
    text = compare_page(worse)
    page = Page(text)
    assert "Worse" in page.text
    assert text.index("Flipped questions") < text.index("Differences by type")
    assert len(page.having("sides")) == 10
    assert "correct 1 → 0" in page.text
    assert page.having("whisker")


def test_the_page_of_two_equal_runs_says_so(make_run: MakeRun) -> None:
    page = Page(compare_page(compare(side("a", make_run(3)), side("b", make_run(3)))))
    assert "Not worse" in page.text


def test_markdown_is_a_table_that_hostile_text_cannot_leave(hostile: Run, make_run: MakeRun) -> None:
    lines = run_markdown(make_run(2, 1)).splitlines()
    assert lines[2].startswith("| type | n | correct |")
    assert lines[4].startswith("| single_fact | 3 | 0.667 |")
    base = make_run(2, 1, abstained=1)
    changed = hostile.items[0].model_copy(update={"scores": hostile.items[0].scores | {"correct": 0.0}})
    comparison = compare(side("a", base), side("b", hostile.model_copy(update={"items": [changed, *base.items[1:]]})))
    row = next(line for line in compare_markdown(comparison).splitlines() if line.startswith("| ▼"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert "<script" not in row


def test_markdown_of_a_comparison_leads_with_the_verdict(worse: Comparison) -> None:
    text = compare_markdown(worse)
    assert text.startswith("## ❌ Worse: before → after")
    assert "correct (all) fell from 1.000 to 0.500" in text
    assert "### Flipped: 10 to worse, 0 to better" in text


def test_junit_counts_failures_errors_and_what_nobody_judges(hostile: Run) -> None:
    unjudged = hostile.items[2].model_copy(update={"scores": {}})
    run = hostile.model_copy(update={"items": [*hostile.items[:2], unjudged, hostile.items[3]]})
    suite = ElementTree.fromstring(run_junit(run).encode()).find("testsuite")
    assert suite is not None
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1"}


def test_junit_of_a_comparison_fails_where_the_gate_does(worse: Comparison, make_run: MakeRun) -> None:
    suite = ElementTree.fromstring(compare_junit(worse).encode()).find("testsuite")
    assert suite is not None
    failed = [f"{case.get('classname')} {case.get('name')}" for case in suite if case.find("failure") is not None]
    assert "all correct" in failed
    assert suite.get("failures") == str(len(failed))
    same = compare(side("a", make_run(3)), side("b", make_run(3)))
    assert 'failures="0"' in compare_junit(same)


def test_json_of_a_comparison_says_what_the_page_says(worse: Comparison) -> None:
    data = json.loads(json.dumps(compare_json(worse)))
    assert data["worse"] is True
    assert len(data["flips"]) == 10
    assert data["flips"][0]["base"]["answer"] == "120公里。[1]"
    assert next(d for d in data["differences"] if d["metric"] == "correct")["loss"] is True


def test_markup_is_escaped_once() -> None:
    assert tag("b", "<", Markup("<i>x</i>"), title='"') == '<b title="&quot;">&lt;<i>x</i></b>'
    assert tag("b", data_x=None, hidden=True, class_="c") == '<b hidden class="c"></b>'


def test_charts_draw_what_they_are_given() -> None:
    svg = charts.bars("t", [("a", 0.5, "n 2"), ("b", None, "")])
    assert svg.count('class="bar"') == 1
    assert f'width="{charts.BAR / 2:.1f}"' in svg
    assert charts.histogram("t", [], "ms") == ""
    assert charts.histogram("t", [1.0, 1.0, 2.0], "ms", bins=2).count("<title>") == 2
    assert charts.intervals("t", [("a", -0.1, -0.2, 0.0, "bad")]).count("whisker bad") == 1
