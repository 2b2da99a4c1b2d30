"""Reports as Markdown, fit for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..gate.comparison import EVERYTHING, Comparison, Difference, Flip, Verdict
from ..metrics.registry import COLUMNS
from ..runs.run_file import Run
from .console import closing_lines, number

SHOWN_FLIPS = 20
CELL_CHARS = 140


def run_markdown(run: Run) -> str:
    """Return the figures of a run by type as Markdown."""
    rows = [[kind, row["n"], *(number(row.get(name), name) for name in COLUMNS)] for kind, row in run.by_type.items()]
    whole = {"n": run.summary["n"]} | run.summary["all"]
    rows.append(["**all**", whole["n"], *(number(whole.get(name), name) for name in COLUMNS)])
    lines = [f"- {line}" for line in closing_lines(run)]
    title = f"## {run.run.questions.get('name', 'questions')} · {run.run.answerer}"
    return "\n\n".join([title, _table(["type", "n", *COLUMNS.values()], rows), "\n".join(lines)]) + "\n"


def comparison_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown fit for a pull request: verdict, differences, flips."""
    reasons = comparison.reasons()
    parts = [f"## {_VERDICTS[comparison.verdict]}: {comparison.base.name} → {comparison.new.name}"]
    if reasons:
        parts.append("\n".join(f"- {reason}" for reason in reasons))
    parts.append(f"{comparison.sensitivity().capitalize()}.")
    rows = [d for d in comparison.differences if d.group == EVERYTHING or d.significant]
    parts.append(_table(_HEAD, [_difference(d) for d in rows]))
    if comparison.flips:
        worse = sum(flip.change < 0 for flip in comparison.flips)
        parts.append(f"### Flipped: {worse} to worse, {len(comparison.flips) - worse} to better")
        parts.append(
            _table(["", "id", "question", "before", "after"], [_flip(f) for f in comparison.flips[:SHOWN_FLIPS]])
        )
        if len(comparison.flips) > SHOWN_FLIPS:
            parts.append(f"... and {len(comparison.flips) - SHOWN_FLIPS} more")
    if comparison.differing:
        rows_of_differing = [[one.what, one.base, one.new] for one in comparison.differing]
        parts.append("### What differs between the runs")
        parts.append(_table(["", comparison.base.name, comparison.new.name], rows_of_differing))
    return "\n\n".join(parts) + "\n"


_VERDICTS = {
    Verdict.WORSE: "❌ Worse",
    Verdict.NOT_WORSE: "✅ Not worse",
    Verdict.TOO_FEW: "⚠️ Too few questions to tell",
}
_HEAD = ["metric", "group", "n", "base", "new", "difference", "95 % interval", "worse / better", "corrected p"]


def _difference(d: Difference) -> list[str]:
    change = f"{d.change:+.3f}"
    return [
        d.metric,
        d.group,
        str(d.n),
        f"{d.base:.3f}",
        f"{d.new:.3f}",
        f"**{change}**" if d.significant else change,
        f"{d.low:+.3f} to {d.high:+.3f}",
        f"{d.losses} / {d.gains}",
        f"{d.adjusted:.3g}",
    ]


def _flip(flip: Flip) -> list[str]:
    return ["▲" if flip.change > 0 else "▼", flip.new.id, flip.new.question, flip.base.answer, flip.new.answer]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    text = re.sub(r"\s+", " ", str(value)).strip()
    text = text if len(text) <= CELL_CHARS else text[:CELL_CHARS] + "…"
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
