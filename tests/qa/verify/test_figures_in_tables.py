"""Figures of tables: cells below nought, told as falls, and those whose scale stands in the head."""

from __future__ import annotations

import pytest

from qa.verify import Source, miscomputed

CHANGES = Source("项目 | 2023年 | 同比\n营业收入 | 48.36亿元 | -5.2%", "远帆科技", "yuanfan")
RESULTS = Source("Item | 2023 | Change\nRevenue | £48.36m | -5.2%\nNet result | (3.1)", "Harbour", "harbour")
FALL = Source("营业收入同比下降5.2%。", "远帆科技", "yuanfan")


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("营业收入同比下降5.2%。", CHANGES),
        ("营业收入的降幅为5.2%。", CHANGES),
        ("营业收入变动-5.2%。", FALL),
        ("Revenue fell by 5.2%.", RESULTS),
        ("Revenue showed a 5.2% decline.", RESULTS),
        ("The net result was -3.1.", RESULTS),
    ],
)
def test_a_negative_cell_is_a_fall(claim: str, source: Source) -> None:
    assert miscomputed(claim, [source]) is None


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("营业收入同比增长5.2%。", CHANGES),
        ("营业收入同比下降2.5%。", CHANGES),
        ("营业收入变动-5.2%。", Source("营业收入同比增长5.2%。", "远帆科技", "yuanfan")),
        ("Revenue rose by 5.2%.", RESULTS),
        ("The net result was -48.36.", RESULTS),
    ],
)
def test_a_negative_cell_is_no_rise(claim: str, source: Source) -> None:
    assert miscomputed(claim, [source])


YUAN = Source("单位：亿元\n项目 | 2023年 | 同比（%）\n营业收入 | 48.36 | 7.18", "远帆科技", "yuanfan")
PER_ITEM = Source("项目（万元） | 2023年 | 增减%\n净利润 | 5,300.5 | -3.2", "远帆科技", "yuanfan")
ABOVE = Source("营业收入 | 48.36", "远帆科技\n主要数据（单位：人民币千元）", "yuanfan")
POUNDS = Source("| £m | 2023 | Change (%) |\n| Revenue | 48.36 | 7.18 |", "Harbour", "harbour")
THOUSANDS = Source("| £'000 | 2023 |\n| Revenue | 48,360 |", "Harbour", "harbour")
DOLLARS = Source("Item (in millions of dollars) | 2023\nRevenue | 48.36", "Harbour", "harbour")


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("2023年营业收入为48.36亿元，同比增长7.18%。", YUAN),
        ("2023年营业收入约48亿元。", YUAN),
        ("净利润为5300.5万元，下降3.2%。", PER_ITEM),
        ("营业收入48.36千元。", ABOVE),
        ("Revenue was £48.36m in 2023, up by 7.18%.", POUNDS),
        ("Revenue was £48.36 million.", THOUSANDS),
        ("Revenue was $48.36 million.", DOLLARS),
    ],
)
def test_a_cell_is_read_by_its_head(claim: str, source: Source) -> None:
    assert miscomputed(claim, [source]) is None


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("2023年营业收入为48.36万元。", YUAN),
        ("2023年营业收入为48.63亿元。", YUAN),
        ("净利润为7.18%。", Source("净利润7.18，占比10%。", "远帆科技", "yuanfan")),
        ("净利润为7.18亿元。", Source("净利润7.18，投资5亿元，每千人3，数百万元。", "远帆科技", "yuanfan")),
        ("Revenue was £48.36 billion.", POUNDS),
        ("Revenue was £48.36 million.", Source("Revenue 48.36. It paid £5 million (8%).", "Harbour", "harbour")),
        ("Revenue rose by 48.36%.", Source("Revenue 48.36. It paid £5 million (8%).", "Harbour", "harbour")),
    ],
)
def test_a_cell_has_no_other_scale_than_its_head_gives(claim: str, source: Source) -> None:
    assert miscomputed(claim, [source])
