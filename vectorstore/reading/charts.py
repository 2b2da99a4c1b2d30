"""Charts of slides and of Word documents: their title, and their figures as a table of a column for each series."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from vectorstore.reading import grid
from vectorstore.reading.number_formats import formatted, plain

if TYPE_CHECKING:
    from lxml.etree import _Element

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DATE = re.compile(r"[ymd]{2}", re.I)
_DAY_0 = datetime(1899, 12, 30)
_LATEST = 2_958_465  # the last day of 9999


class Chart(NamedTuple):
    """What a chart says."""

    caption: str
    """Its title, and those of its axes: they tell the unit."""
    rows: list[list[grid.Cell]]
    """The names of the series, then what each has for each category; empty where it keeps no figures."""


def read_chart(root: _Element) -> Chart:
    """Return what a chart says, as the program that drew it last has kept it."""
    titles = [" ".join(text.text or "" for text in title.iter(f"{_A}t")) for title in root.iter(f"{C}title")]
    names: list[str] = []
    labels: dict[int, str] = {}
    columns: list[dict[int, str]] = []
    for series in root.iter(f"{C}ser"):
        names.append(" ".join(_points(series, "tx").values()))
        labels = {**(_points(series, "cat") or _points(series, "xVal")), **labels}
        columns.append(_points(series, "val") or _points(series, "yVal"))
    places = sorted({place for column in columns for place in column})
    rows = [["", *names], *([labels.get(at, ""), *(column.get(at, "") for column in columns)] for at in places)]
    caption = " ".join(" – ".join(filter(str.strip, titles)).split())
    return Chart(caption, [list(map(grid.Cell.of, row)) for row in rows] if places else [])


def _points(series: _Element, what: str) -> dict[int, str]:
    """Return a series' name, its categories or its values, by their places, as the chart shows them."""
    found: dict[int, str] = {}
    element = series.find(f"{C}{what}")
    for point in () if element is None else element.iter(f"{C}pt", f"{C}v"):
        if point.tag == f"{C}v":  # of a name that is in no cell
            if point.getparent() is element:
                found.setdefault(0, point.text or "")
            continue
        place, cache = point.get("idx", ""), point.getparent()
        code = point.get("formatCode") or (cache.findtext(f"{C}formatCode") if cache is not None else None)
        if place.isdecimal() and len(place) < 8:
            found.setdefault(int(place), _shown(point.findtext(f"{C}v") or "", code or ""))
    return found


def _shown(text: str, code: str) -> str:
    try:
        value = float(text) if code else None
    except ValueError:
        value = None
    if value is None:
        return text
    if _DATE.search(code) and 0 < value < _LATEST:
        return plain(_DAY_0 + timedelta(days=int(value)))
    shown = formatted(value, code)
    return plain(value) if shown is None else shown
