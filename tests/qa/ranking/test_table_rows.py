"""How the reader reads a table's row, and what is quoted of a wide one."""

from __future__ import annotations

import pytest

from qa.ranking.base import CandidateSentence
from qa.reader.rows import as_read, asked_words, beside_named, read_row
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.types import StoredPassage, cut

OUTPUT = (
    "（单位：万元）\n序号 | 企业 | 园区 | 2023年产值 上半年 | 2023年产值 下半年 | 用电量\n"
    "5 | 长丰机械 | 西郊园 | 5,715 | 9,865 | 599"
)
CODED = "类 | 款 | 名称 | 合计 | 人员经费\n301 | 01 | 基本工资 | 1,952.00 |"
VISITS = "Site | Emergency | Dental | Staff\nMarsh Lane | 9.2 | 4.1 | 128"


@pytest.mark.parametrize(
    ("row", "question", "read"),
    [
        (
            OUTPUT,
            "长丰机械的用电量是多少？",
            "（单位：万元）\n企业 | 园区 | 用电量\n长丰机械 | 西郊园 | 599",
        ),
        (CODED, "基本工资是多少？", "名称 | 合计\n基本工资 | 1,952.00"),
        (CODED, "301类的基本工资是多少？", "类 | 名称 | 合计\n301 | 基本工资 | 1,952.00"),
        ("年份 | 品种 | 产量\n2021 | 小麦 | 30", "小麦的产量是多少？", "年份 | 品种 | 产量\n2021 | 小麦 | 30"),
        (VISITS, "How many staff work at Marsh Lane?", "Site | Staff\nMarsh Lane | 128"),
        (VISITS, "What about Marsh Lane?", VISITS),
        ("Site | Town\nMarsh Lane | Holm", "Where is Marsh Lane?", "Site | Town\nMarsh Lane | Holm"),
    ],
)
def test_a_row_is_read_with_the_columns_that_a_question_names(row: str, question: str, read: str) -> None:
    assert as_read([row], question) == [read]


@pytest.mark.parametrize(
    ("row", "question", "read"),
    [
        ("（单位：万元）\n县 | 支出 | 结余\n青石县 | 3,916 | 364", "青石县结余多少万元？", "青石县 | 364万元"),
        ("（单位：万元）\n县 | 支出 | 结余\n青石县 | 3,916 | 364", "青石县结余多少公顷？", "青石县 | 364"),
        ("（单位：万元）\n县 | 支出 | 结余\n青石县 | 3,916 | 364", "青石县结余是多少？", "青石县 | 364"),
        ("单位：人、万元\n县 | 职工 | 工资\n青石县 | 36 | 212", "青石县有职工多少人？", "青石县 | 36人"),
        ("县 | 面积（公顷） | 人口\n青石县 | 4,120 | 36", "青石县面积几公顷", "青石县 | 4,120公顷"),
        ("指标 | 计量单位 | 2023年\n产量 | 吨 | 5,120", "2023年产量多少吨？", "产量 | 吨 | 5,120吨"),
        ("Crop | Area | Yield (tonnes)\nOats | 12 | 88", "How many tonnes of yield did oats give?", "Oats | 88 tonnes"),
        ("Crop | Area | Yield (tonnes)\nOats | 12 | 88", "How many acres of yield did oats give?", "Oats | 88"),
        (
            "Item | Unit | 2023\nLeakage | litres | 61.3",
            "How many litres of leakage in 2023?",
            "Leakage | litres | 61.3 litres",
        ),
    ],
)
def test_the_unit_that_is_asked_for_is_read_behind_the_figures(row: str, question: str, read: str) -> None:
    assert as_read([row], question)[0].splitlines()[-1] == read


def test_each_of_several_cells_is_read_with_what_the_row_is_about() -> None:
    found = read_row(OUTPUT, asked_words("长丰机械2023年的产值是多少？"))
    assert found is not None
    assert [cell.splitlines()[1:] for cell in found.cells] == [
        ["企业 | 园区 | 2023年产值 上半年", "长丰机械 | 西郊园 | 5,715"],
        ["企业 | 园区 | 2023年产值 下半年", "长丰机械 | 西郊园 | 9,865"],
    ]


