"""The HTML report of a comparison: the verdict, differences with their intervals, flips side by side first."""

from __future__ import annotations

from eval.gate.compare import EVERYTHING, Comparison, Difference, Flip, Row
from eval.report import charts
from eval.report.markup import Markup, join, table, tag
from eval.report.page import controls, page
from eval.report.questions import BAD, GOOD, NONE, answer_text, answered, badge, details, expected, hits


def compare_page(comparison: Comparison) -> str:
    """Return the report of ``comparison`` as one HTML file."""
    base, new = comparison.base.name, comparison.new.name
    flips = comparison.flips
    shown = {flip.new.id for flip in flips}
    reworded = [name for name in comparison.reworded if name not in shown]
    return page(
        f"{base} → {new}",
        tag("header", tag("h1", f"{base} → {new}"), _scope(comparison)),
        _banner(comparison),
        tag("section", tag("h2", "Differences over all questions"), _chart(comparison), _differences(comparison, True)),
        _entries("Flipped questions", [_flip(comparison, flip) for flip in flips], _types(comparison, shown)),
        tag("section", tag("h2", "Differences by type"), _differences(comparison, False)),
        _entries(
            "Answers that changed without flipping",
            [_pair(comparison, name, "", NONE) for name in reworded],
            _types(comparison, set(reworded)),
        ),
    )


def _types(comparison: Comparison, ids: set[str]) -> list[str]:
    return list(dict.fromkeys(row.type for name, row in comparison.new.rows.items() if name in ids))


def _scope(comparison: Comparison) -> Markup:
    common = sum(name in comparison.base.rows for name in comparison.new.rows)
    facts = [f"{common} questions in both"]
    if comparison.only_base:
        facts.append(f"{len(comparison.only_base)} only in {comparison.base.name}")
    if comparison.only_new:
        facts.append(f"{len(comparison.only_new)} only in {comparison.new.name}")
    worse = sum(flip.change < 0 for flip in comparison.flips)
    facts += [f"{worse} flipped to worse", f"{len(comparison.flips) - worse} to better"]
    facts.append(f"{len(comparison.reworded)} changed in wording alone")
    return tag("p", " · ".join(facts), class_="about")


def _banner(comparison: Comparison) -> Markup:
    reasons = comparison.reasons()
    if not reasons:
        text = "No loss that chance does not explain, and nothing that must be perfect dropped."
        return tag("section", tag("h2", "Not worse"), tag("p", text), class_="banner")
    points = tag("ul", *(tag("li", reason) for reason in reasons))
    return tag("section", tag("h2", "Worse"), points, class_="banner bad")


def _mark(difference: Difference) -> str:
    return "" if not difference.significant else "bad" if difference.is_loss else "good"


def _chart(comparison: Comparison) -> Markup:
    rows = [
        (d.metric.replace("_", " "), d.change, d.low, d.high, _mark(d))
        for d in comparison.differences
        if d.group == EVERYTHING
    ]
    return charts.intervals("New minus base, with 95 % bootstrap intervals", rows)


def _differences(comparison: Comparison, over_all: bool) -> Markup:
    rows = [
        _row(d)
        for d in comparison.differences
        if (d.group == EVERYTHING) == over_all and (over_all or d.losses or d.gains)
    ]
    if not rows:
        return tag("p", "None.")
    head = ["metric", "group", "n", "base", "new", "difference", "95 % interval", "worse", "better", "p", "corrected p"]
    return table(head, rows, class_="pairs")


def _row(d: Difference) -> list[Markup | str]:
    mark = _mark(d) or None
    interval = f"[{d.low:+.3f}, {d.high:+.3f}]"
    change = tag("td", f"{d.change:+.3f}", class_=mark)
    adjusted = tag("td", f"{d.adjusted:.3g}", class_=mark)
    figures = [d.metric, d.group, str(d.n), f"{d.base:.3f}", f"{d.new:.3f}"]
    return [*figures, change, interval, str(d.losses), str(d.gains), f"{d.p:.3g}", adjusted]


def _entries(title: str, entries: list[Markup], types: list[str]) -> Markup:
    if not entries:
        return tag("section", tag("h2", title), tag("p", "None."))
    return tag(
        "section",
        tag("h2", title),
        controls(types, f"{len(entries)} questions", "to worse", "to better", "neither"),
        tag("div", *entries, class_="entries"),
    )


def _flip(comparison: Comparison, flip: Flip) -> Markup:
    before, after = flip.base.scores[flip.metric], flip.new.scores[flip.metric]
    text = f"{flip.metric.replace('_', ' ')} {before:g} → {after:g}"
    return _pair(comparison, flip.new.id, text, GOOD if flip.change > 0 else BAD)


def _pair(comparison: Comparison, name: str, what: str, mark: str) -> Markup:
    base, new = comparison.base.rows[name], comparison.new.rows[name]
    label = tag("span", what or "reworded", class_=f"badge {mark}")
    head: list[Markup] = []
    item = new.item or base.item
    if item is not None and item.asked is not None:
        head = expected(item, item.asked)
    sides = tag("div", _side(comparison.base.name, base), _side(comparison.new.name, new), class_="sides")
    return details(new.id, new.type, new.question, mark, label, tag("div", join(head), sides, class_="body"))


def _side(name: str, row: Row) -> Markup:
    if row.item is not None:
        return tag("div", tag("h3", name, " ", badge(row.item)), *hits(row.item), *answered(row.item))
    text = tag("p", answer_text(row.answer), class_="answer abstained" if row.abstained else "answer")
    figures = (tag("span", f"{metric} {value:g}") for metric, value in row.scores.items())
    return tag("div", tag("h3", name), text, tag("p", *figures, class_="figures"))
