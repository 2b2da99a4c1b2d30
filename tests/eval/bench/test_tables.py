"""Figures as people see them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

from eval.bench.chart import draw
from eval.bench.stats import medians, quantile
from eval.bench.tables import SHOWN, Figure, number, print_tables, ratio
from eval.bench.workers import OURS, PLAIN


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_a_value_that_so_many_do_not_exceed(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 0), ([1.0], 1.5)])
def test_a_quantile_of_nothing_is_an_error(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="a quantile of"):
        quantile(values, share)


def test_the_median_turn_counts() -> None:
    assert medians([{"a": 1.0, "b": 5.0}, {"a": 9.0, "b": 4.0}, {"a": 2.0, "b": 6.0}]) == {"a": 2.0, "b": 5.0}


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.1234, "0.12"), (9.876, "9.88"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12,346"), (5.0, "5")],
)
def test_numbers_have_three_digits_that_count(value: float, shown: str) -> None:
    assert number(value) == shown
    assert number(math.nan) == "-"


def test_a_ratio_says_how_many_times_better() -> None:
    figures = {OURS: {"speed": 30.0, "wait": 2.0, "count": 7.0}, PLAIN: {"speed": 10.0, "wait": 5.0, "count": 7.0}}
    assert ratio("speed", Figure("", "/s", True), figures) == "3 x"
    assert ratio("wait", Figure("", "ms"), figures) == "2.50 x"
    assert ratio("count", Figure("", "", None), figures) == "-"
    assert ratio("missing", Figure("", "ms"), figures) == "-"


RESULTS = {
    suite: {OURS: dict.fromkeys(SHOWN[suite], 200.0), PLAIN: dict.fromkeys(SHOWN[suite], 100.0)} for suite in SHOWN
}


def test_tables_show_every_figure_of_every_suite() -> None:
    console = Console(record=True, width=120)
    print_tables(RESULTS, {"cores": 2}, console)
    shown = console.export_text()
    for figures in SHOWN.values():
        for figure in figures.values():
            assert figure.label in shown
    assert "cores 2" in shown


def test_the_chart_draws_bars_to_scale(tmp_path: Path) -> None:
    draw({"ingest": RESULTS["ingest"]}, "footer", tmp_path / "chart.png")
    with Image.open(tmp_path / "chart.png") as image:
        pixels = [image.getpixel((x, y)) for y in range(image.height) for x in range(image.width)]
    blue, grey = pixels.count((0x25, 0x63, 0xEB)), pixels.count((0x9C, 0xA3, 0xAF))
    assert blue / grey == pytest.approx(2, rel=0.02)