@pytest.mark.parametrize(
    ("row", "question", "left_out"),
    [
        ("项目 | 2022年 | 2023年 | 备注\n满意度 | 81.6 | 83.2 | 较上年提高1.6分", "2022年的满意度是多少？", {3}),
        ("Item | 2022 | 2023 | Remark\nScore | 81.6 | 83.2 | up 1.6 on 2022", "What was the score in 2022?", {3}),
        ("项目 | 2022年 | 2023年 | 备注\n满意度 | 81.6 | 83.2 | 较上年提高1.6分", "2022年满意度的备注是什么？", set()),
        ("Item | 2022 | 2023 | Unit\nScore | 81.6 | 83.2 | points", "What was the score in 2022?", set()),
        ("Stage | Due | Cost\nPhase 2 | May | 81.6", "What does phase 2 cost?", set()),
    ],
)
def test_a_remark_behind_the_figures_may_be_about_another_of_them(row: str, question: str, left_out: set[int]) -> None:
    asked = asked_words(question)
    found = read_row(row, asked)
    assert found is not None
    assert found.remarks(asked) == left_out


@pytest.mark.parametrize(
    ("header", "question", "named"),
    [
        ("断面 | 1月总磷 | 7月总磷 | 11月总磷", "青石滩7月的总磷浓度是多少？", [2]),
        ("Variety | Yield 2021 | Yield 2022 | Protein 2022", "What was the yield of Amber in 2022?", [2]),
        ("Variety | Yield 2021 | Yield 2022 | Protein 2022", "What yield did Amber have?", [1, 2]),
        ("项目 | 本期 | 上年度末 | 增减", "三季度末总资产是多少？", []),  # 度末 is no word
        ("Building | Heating | | Electricity", "How much heating did the hall use?", []),  # one column has no name
    ],
)
def test_a_column_is_named_by_most_of_the_question_s_words(header: str, question: str, named: list[int]) -> None:
    found = read_row(f"{header}\nA | 1 | 2 | 3", asked_words(question))
    assert found is not None
    assert (list(found.columns) if found.is_named else []) == named


def test_rows_beside_the_one_that_a_question_names_are_told() -> None:
    header = "Voyage | Port | TEU\n"
    rows = [f"{header}HF-104 | Lagos | 20", f"{header}HF-105 | Busan | 31", f"{header}HF-1041 | Kobe | 8"]
    others = ["HF-105 was late.", "Ship | Crew\nPetrel | 12"]
    beside = beside_named([*rows, *others], "What did HF-105 carry?")
    assert beside == [True, False, True, False, False]
    assert not any(beside_named([*rows, *others], "What did HF-109 carry?"))
    assert beside_named(rows, "What did HF-104 carry to Lagos?") == [False, True, True]
    assert beside_named(rows, "What did HF-104 and HF-1041 carry?") == [False, True, False]


@pytest.mark.parametrize(
    ("heads", "question", "beside"),
    [
        (("（1）母公司资产表", "（2）合并资产表"), "合并资产表里货币资金的期末余额是多少？", [True, False]),
        (("（1）母公司资产表", "（2）合并资产表"), "货币资金的期末余额是多少？", [False, False]),
        (("2022 年", "2023 年"), "2022年货币资金的期末余额是多少？", [False, True]),
        (("支出明细表", "现金支出明细表"), "支出明细表里货币资金的余额是多少？", [False, True]),
    ],
)
def test_rows_of_one_name_are_told_by_the_heads_of_their_tables(
    heads: tuple[str, str], question: str, beside: list[bool]
) -> None:
    rows = ["项目 | 期末余额\n1. 货币资金 | 20", "项目 | 期末余额\n二、货币资金 | 40"]
    assert beside_named(rows, question, [("a", head) for head in heads]) == beside
    captioned = [f"{head}\n{row}" for head, row in zip(heads, rows, strict=True)]
    assert beside_named(captioned, question, [("a", "")] * 2) == beside
    assert beside_named(captioned, question, [("a", ""), ("b", "")]) == [False, False]  # documents are told elsewhere


def test_other_sentences_are_read_as_they_are() -> None:
    assert as_read(["Four sites are run.", "a | b"], "How many sites?") == ["Four sites are run.", "a | b"]


def test_a_part_of_a_row_cuts_from_the_raw_text() -> None:
    text = (
        "# Review\n\nVisits (thousands)\n\n| Site | Emergency | Dental |\n| --- | --- | --- |\n| Marsh | 9.2 | 4.1 |\n"
    )
    layout = repair(text)
    (passage,) = chunk(layout)
    stored = StoredPassage(1, "d", "review.md", layout.title, passage)
    part = CandidateSentence(stored, 0, columns=frozenset({0, 2})).sentence
    assert part.text == "Visits (thousands)\nSite | Dental\nMarsh | 4.1" == cut(text, part.spans)


def test_a_row_that_only_heads_others_stands_back() -> None:
    above = "Scores\nModel | Reading | Writing\n"
    rows = [f"{above}Closed models |  | ", f"{above}Aster | 71.0 | 62.5", f"{above}Clover | 79.9 | "]
    assert beside_named(rows, "Which model is best at reading?") == [True, False, False]
