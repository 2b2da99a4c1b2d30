"""Rows of tables: what they are read with, and what is left of a wide one that is quoted in part."""

from __future__ import annotations

import pytest

from vectorstore.text.tables import figure_columns, headed, kept_columns, quoted_row

ROW = "Visits, in thousands\nSite | Town | Emergency | Dental | Staff\nMarsh Lane | Holm | 9.2 | 4.1 | 128"


def kept(text: str, *columns: int) -> str:
    return "".join(text[start:end] for start, end in kept_columns(text, columns))


def test_columns_of_figures_are_told_from_those_that_say_what_a_row_is_about() -> None:
    row = quoted_row("No. | Name | Opened | Share\n7 | 万象店 | 2018-11-02 | 55%")
    assert row is not None
    assert figure_columns(row) == [3]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_row_without_some_columns_is_a_row_below_its_header_again(line_end: str) -> None:
    text = kept(ROW.replace("\n", line_end), 0, 1, 3)
    row = quoted_row(text)
    assert row is not None
    assert row == ("Visits, in thousands", ["Site", "Town", "Dental"], ["Marsh Lane", "Holm", "4.1"])
    assert kept(ROW.replace("\n", line_end), *range(5)) == ROW.replace("\n", line_end)


def test_a_column_without_a_name_is_left_out_like_any_other() -> None:
    assert kept("| 2020 | 2022\nHall | 412 | 365", 0, 2) == " | 2022\nHall | 365"


@pytest.mark.parametrize("text", ["Roads were mended.", "Region  2024  2023\nHull  1  2", "a | b\n1 | 2 | 3"])
def test_what_has_no_columns_between_bars_is_not_cut(text: str) -> None:
    assert kept_columns(text, [0]) == []


@pytest.mark.parametrize(
    ("above", "with_it"),
    [
        (["2022年度部门预算执行表", "单位：万元"], [0, 1]),
        (["以上是概况。", "单位：万元"], [1]),  # a sentence is no title
        (["2022年度部门预算执行表"], [0]),
        (["单位：万元", "2022年度部门预算执行表"], [1]),
    ],
)
def test_a_row_is_read_with_its_table_s_title_and_unit(above: list[str], with_it: list[int]) -> None:
    lines = [*above, "| 部门 | 预算数 |", "| 教育局 | 1,045.50 |"]
    header = len(above)
    assert headed(lines, {header}, titled=True) == {header + 1: (*with_it, header)}
