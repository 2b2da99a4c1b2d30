"""Figures of tables: cells below nought, told as falls."""

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
