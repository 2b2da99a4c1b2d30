"""Benchmarks as a bar chart for the README."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .suites import Figures
from .tables import SHOWN, number
from .workers import OURS, PLAIN, SENTENCE_TRANSFORMERS

_CHARTED = {"embed": ["passages_per_s", "query_p50_ms"], "ingest": ["seconds"], "start": ["ask_s"]}
_COLOURS = {OURS: "#2563eb", PLAIN: "#9ca3af", SENTENCE_TRANSFORMERS: "#d97706"}
_WIDTH, _MARGIN, _LABELS, _BAR, _GAP = 1400, 40, 300, 34, 12  # pixels


def draw(results: Mapping[str, Figures], footer: str, path: Path) -> None:
    """Write a bar chart as a PNG: a panel for each of the main figures, a bar for each pipeline.

    Raises:
        ModuleNotFoundError: Pillow is not installed.
    """
    from PIL import Image, ImageDraw, ImageFont

    panels = [
        (SHOWN[suite][name], {of: row[name] for of, row in results[suite].items() if name in row})
        for suite, names in _CHARTED.items()
        if suite in results
        for name in names
    ]
    height = 2 * _MARGIN + 40 + sum(60 + len(bars) * (_BAR + _GAP) for _, bars in panels)
    image = Image.new("RGB", (_WIDTH, height), "white")
    pen = ImageDraw.Draw(image)
    plain, small = ImageFont.load_default(26), ImageFont.load_default(22)
    y = _MARGIN
    for figure, bars in panels:
        better = "more is better" if figure.more_is_better else "less is better"
        pen.text((_MARGIN, y), f"{figure.label}, {figure.unit} ({better})", fill="#111827", font=plain)
        y += 44
        longest = max(bars.values())
        for pipeline, value in bars.items():
            pen.text((_MARGIN, y + 4), pipeline, fill="#374151", font=small)
            left = _MARGIN + _LABELS
            length = max(2, round((_WIDTH - left - _MARGIN - 130) * value / longest))
            pen.rectangle((left, y, left + length, y + _BAR), fill=_COLOURS[pipeline])
            pen.text((left + length + 12, y + 4), number(value), fill="#111827", font=small)
            y += _BAR + _GAP
        y += 16
    pen.text((_MARGIN, height - _MARGIN - 10), footer, fill="#6b7280", font=small)
    image.save(path, optimize=True)
