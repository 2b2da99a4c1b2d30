"""Passages: whole sentences of one section, neither too long nor too short, cut out of the raw text."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.reading import read_file
from vectorstore.text.tables import headed
from vectorstore.types import BlockKind, Passage, cut

PARAGRAPH = "县里出台若干措施，对新建生产线的企业给予补助。累计兑现资金二千多万元，引导小型加工厂联合重组。"


def passages(text: str, max_chars: int = 350) -> tuple[Passage, ...]:
    return chunk(repair(text), max_chars)


def test_a_paragraph_that_fits_is_not_divided_and_two_long_ones_are_not_mixed() -> None:
    long = PARAGRAPH * 4
    found = passages(f"{long}\n\n{long}\n\n{long}")
    assert [passage.text for passage in found] == [long] * 3
    assert [passage.ordinal for passage in found] == [0, 1, 2]


def test_a_long_paragraph_is_divided_evenly_at_sentence_ends() -> None:
    found = passages(PARAGRAPH * 12)
    assert "".join(passage.text for passage in found) == PARAGRAPH * 12
    assert all(passage.text.endswith("。") for passage in found)
    lengths = [len(passage.text) for passage in found]
    assert max(lengths) <= 350
    assert max(lengths) - min(lengths) <= len(PARAGRAPH)


def test_short_lines_of_a_form_share_passages_on_lines_of_their_own(data: Path) -> None:
    found = chunk(repair(read_file(data / "form.txt").text))
    assert len(found) == 1
    assert "\n过敏史：无\n" in found[0].text
    assert "主诉：右膝疼痛两周，上下楼加重" in [sentence.text for sentence in found[0].sentences]


def test_sections_are_paths_of_headings_and_never_mixed(data: Path) -> None:
    found = chunk(repair(read_file(data / "river_town.md").text))
    assert [passage.section for passage in found] == ["", "Roads and bridges", "Roads and bridges / Costs", "Schools"]
    assert found[2].sentences[0].text == "Item | Budget | Spent\nRoad | 1.2 million | 1.0 million"
    assert found[0].text.startswith("Harbour District spent most of 2022")


def test_english_words_keep_the_line_end_between_them(data: Path) -> None:
    text = chunk(repair(read_file(data / "river_town.md").text))[0].text
    assert "works\ndepartment" in text


def test_numbered_headings_are_items_of_a_list_and_can_be_cited(data: Path) -> None:
    found = chunk(repair(read_file(data / "judgment.md").text))
    assert [passage.text.split("\n")[0] for passage in found if passage.section.endswith("立案")] == ["1. 立案"]
    assert not any(passage.text == "二、审理经过" for passage in found)  # alone it says nothing


def test_captions_are_passages_of_their_own_behind_their_text() -> None:
    text = "\n\n".join([PARAGRAPH * 3] * 3) + "\n\n\n\n村民在果园里采摘柑橘。\n\n" + "\n\n".join([PARAGRAPH * 3] * 3)
    kinds = [passage.kind for passage in passages(text)]
    assert kinds.count(BlockKind.CAPTION) == 1
    caption = next(passage for passage in passages(text) if passage.kind is BlockKind.CAPTION)
    assert caption.text == "村民在果园里采摘柑橘。"


def test_a_lead_stays_with_a_sentence_that_is_too_long() -> None:
    lead, long = "狠抓产业发展。", "实施" + "甲乙丙丁戊己庚辛，" * 40 + "完成。"
    assert [passage.text for passage in passages(lead + long)] == [lead + long]


def test_a_sentence_beyond_the_cap_is_divided_at_clauses() -> None:
    long = "；".join("实施" + "甲乙丙丁戊己庚辛，" * 9 + "完成" for _ in range(12)) + "。"
    found = passages(long)
    assert "".join(passage.text for passage in found) == long
    assert all(len(passage.text) <= 700 for passage in found)
    assert all(passage.text[-1] in "；。" for passage in found)


def test_text_without_a_single_mark_is_divided_too() -> None:
    found = passages("甲" * 2000)
    assert "".join(passage.text for passage in found) == "甲" * 2000
    assert all(len(passage.text) <= 700 for passage in found)


def test_too_small_a_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="max_chars is 5"):
        passages(PARAGRAPH, 5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from("甲乙丙丁。，；：“”\n #1.a"), max_size=80), max_size=12), st.integers(20, 200))
def test_passages_cut_out_of_the_raw_text_and_hold_their_sentences_in_order(lines: list[str], limit: int) -> None:
    raw = "\n\n".join(lines)
    for passage in chunk(repair(raw), limit):
        assert cut(raw, passage.spans) == passage.text
        rest = passage.text
        for sentence in passage.sentences:
            assert cut(raw, sentence.spans) == sentence.text
            before, found, rest = rest.partition(sentence.text)
            assert found
            assert not before.strip()
        assert not rest.strip()


TABLE = f"""丰源食品公司年度报告

{PARAGRAPH}

分产品情况（单位：亿元）
产品 2023年收入 2022年收入 收入增减
酱油 26.58 25.40 4.65%
食醋 8.94 7.62 17.32%
其他 -0.28 -0.36 不适用
食醋增长最快，主要是缺货问题得到缓解。
"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028"])
def test_a_row_is_read_with_what_names_its_columns_whatever_ends_lines(line_end: str) -> None:
    text = TABLE.replace("\n", line_end)
    sentences = [sentence for passage in chunk(repair(text)) for sentence in passage.sentences]
    assert all(cut(text, sentence.spans) == sentence.text for sentence in sentences)
    (row,) = [sentence.text for sentence in sentences if "食醋 8.94" in sentence.text]
    assert [line for line in row.splitlines() if line] == [
        "分产品情况（单位：亿元）",
        "产品 2023年收入 2022年收入 收入增减",
        "食醋 8.94 7.62 17.32%",
    ]


