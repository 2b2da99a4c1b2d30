"""Reports of our own, broken at random: repair restores them or leaves them, and hardly ever joins wrongly.

Seeded, so that the figures are the same on every run; the bounds stand a little below what was measured.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.vectorstore.layout.conftest import CAPTIONS, Broken, Paragraph, Tally
from vectorstore.ingestion.chunking import chunk
from vectorstore.layout import repair
from vectorstore.text.sentences import split, split_text
from vectorstore.types import BlockKind

Breaking = Callable[..., Broken]
Reports = list[list[Paragraph]]


def test_unbroken_reports_are_left_alone(reports: Reports) -> None:
    for report in reports:
        layout = repair("\n\n".join(paragraph.text for paragraph in report))
        assert layout.joins == ()
        assert [block.text for block in layout.blocks] == [paragraph.text for paragraph in report]


@pytest.mark.parametrize("count", [1, 4, 7])
def test_sentences_cut_by_blank_lines_and_captions(
    reports: Reports, insert_breaks: Breaking, tally: Tally, count: int
) -> None:
    rng = random.Random(count)
    for _ in range(12):
        for report in reports:
            broken = insert_breaks(rng, report, count)
            tally.add(broken, repair(broken.text))
    assert tally.precision >= 0.98
    assert tally.recall >= 0.8


def test_what_is_restored_is_the_sentence_that_was_broken(reports: Reports, insert_breaks: Breaking) -> None:
    rng = random.Random(7)
    whole = changed = 0
    for _ in range(10):
        for report in reports:
            originals = {text for paragraph in report for text in split_text(paragraph.text)}
            blocks = repair(insert_breaks(rng, report, 5).text).blocks
            found = {text.text for block in blocks for text in split(block.text, block.spans)}
            whole += len(originals & found)
            changed += len(originals - found)
    assert whole / (whole + changed) >= 0.97


def test_captions_inside_sentences_become_captions(reports: Reports, insert_breaks: Breaking) -> None:
    rng = random.Random(3)
    inside = told = 0
    for _ in range(10):
        for report in reports:
            broken = insert_breaks(rng, report, 3)
            kinds = [block.kind for block in repair(broken.text).blocks if block.text in CAPTIONS]
            inside += len(kinds)
            told += kinds.count(BlockKind.CAPTION)
    assert inside > 40
    assert told / inside >= 0.95


@pytest.mark.parametrize("strips", [3, 4, 6])
def test_columns_out_of_order(reports: Reports, shuffle_columns: Breaking, tally: Tally, strips: int) -> None:
    rng = random.Random(strips)
    for _ in range(15):
        for report in reports:
            broken = shuffle_columns(rng, report, strips, doubled=rng.random() < 0.2)
            tally.add(broken, repair(broken.text))
    assert tally.precision >= 0.85
    assert tally.recall >= 0.2  # three strips leave the least to go by


def test_columns_that_are_joined_stand_under_their_headings(reports: Reports, shuffle_columns: Breaking) -> None:
    rng = random.Random(1)
    right = wrong = 0
    for _ in range(25):
        for report in reports:
            headings, sections = "", {}
            for paragraph in report[1:]:
                headings = paragraph.text if paragraph.is_heading else headings
                sections[paragraph.text] = headings
            broken = shuffle_columns(rng, report, 4)
            layout = repair(broken.text)
            if len(layout.joins) < len(broken.seams):
                continue  # not all of it could be decided
            for passage in chunk(layout):
                home = next((text for text in sections if passage.sentences[0].text in text), None)
                if home is not None:
                    right += sections[home] == passage.section
                    wrong += sections[home] != passage.section
    assert right > 40
    assert right / (right + wrong) >= 0.95


def test_a_caption_between_two_whole_sentences_joins_nothing() -> None:
    first = "全区新建改建乡村道路四百六十公里，偏远村组群众进城时间由两个多小时缩短到四十分钟。"
    second = "县人民医院牵头组建医疗共同体，将二十六所乡镇卫生院纳入统一管理，定期上门巡诊。"
    layout = repair(
        "\n\n".join([first, second, first]) + "\n\n\n\n村民在果园里采摘柑橘。\n\n" + "\n\n".join([second, first])
    )
    assert layout.joins == ()
    assert [block.text for block in layout.blocks if block.kind is BlockKind.CAPTION] == ["村民在果园里采摘柑橘。"]


def test_a_torn_off_end_is_left_alone() -> None:
    text = (
        "县里出台扶持茶企的若干措施，对新建生产线的企业按设备投资额的一成五给予补助，累计兑现奖补资金二千多万元。\n\n"
        "连续八年举办春茶开采节，组织企业参加各地展销，统一包装、统一标识，产品进入三百多家连锁"
    )
    layout = repair(text)
    assert layout.joins == ()
    assert len(layout.blocks) == 2


def test_an_open_book_title_is_not_closed_by_another_paragraph() -> None:
    text = (
        "全县认真贯彻《关于加强乡村人才队伍建设的\n\n"
        "首先，用好科技特派员，每月至少下乡两次，面对面解答技术难题。\n\n"
        "其次，评选乡村工匠，围绕竹编、木雕、制陶开展技能比武和职称评审。"
    )
    assert repair(text).joins == ()


def test_numbers_and_their_units_meet_again() -> None:
    text = (
        "全区新开社区食堂十二家，日均供餐四千多份，投入改造资金共计\n\n"
        "2360万元，引导四十七家小型加工厂联合重组。全年接待游客九十万人次，周边商铺的租金上涨了两成，"
        "新增就业岗位六千多个。\n\n组建医疗共同体，将乡镇卫生院纳入统一管理，定期上门巡诊。"
    )
    whole = "投入改造资金共计2360万元，引导四十七家小型加工厂联合重组。"
    assert whole in repair(text).blocks[0].text
