"""Charts as inline SVG: bars by group, intervals of differences, a histogram."""

from __future__ import annotations

from collections.abc import Sequence

from eval.report.markup import Markup, escape, tag

LABEL = 200
BAR = 240
ROW = 24
WIDTH = 380


def bars(title: str, rows: Sequence[tuple[str, float | None, str]]) -> Markup:
    """Return horizontal bars of shares.

    Args:
        rows: (label, share from 0 to 1 or None, note behind the figure) from top to bottom.
    """
    pieces: list[Markup] = []
    for index, (label, share, note) in enumerate(rows):
        y = index * ROW
        pieces.append(_text(LABEL - 8, y + 16, label, anchor="end"))
        pieces.append(_rect(LABEL, y + 5, BAR, 14, "track"))
        if share is not None:
            pieces.append(_rect(LABEL, y + 5, BAR * share, 14, "bar"))
        figure = "–" if share is None else f"{share:.1%}"
        pieces.append(_text(LABEL + BAR + 8, y + 16, f"{figure}  {note}"))
    return _figure(title, pieces, LABEL + BAR + 190, len(rows) * ROW)


def intervals(title: str, rows: Sequence[tuple[str, float, float, float, str]]) -> Markup:
    """Return differences with their intervals on one axis around zero.

    Args:
        rows: (label, difference, low, high, class of the mark: "good", "bad" or "") from top to bottom.
    """
    reach = max([0.02, *(max(abs(low), abs(high)) for _, _, low, high, _ in rows)]) * 1.1
    middle = LABEL + BAR / 2
    scale = BAR / 2 / reach
    height = len(rows) * ROW + 20
    pieces = [_line(middle, 0, middle, height - 18, "axis")]
    for index, (label, change, low, high, kind) in enumerate(rows):
        y = index * ROW + 12
        pieces.append(_text(LABEL - 8, y + 4, label, anchor="end"))
        pieces.append(_line(middle + low * scale, y, middle + high * scale, y, f"whisker {kind}"))
        pieces.append(
            tag("circle", cx=f"{middle + change * scale:.1f}", cy=y, r=4.5, class_=f"dot {kind}", aria_hidden="true")
        )
        pieces.append(_text(LABEL + BAR + 8, y + 4, f"{change:+.3f}  [{low:+.3f}, {high:+.3f}]"))
    for share in (-1, 0, 1):
        pieces.append(
            _text(middle + share * BAR / 2, height - 4, f"{share * reach:+.2f}", anchor="middle", class_="tick")
        )
    return _figure(title, pieces, LABEL + BAR + 190, height)


def histogram(title: str, values: Sequence[float], unit: str, bins: int = 24) -> Markup:
    """Return how often values fall into equal steps from 0 to their 99th percentile; the rest is in the last step."""
    if not values:
        return Markup("")
    ordered = sorted(values)
    top = max(ordered[int(0.99 * (len(ordered) - 1))], 1e-9)
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(value / top * bins))] += 1
    width, height = WIDTH / bins, 110
    pieces = []
    for index, count in enumerate(counts):
        tall = height * count / max(counts)
        bar = _rect(index * width, height - tall, width - 2, tall, "bar")
        pieces.append(
            tag("g", tag("title", f"{top * index / bins:.0f}–{top * (index + 1) / bins:.0f} {unit}: {count}"), bar)
        )
    pieces.append(_line(0, height, WIDTH, height, "axis"))
    for share in (0.0, 0.5, 1.0):
        anchor = "start" if share == 0 else "middle" if share == 0.5 else "end"
        pieces.append(_text(WIDTH * share, height + 16, f"{top * share:.0f} {unit}", anchor=anchor, class_="tick"))
    return _figure(title, pieces, WIDTH, height + 22)


def _figure(title: str, pieces: Sequence[Markup], width: float, height: float) -> Markup:
    svg = tag(
        "svg", *pieces, viewBox=f"0 0 {width:.0f} {height:.0f}", role="img", aria_label=title, width=f"{width:.0f}"
    )
    return tag("figure", tag("figcaption", title), svg)


def _text(x: float, y: float, text: str, anchor: str = "start", class_: str = "") -> Markup:
    return tag("text", escape(text), x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_ or None)


def _rect(x: float, y: float, width: float, height: float, class_: str) -> Markup:
    return tag(
        "rect", x=f"{x:.1f}", y=f"{y:.1f}", width=f"{max(0.0, width):.1f}", height=f"{height:.1f}", rx=2, class_=class_
    )


def _line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    return tag("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=class_.strip())
