"""Web pages: their text, their tables, what is left out, and their encoding."""

from __future__ import annotations

import pytest

from vectorstore.reading.base import Source
from vectorstore.reading.registry import reader_of


def read(body: str, head: str = "", encoding: str = "utf-8") -> str:
    data = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(encoding)
    (document,) = reader_of("page", data).read(Source(data, "page", "page"), pytest.fail)
    return document.text


def test_headings_paragraphs_lists_and_breaks() -> None:
    body = "<h1>Roads</h1><p>One\n two<br>three</p><h2>桥梁</h2><ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"
    assert read(body) == "# Roads\n\nOne two\n\nthree\n\n## 桥梁\n\n- a\n  - b\n- c"


def test_furniture_is_left_out() -> None:
    links = "".join(f'<a href="/{n}">{n} of our many pages</a> ' for n in range(5))
    body = (
        f"<nav>Go home</nav><div class='site-menu'>{links}</div><div id='cookie-banner'>We use cookies. Accept?</div>"
        f"<div>{links}</div><p hidden>hidden</p><p style='display: none'>unseen</p><script>var a = 1</script>"
        "<p>The town built 12 bridges, and the office kept its roads open all through the winter.</p>"
        "<aside>Most read</aside><footer>All rights reserved</footer>"
    )
    assert read(body) == "The town built 12 bridges, and the office kept its roads open all through the winter."


def test_a_page_that_is_all_in_a_box_with_an_unlucky_name_is_read() -> None:
    assert read("<div class='share'><p>全县新建大棚111个。</p></div>") == "全县新建大棚111个。"


def test_the_main_part_is_taken_alone_where_it_holds_most() -> None:
    body = "<p>Subscribe to our letters</p><main><p>The report of the year tells of 12 bridges.</p></main>"
    assert read(body) == "The report of the year tells of 12 bridges."


def test_a_page_without_a_heading_has_its_title() -> None:
    assert read("<p>Text.</p>", "<title>Roads | Town</title>") == "# Roads | Town\n\nText."
    assert read("<p>Text.</p>", '<title>a</title><meta property="og:title" content="b">') == "# b\n\nText."
    assert read("<h1>c</h1><p>Text.</p>", "<title>a</title>") == "# c\n\nText."


def test_tables_have_names_for_each_column() -> None:
    table = (
        "<table><tr><th rowspan=2>地区</th><th colspan=2>2022年</th></tr><tr><th>公路</th><th>桥梁</th></tr>"
        "<tr><td rowspan=2>北区</td><td>12</td><td>3</td></tr><tr><td>8</td><td>5</td></tr></table>"
    )
    assert read(table).splitlines() == [
        "| 地区 | 2022年 公路 | 2022年 桥梁 |", "| --- | --- | --- |", "| 北区 | 12 | 3 |", "| 北区 | 8 | 5 |",
    ]  # fmt: skip


def test_a_table_that_only_lays_out_the_page_is_text() -> None:
    inner = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>1</td></tr></table>"
    page = f"<table><tr><td><p>First paragraph.</p></td><td>{inner}</td></tr></table>"
    assert read(page) == "First paragraph.\n\n| a | b |\n| --- | --- |\n| c | 1 |"


@pytest.mark.parametrize(
    ("encoding", "declared"), [("gb18030", "gb2312"), ("utf-8", "gb2312"), ("gb18030", "utf-8"), ("cp1252", "utf-8")]
)
def test_the_encoding_is_the_true_one(encoding: str, declared: str) -> None:
    text = "The café of Zürich" if encoding == "cp1252" else "全县现有茶园，是当地的大产业。㐀"
    assert read(f"<p>{text}</p>", f'<meta charset="{declared}">', encoding) == text
