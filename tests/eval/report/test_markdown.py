"""Reports for pull requests."""

from __future__ import annotations

import re
from collections.abc import Callable

from eval.gate.compare import compare, side
from eval.gate.comparison import Comparison
from eval.report.markdown import comparison_markdown, run_markdown
from eval.runs.run_file import Run

MakeRun = Callable[..., Run]


def test_markdown_is_a_table_that_hostile_text_cannot_leave(hostile: Run, make_run: MakeRun) -> None:
    lines = run_markdown(make_run(2, 1)).splitlines()
    assert lines[2].startswith("| type | n | correct |")
    assert lines[4].startswith("| single_fact | 3 | 0.667 |")
    base = make_run(2, 1, abstained=1)
    changed = hostile.items[0].model_copy(update={"scores": hostile.items[0].scores | {"correct": 0.0}})
    comparison = compare(side("a", base), side("b", hostile.model_copy(update={"items": [changed, *base.items[1:]]})))
    row = next(line for line in comparison_markdown(comparison).splitlines() if line.startswith("| ▼"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert "<script" not in row


def test_markdown_of_a_comparison_leads_with_the_verdict(worse: Comparison) -> None:
    text = comparison_markdown(worse)
    assert text.startswith("## ❌ Worse: before → after")
    assert "correct (all) fell from 1.000 to 0.500" in text
    assert "### Flipped: 10 to worse, 0 to better" in text
