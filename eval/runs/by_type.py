"""A run by type as Markdown, with 95 % Wilson intervals.

``python -m eval.runs.by_type RUN [--split dev|test] [--languages]``
"""

from __future__ import annotations

import argparse
import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from vectorstore.text.language import language_of

from ..errors import EvalError
from .run_file import Run, load

_Z = 1.959964
METRICS = ("correct", "retrieval@5", "evidence_recall", "evidence_precision")


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share of ``n`` trials. Source: Wilson, JASA 22, 1927."""
    if n == 0:
        return 0.0, 1.0
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def cell(values: Sequence[float]) -> str:
    """Return a mean with its interval; a mean of shares is taken as one of yes and no, which is wider."""
    if not values:
        return "-"
    mean = sum(values) / len(values)
    low, high = wilson(mean, len(values))
    return f"{mean:.3f} [{_bound(low)}, {_bound(high)}]"


def _bound(value: float) -> str:
    """Return two decimals without the leading zero, so that a row fits into 120 characters."""
    return f"{value:.2f}".removeprefix("0")


def table(run: Run, split: str | None = None, languages: bool = False) -> str:
    """Return a row for each type, and one each for what is answerable and what is not.

    Args:
        languages: one each for those in the language of their question, too.
    """
    groups: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    counts: dict[str, int] = defaultdict(int)
    for item in run.items:
        question = item.asked
        if question is None or split not in (None, question.split):
            continue
        whole = "all answerable" if question.answerable else "all unanswerable"
        spoken = [f"{whole}, {language_of(question.question)}"] if languages else []
        for group in (question.type, whole, *spoken):
            counts[group] += 1
            for metric in METRICS:
                if metric in item.scores:
                    groups[group][metric].append(item.scores[metric])
            groups[group]["abstained"].append(float(item.abstained))
    lines = [f"| type | n | {' | '.join(METRICS)} | abstained |", "| --- | --- |" + " --- |" * (len(METRICS) + 1)]
    for group in sorted(groups, key=lambda name: (name.startswith("all"), name)):
        cells = [cell(groups[group][metric]) for metric in (*METRICS, "abstained")]
        lines.append(f"| {group} | {counts[group]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("run", type=Path)
    parser.add_argument("--split", choices=("dev", "test"))
    parser.add_argument("--languages", action="store_true", help="with rows for each language of questions")
    given = parser.parse_args()
    try:
        print(table(load(given.run), given.split, given.languages))
    except EvalError as error:
        parser.exit(2, f"error: {error}\n")


if __name__ == "__main__":
    main()
