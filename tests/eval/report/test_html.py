"""Reports: self-contained, escaped, and telling what the figures tell."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

from eval.gate.compare import compare, side
from eval.gate.comparison import Comparison
from eval.report import charts
from eval.report.html import comparison_page, run_page, templates
from eval.runs.run_file import Run

MakeRun = Callable[..., Run]
VOID = {"meta", "input", "br"}


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
    text = comparison_page(worse)
    page = Page(text)
    assert "Worse" in page.text
    assert text.index("Flipped questions") < text.index("Differences by type")
    assert len(page.having("sides")) == 10
    assert "correct 1 → 0" in page.text
    assert page.having("whisker")


def test_the_page_of_two_equal_runs_says_so(make_run: MakeRun) -> None:
    page = Page(comparison_page(compare(side("a", make_run(300)), side("b", make_run(300)))))
    assert "Not worse" in page.text


def test_what_is_put_into_a_template_is_escaped_once() -> None:
    chip = templates().get_template("question.html").module.chip
    assert chip("<i>", '"') == '<span class="chip &#34;">&lt;i&gt;</span>'


def drawn(chart: str, *arguments: object) -> str:
    return str(getattr(templates().get_template("charts.html").module, chart)(*arguments))


def test_charts_draw_what_they_are_given() -> None:
    svg = drawn("bars", "t", [("a", 0.5, "n 2"), ("b", None, "")])
    assert svg.count('class="bar"') == 1
    assert 'class="bar" x="200" y="5" width="120.0"' in svg
    assert drawn("histogram", "t", charts.histogram([1.0, 1.0, 2.0], bins=2), "ms").count("<title>") == 2
    assert drawn("intervals", "t", charts.intervals([("a", -0.1, -0.2, 0.0, "bad")])).count("whisker bad") == 1


def test_a_histogram_counts_every_value_once() -> None:
    bins = charts.histogram([0.0, 1.0, 1.0, 9.0, 100.0], bins=3)
    assert sum(bin.count for bin in bins) == 5
    assert max(bin.height for bin in bins) == 1.0
    assert bins[-1].high == 9.0  # the 99th percentile of so few is the last but one


def test_intervals_fit_on_their_axis() -> None:
    reach, (one, two) = charts.intervals([("a", -0.1, -0.2, 0.0, "bad"), ("b", 0.05, 0.0, 0.1, "")])
    assert reach > 0.2
    assert one.start == -0.2 / reach
    assert -1 < one.start < one.at < one.end == 0 < two.at < two.end < 1


def test_a_run_without_times_has_no_histogram(make_run: MakeRun) -> None:
    run = make_run(1)
    untimed = run.model_copy(update={"items": [run.items[0].model_copy(update={"latency_ms": {}})]})
    assert "Time to an answer" in run_page(run)
    assert "Time to an answer" not in run_page(untimed)
