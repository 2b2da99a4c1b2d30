"""What holds for every text: blocks are cut out of it, no character twice, nothing lost but marks and blanks."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.vectorstore.layout.conftest import Broken, Paragraph
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.layout.joining.assignment import assign
from vectorstore.layout.order import cycle, reading_order, strips
from vectorstore.types import BlockKind, Layout, cut

PIECES = st.sampled_from(
    [
        "县里出台若干措施，对新建生产线的企业给予补助",
        "，累计兑现资金二千多万元。",
        "深入贯彻《关于加强",
        "队伍建设的意见》，每月下乡两次。",
        "图为志愿者在整理图书。",
        "# 题目",
        "## 小节 一",
        "- 列表项",
        "1. 第一",
        "姓名：方某",
        "**审判长**：何某",
        "| 甲 | 乙 |",
        "---",
        "```",
        "The council heard that the",
        "works department had finished.",
        "首页 > 要闻",
        "2022-01-02 08:00 来源：四方网",
        "版权所有 © 2020",
        "😀👩‍👩‍👧",
        "\u200b",
        "\x0c",
        "“‘（《",
        "等17期",
    ]
)
GAPS = st.sampled_from(["\n", "\n\n", "\n\n\n\n", "\r\n", "\r\n\r\n", "\r", "　　", " ", "", "\u2028", "\n \t\n"])
TEXT = st.one_of(
    st.lists(st.tuples(PIECES, GAPS), max_size=14).map(lambda parts: "".join(text + gap for text, gap in parts)),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
)
MARKS = set("#*_`>|-=~+•●○■□◆◇▪‣➢✓√·—–.:[]()!<>/\u200b\u200e\u200f\u2060\ufeff\xad")


@settings(max_examples=300, deadline=None)
@given(TEXT)
@example("\ufeff# 题\r\n正文")
def test_blocks_cut_out_of_the_raw_text_and_share_nothing(text: str) -> None:
    layout = repair(text)
    used: set[int] = set()
    for block in layout.blocks:
        assert cut(text, block.spans) == block.text
        assert block.text.strip() == block.text != ""
        places = {place for start, end in block.spans for place in range(start, end) if not text[place].isspace()}
        assert not used & places
        used |= places
    for end, start in layout.joins:
        assert 0 < end <= len(text)
        assert 0 <= start < len(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(PIECES, GAPS), max_size=14).map(lambda parts: "".join(text + gap for text, gap in parts)))
def test_nothing_is_lost_but_marks_blanks_and_doubled_characters(text: str) -> None:
    layout = repair(text)
    used = {place for block in layout.blocks for start, end in block.spans for place in range(start, end)}
    lost = [text[place] for place in range(len(text)) if place not in used and not text[place].isspace()]
    assert len([character for character in lost if character not in MARKS]) <= 2 * len(layout.joins)


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_repair_says_the_same_every_time_and_minds_no_title(text: str) -> None:
    first = repair(text)
    assert repair(text) == first
    named = repair(text, "题目")
    assert (named.title, named.blocks) == ("题目", first.blocks)


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_levels_and_passages_are_in_order(text: str) -> None:
    layout = repair(text)
    for block in layout.blocks:
        least = {BlockKind.TITLE: 1, BlockKind.HEADING: 2}.get(block.kind, 0)
        assert block.level >= least if least == 2 else block.level == least
    passages = chunk(layout)
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    shown = {place for p in passages for start, end in p.spans for place in range(start, end)}
    for block in layout.blocks:
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.CAPTION):
            places = {place for start, end in block.spans for place in range(start, end)}
            assert all(text[place].isspace() for place in places - shown)


def _plain(layout: Layout) -> str:
    """Return a repaired document as text that has nothing left to repair."""
    marks = {BlockKind.TITLE: "# ", BlockKind.HEADING: "## "}
    kept = [block for block in layout.blocks if block.kind not in (BlockKind.CAPTION, BlockKind.FURNITURE)]
    return "\n\n".join(marks.get(block.kind, "") + block.text for block in kept)


@pytest.mark.parametrize("seed", range(4))
def test_a_repaired_report_needs_no_more_repair(
    reports: list[list[Paragraph]], insert_breaks: Callable[..., Broken], seed: int
) -> None:
    layout = repair(insert_breaks(random.Random(seed), reports[seed % 2], 1, most_captions=1).text)
    if len(layout.joins) == 1:
        again = repair(_plain(layout))
        assert again.joins == ()
        assert _plain(again) == _plain(layout)


@settings(deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.floats(-3, 5), max_size=12))
def test_assignment_is_one_to_one_and_not_worse_than_taking_the_best_first(
    scores: dict[tuple[int, int], float],
) -> None:
    found = assign(scores)
    assert len(set(found.values())) == len(found)
    assert all(scores[pair] > 0 for pair in found.items())
    greedy: dict[int, int] = {}
    for left, right in sorted(scores, key=lambda pair: -scores[pair]):
        if scores[left, right] > 0 and left not in greedy and right not in greedy.values():
            greedy[left] = right
    assert sum(scores[pair] for pair in found.items()) >= sum(scores[pair] for pair in greedy.items()) - 1e-9


JOINS = st.dictionaries(st.integers(0, 9), st.integers(0, 9), max_size=6).map(
    lambda joins: {left: right for left, right in joins.items() if list(joins.values()).count(right) == 1}
)


@settings(deadline=None)
@given(JOINS)
def test_reading_order_keeps_every_piece_and_brings_halves_together(joins: dict[int, int]) -> None:
    near = {left for left, right in joins.items() if right == left + 1}
    if cycle(10, joins, near):
        return
    order = reading_order(10, joins, near)
    assert sorted(order) == list(range(10))
    for left, right in joins.items():
        assert order.index(right) == order.index(left) + 1


def test_columns_chain_and_circles_are_found() -> None:
    # pieces 0 to 5 in three strips: 0-1, 2-3, 4-5; the text goes 0-1, 4-5, 2-3
    assert strips(6, {1: 4, 5: 2}, ()) == [range(2), range(2, 4), range(4, 6)]
    assert reading_order(6, {1: 4, 5: 2}, ()) == [0, 1, 4, 5, 2, 3]
    assert cycle(6, {1: 4, 5: 2}, ()) == []
    assert set(cycle(6, {3: 4, 5: 2}, ())) == {3, 5}
    assert cycle(6, {3: 2}, ()) == [3]  # a strip can't go on with itself
