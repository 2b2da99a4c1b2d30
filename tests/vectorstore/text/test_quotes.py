"""Quotation marks: what stands between them, and which are open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.text.quotes import DOUBLE, MARKS, PAIRS, TITLES, quoted, unclosed, unopened


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("开展“三社联动”和「一肩挑」", ["三社联动", "一肩挑"]),
        ('It calls this the "red agent" service.', ["red agent"]),
        ("“甲”和“乙丙”", ["乙丙"]),
        ("他说“要办好『一站式』服务”", ["一站式"]),
        ("“没有结束", []),
        ("《办法》", []),
    ],
)
def test_stretches_in_quotation_marks(text: str, found: list[str]) -> None:
    assert quoted(2, 9).findall(text) == found


def test_titles_and_single_marks_are_found_where_they_are_asked_for() -> None:
    assert quoted(2, 8, DOUBLE + "".join(TITLES)).findall("《办法》和“细则”") == ["办法", "细则"]
    assert quoted(2, 8, "‘").findall("‘办法’") == ["办法"]


@given(st.text(alphabet=[*MARKS, *"甲a "], max_size=30), st.integers(1, 3), st.integers(3, 9))
def test_a_stretch_has_no_mark_inside_and_the_length_asked_for(text: str, least: int, most: int) -> None:
    for match in quoted(least, most).finditer(text):
        assert least <= len(match[1]) <= most
        assert match[0][0] in DOUBLE
        assert not set(match[1]) & set('“”「」『』"')


@pytest.mark.parametrize(
    ("text", "opened", "missing"),
    [("（甲“乙", "（“", ""), ("（甲“乙）", "", ""), ("甲”乙）", "", "“（"), ("“甲”", "", ""), ("a) (b", "(", "(")],
)
def test_marks_that_are_open(text: str, opened: str, missing: str) -> None:
    assert unclosed(text) == opened
    assert unopened(text) == missing


@given(st.text(alphabet=[*PAIRS, *PAIRS.values(), "甲"], max_size=20))
def test_closing_what_is_open_leaves_nothing_open(text: str) -> None:
    assert unclosed(text + "".join(PAIRS[mark] for mark in reversed(unclosed(text)))) == ""
