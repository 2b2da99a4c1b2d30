"""What editors and web pages leave in a text: HTML, front matter, tables of contents, page numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.types import BlockKind, Layout, cut


def texts(layout: Layout, kind: BlockKind) -> list[str]:
    return [block.text for block in layout.blocks if block.kind is kind]


def sentences(text: str) -> list[str]:
    return [sentence.text for passage in chunk(repair(text)) for sentence in passage.sentences]


class TestHtml:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("# Gates\n\nThey open at six.</h3>\n\nThey close at nine.", ["They open at six.", "They close at nine."]),
            ("# 开放\n\n每天六点开门。</h3>\n\n九点关门。", ["每天六点开门。", "九点关门。"]),
            ("# Fees\n\n<p>One plot costs $42.</p><p>Half costs $25.</p>", ["One plot costs $42.", "Half costs $25."]),
            ("# 收费\n\n<p>整块四十元。<br/>半块<strong>二十</strong>元。</p>", ["整块四十元。", "半块二十元。"]),
            ("# Hill\n\n<img src='a.png'\n  alt='A'>\nIt is steep.\n\n<!-- to\ndo -->\n", ["It is steep."]),
            ("# Notes\n\n<Callout type='warning'>\n\nIce in winter.\n\n</Callout>", ["Ice in winter."]),
            ("# 样式\n\n<style>\nh1 { color: red; }\n</style>\n\n路面有冰。", ["路面有冰。"]),
        ],
    )  # fmt: skip
    def test_no_tag_is_left(self, text: str, found: list[str]) -> None:
        assert sentences(text) == found

    @pytest.mark.parametrize(
        "text", ["Pressure was < 5 and > 2 bar.", "Write to <desk@example.org> today.", "甲<乙，乙>丙。"]
    )
    def test_what_is_no_tag_stays(self, text: str) -> None:
        assert sentences(f"# T\n\n{text}") == [text]

    def test_code_stays(self) -> None:
        assert sentences("# T\n\n```\n<table>\n```\n\nThe tag `<table>` begins a table.") == [
            "<table>",
            "The tag <table> begins a table.",
        ]

    @pytest.mark.parametrize("question", ["When are the gates open?", "几点开门？"])
    def test_headings_are_headings(self, question: str) -> None:
        layout = repair(f"<h1 align='center'>Rules</h1>\n\n## A\n\nText.\n\n<h3>{question}</h3>\n\nFrom six.\n")
        assert texts(layout, BlockKind.TITLE) == ["Rules"]
        assert [(block.level, block.text) for block in layout.blocks if block.kind is BlockKind.HEADING] == [
            (2, "A"),
            (3, question),
        ]

    def test_a_row_is_a_line(self) -> None:
        rows = "<tr>\n  <td>North</td>\n  <td class='n'>40 m2</td>\n</tr>\n<tr><td>South</td> <td>55 m2</td></tr>"
        assert sentences(f"# Plots\n\n<table>\n{rows}\n</table>") == ["North 40 m2", "South 55 m2"]

    @settings(max_examples=200, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                ["<p>", "</p>", "<h2>", "</h2>", "<br>", "<td>", "</td>", "<tr>", "<a\nhref='x'>", "</a>", "<!--",
                 "-->", "```", "`", "\n", "\n\n", " ", "&nbsp;", "Open at six.", "开门。", "# T", "---", "title: T"]
            ),
            max_size=16,
        ).map("".join)
    )  # fmt: skip
    def test_every_block_is_cut_out_of_the_raw_text(self, text: str) -> None:
        layout = repair(text)
        for block in layout.blocks:
            assert cut(text, block.spans) == block.text
        for passage in chunk(layout):
            assert cut(text, passage.spans) == passage.text
            assert all(cut(text, sentence.spans) == sentence.text for sentence in passage.sentences)


class TestFrontMatter:
    @pytest.mark.parametrize(
        ("text", "title"),
        [
            ("---\ntitle: Plots\ntags:\n  - rent\ndate: 2024-03-02\n---\n\nA plot costs $42 a year.\n", "Plots"),
            ('---\ntitle: "借书须知"\nauthor: 王敏\ndate: 2024-03-02\n---\n\n每次可借五本。\n', "借书须知"),
            ("+++\ntitle = 'Tides'\ndate = 2024-03-02\n+++\n\nHigh water is at noon.\n", "Tides"),
        ],
    )  # fmt: skip
    def test_it_names_the_document_and_is_no_text(self, text: str, title: str) -> None:
        layout = repair(text)
        assert (layout.title, layout.date) == (title, "2024-03-02")
        assert len(sentences(text)) == 1
        assert "title" not in sentences(text)[0]

    def test_a_heading_of_the_text_names_it_first(self) -> None:
        assert repair("---\ntitle: short\n---\n\n# The long title\n\nText.\n").title == "The long title"

    @pytest.mark.parametrize(
        "text", ["---\n\nIt rains.\n\n---\n\nIt pours.\n", "---\nPresent: Ann\n---\n\nIt leaks.\n"]
    )
    def test_text_between_rules_is_text(self, text: str) -> None:
        assert len(sentences(text)) == 2


class TestContents:
    @pytest.mark.parametrize(
        ("contents", "headings"),
        [
            ("目录\n\n一、总体情况 ........ 1\n二、财务情况 ........ 4\n", ("一、总体情况", "二、财务情况")),
            ("Contents\n\nOverview……2\nMoney……5\n", ("Overview", "Money")),
            ("Contents\n\n1. Overview 2\n2. Money 5\n", ("Overview", "Money")),
        ],
    )
    def test_lines_that_lead_to_pages(self, contents: str, headings: tuple[str, str]) -> None:
        text = "# T\n\n" + contents + "".join(f"\n## {heading}\n\nIt went well.\n" for heading in headings)
        assert [s for s in sentences(text) if s not in headings] == ["It went well."] * 2

    def test_links_into_the_document(self) -> None:
        text = "# T\n\n- [Who may rent?](#who-may-rent)\n- [费用](#费用)\n\n[TOC]\n\n## Who may rent?\n\nAnybody.\n"
        assert sentences(text) == ["Anybody."]

    @pytest.mark.parametrize(
        ("title", "first", "second"), [("My Bridge", "Overview", "Costs"), ("修桥", "概况", "费用")]
    )
    def test_a_title_above_links_and_the_heading_below_them_stay(self, title: str, first: str, second: str) -> None:
        layout = repair(
            f"# {title}\n\n- [{first}](#{first})\n- [{second}](#{second})\n\n## {first}\n\nIt stands.\n\n"
            f"## {second}\n\nIt costs $5.\n"
        )
        assert texts(layout, BlockKind.TITLE) == [title]
        assert texts(layout, BlockKind.HEADING) == [first, second]

    def test_a_plain_title_above_contents_stays(self) -> None:
        layout = repair("年度报告\n\n概况 2\n费用 5\n\n概况\n\n桥已修好。\n\n费用\n\n花了五万元。\n")
        assert texts(layout, BlockKind.TITLE) == ["年度报告"]

    @pytest.mark.parametrize("menu", ["Coffee ........ 3\nTea ........ 4", "咖啡 ····· 12\n红茶 ····· 15"])
    def test_a_price_list_is_none(self, menu: str) -> None:
        assert sentences(f"# Menu\n\n{menu}\n") == menu.split("\n")

    def test_a_list_of_places_is_none(self) -> None:
        text = "# T\n\nThe districts are:\n\n- Hillside\n- Lakeside\n\n## Hillside\n\nHilly.\n\n## Lakeside\n\nFlat.\n"
        assert {"Hillside", "Lakeside"} <= set(sentences(text))


@pytest.mark.parametrize("line", ["Total staff: 42", "合计 42人", "Money"])
def test_a_short_line_above_a_page_number_stays(line: str) -> None:
    assert line in sentences(f"# T\n\nThe pond is full.\n\n{line}\n\nPage 3 of 12\n\n蓄水池已满。\n")


@pytest.mark.parametrize("line", ["第 3 页", "- 3 -", "Page 3 of 12", "第3页 共12页"])
def test_a_page_number_is_furniture(line: str) -> None:
    assert line not in " ".join(sentences(f"# T\n\n蓄水池已满。\n\n{line}\n\nThe pond is full.\n"))
    assert len(sentences(f"# T\n\n蓄水池已满。\n\n{line}\n\nThe pond is full.\n")) == 2


RAW_BLOCK = """---
.title = "Club accounts",
.date = "2024-01-16T00:00:00Z",
.custom = {
  "menu": "Accounts",
}
---

Income rose.

```{mark}
<link rel="stylesheet" href="/chart.css">
<style>
.label { fill: black; }
</style>
<script>
  draw([1, 2, 3]);
</script>
<table>
<tr>
<th>Item</th>
<th>Amount</th>
</tr>
<tr>
<td>Coach hire</td>
<td>£310</td>
</tr>
</table>
```

```
<td>code</td>
```
"""


@pytest.mark.parametrize("mark", ["=html", "{=html}"])
def test_a_raw_block_is_html_and_its_rows_stay_whole(mark: str) -> None:
    raw = RAW_BLOCK.replace("{mark}", mark)
    found = repair(raw)
    assert (found.title, found.date) == ("Club accounts", "2024-01-16")
    assert sentences(raw) == ["Income rose.", "Item\nAmount", "Coach hire\n£310", "<td>code</td>"]