def test_a_row_is_read_with_what_names_its_columns() -> None:
    layout = repair(TABLE)
    (passage,) = [passage for passage in chunk(layout) if "酱油 26.58" in passage.text]
    header = "分产品情况（单位：亿元）\n产品 2023年收入 2022年收入 收入增减\n"
    rows = [sentence.text for sentence in passage.sentences if sentence.text.startswith(header)]
    assert rows[0] == header + "酱油 26.58 25.40 4.65%"
    assert rows[2] == header + "其他 -0.28 -0.36 不适用"
    assert "产品 2023年收入 2022年收入 收入增减" not in [sentence.text for sentence in passage.sentences]
    for sentence in passage.sentences:
        assert cut(TABLE, sentence.spans) == sentence.text


def test_every_passage_of_a_table_has_the_names_of_its_columns() -> None:
    rows = [f"| Site {number} | {number}.5 | {2 * number} |" for number in range(40)]
    text = "\n".join(
        ["# Review", "", "Visits (thousands)", "", "| Site | Emergency | Staff |", "| --- | --- | --- |", *rows]
    )
    passages = chunk(repair(text))
    assert len(passages) > 2
    for passage in passages:
        assert cut(text, passage.spans) == passage.text
        lines = passage.text.splitlines()
        assert lines[:2] == ["Visits (thousands)", "Site | Emergency | Staff"]
        assert [s.text.splitlines()[-1] for s in passage.sentences] == lines[2:]


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (["Region          2024     2023", "Ireland         71.9     68.4", "Benelux         57.1     52.0"], [1, 2]),
        (["Sales, in millions of pounds:", "Region  2024  2023", "Hull  1  2", "Leeds  3  4"], [2, 3]),
        (["| a | b |", "| 1 | 2 |"], [1]),
        (["指标 2022年 2023年", "地区生产总值（亿元） 1,219.8 1,286.4"], []),  # one line is no table
        (["全年新增就业 2.63 万人。", "民生支出 78.6% 以上。"], []),
        (["District Inspected", "Period: July 1, 2020, to June 30, 2023", "Issued: February 8, 2024"], []),
    ],
)
def test_tables_are_told_from_prose(lines: list[str], rows: list[int]) -> None:
    assert list(headed(lines)) == rows


def test_a_note_below_a_table_says_what_it_is_about() -> None:
    text = (
        "# Review\n\n| Site | Visits (a) |\n| --- | --- |\n| Marsh Lane | 9.2 |\n"
        "| Others (b) | 4.1 |\n| Wards 1 | 3 |\n\n"
        "(a) Without calls by telephone.\n\n(b) Composed of two sites that were closed. They had 3 wards.\n\n"
        "X Not known. 1 Only those with beds. 2 Wards without.\n"
    )
    found = [sentence.text for passage in passages(text) for sentence in passage.sentences]
    assert found[-6:] == [
        "Visits (a)\n(a) Without calls by telephone.",
        "Others (b)\n(b) Composed of two sites that were closed.",
        "They had 3 wards.",
        "X Not known.",
        "Wards 1\n1 Only those with beds.",
        "2 Wards without.",
    ]


def test_notes_are_of_the_table_above_them_and_other_lists_are_none() -> None:
    table = "| Site | Visits |\n| --- | --- |\n| {} (a) | 9.2 |\n| Ward 2 | 4.1 |\n\n(a) Without calls.\n\n"
    text = f"# Review\n\n{table.format('Marsh')}{table.format('Holm')}1. Wards were opened.\n\n2 sites were closed.\n"
    found = [sentence.text for passage in passages(text) for sentence in passage.sentences]
    assert [one for one in found if "calls" in one] == ["Marsh (a)\n(a) Without calls.", "Holm (a)\n(a) Without calls."]
    assert found[-2:] == ["1. Wards were opened.", "2 sites were closed."]


def test_a_long_sentence_is_never_cut_inside_a_number() -> None:
    for text in (
        "The amounts were " + " and ".join(f"{n},{100 + n},{200 + n}" for n in range(10, 99)) + ".",
        "各镇产值为" + "和".join(f"{n},{100 + n}元" for n in range(10, 130)) + "。",
    ):
        found = [sentence.text for passage in passages(text) for sentence in passage.sentences]
        assert len(found) > 1
        assert not any(left[-1] == "," and right[0].isdigit() for left, right in pairwise(found))


def test_windows_line_ends_change_nothing() -> None:
    text = (
        "---\ntitle: Sites\n---\n\n```\n<b>\n```\n\nSee <b>below</b>.\n\n"
        "| 站点 | 2022 | 2023 |\n| --- | --- | --- |\n| 北站 | 12 | 30 |\n| South | 14 | 50 |\n"
    )
    layout = repair(text.replace("\n", "\r\n"))
    assert layout.title == "Sites"
    found = [sentence.text for passage in chunk(layout) for sentence in passage.sentences]
    assert found == [sentence.text for passage in passages(text) for sentence in passage.sentences]
    assert found[-1] == "站点 | 2022 | 2023\nSouth | 14 | 50"
