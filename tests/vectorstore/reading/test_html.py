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


@pytest.mark.parametrize(
    "question",
    [
        '<h2 class="accordion-header"><button class="accordion-button">{}</button></h2>',
        '<button class="accordion">{}</button>',
        '<div class="card-header">{}</div>',
    ],
)
def test_questions_that_unfold_an_answer_are_read(question: str) -> None:
    asked, answer = "When is the office open?", "<div class='panel'>From nine to five, but not on days of rest.</div>"
    menu = '<div class="site-header">Our town</div><button aria-expanded="false">Menu</button>'
    assert (
        read(f"{menu}{question.format(asked)}{answer}{answer}").replace("## ", "").startswith(f"{asked}\n\nFrom nine")
    )


def test_a_page_that_is_all_in_a_box_with_an_unlucky_name_is_read() -> None:
    assert read("<div class='share'><p>全县新建大棚111个。</p></div>") == "全县新建大棚111个。"


def test_the_main_part_is_taken_alone_where_it_holds_most() -> None:
    body = "<p>Subscribe to our letters</p><main><p>The report of the year tells of 12 bridges.</p></main>"
    assert read(body) == "The report of the year tells of 12 bridges."


def test_a_page_without_a_heading_has_its_title() -> None:
    assert read("<p>Text.</p>", "<title>Roads | Town</title>") == "# Roads | Town\n\nText."
    assert read("<p>Text.</p>", '<title>a</title><meta property="og:title" content="b">') == "# b\n\nText."
    assert read("<h1>c</h1><p>Text.</p>", "<title>a</title>") == "# c\n\nText."


@pytest.mark.parametrize(
    "body",
    [
        "<div class='page-header'><h1>Roads</h1></div>{}",
        "<header><h1>Roads</h1></header><main>{}</main>",
        "<h1><img src='logo.png' alt='Town'></h1>{}",
    ],
)
def test_a_title_that_stands_beside_the_menu_is_not_lost(body: str) -> None:
    text = "全县修建公路12公里，架设桥梁3座。" * 4
    assert read(body.format(f"<p>{text}</p>"), "<title>Roads 2024</title>") == f"# Roads 2024\n\n{text}"


def test_a_title_that_only_a_left_out_heading_tells_is_kept() -> None:
    assert read(f"<div class='page-header'><h1>道路</h1></div><p>{'Text. ' * 9}</p>").startswith("# 道路\n\nText.")


def test_items_of_an_ordered_list_have_their_numbers() -> None:
    body = "<ol start=3><li>Open<li><p>Turn</p><p>twice</p><ul><li>left</ul><li value=9>Close</ol>"
    assert read(body) == "3. Open\n4. Turn\n  twice\n  - left\n9. Close"
    assert read("<ol type=A><li>打开<li>关闭</ol><ol reversed><li>三<li>二</ol>") == "A. 打开\nB. 关闭\n- 三\n- 二"


def test_what_a_table_or_heading_hides_is_left_out() -> None:
    body = (
        "<h1>Fees <span hidden>draft</span></h1><table><tr><th>Item<th>Fee<th hidden>Old"
        "<tr style='display:none'><td>茶园<td>1<tr><td>Road<td>2<td hidden>7<tbody hidden><tr><td>Bridge<td>3</table>"
    )
    assert read(body) == "# Fees\n\n| Item | Fee |\n| --- | --- |\n| Road | 2 |"


def test_raised_figures_are_no_digits_of_the_number_before() -> None:
    body = "<p>收入<b>5,120</b><sup><a>2</a></sup>万元，10<sup>-6</sup>，30m<sup>2</sup>，1<sup>st</sup></p>"
    assert read(body) == "收入5,120\u202f²万元，10\u202f⁻⁶，30m²，1st"
    table = "<table><tr><td>Fee<td>2023<sup>(1)</sup><tr><td>Road<td>1,200<sup>1,2</sup></table>"
    assert read(table) == "| Fee | 2023\u202f⁽¹⁾ |\n| --- | --- |\n| Road | 1,200\u202f¹,² |"


def test_how_characters_are_pronounced_is_left_out() -> None:
    assert read("<p><ruby>茶<rp>(</rp><rt>chá</rt><rp>)</rp>园<rt>yuán</rt></ruby>面积</p>") == "茶园面积"


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
