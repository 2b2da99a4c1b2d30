"""The gate is worth its trust: it catches faults put into the real pipeline, and lets harmless changes pass."""

from __future__ import annotations

import pytest

from eval import faults
from eval.faults import Case
from eval.faults.bench import Bench
from eval.faults.pipeline import line_by_line
from vectorstore.types import cut

CASES = faults.cases()


@pytest.fixture(scope="module")
def outcomes() -> list[faults.Outcome]:
    return []


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_gate_judges_rightly(bench: Bench, case: Case, outcomes: list[faults.Outcome]) -> None:
    (outcome,) = faults.judge(bench, [case])
    outcomes.append(outcome)
    assert outcome.as_wanted, outcome.comparison.reasons()


def test_there_are_at_least_twenty_of_each_and_both_counts_are_told(
    outcomes: list[faults.Outcome], capsys: pytest.CaptureFixture[str]
) -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(case.harmful for case in CASES) >= 20
    assert sum(not case.harmful for case in CASES) >= 20
    if len(outcomes) == len(CASES):
        with capsys.disabled():
            print("\n" + "\n".join(faults.counts(outcomes)))


def test_a_layout_without_repair_still_cuts_out_of_its_text() -> None:
    text = "标题\r\n\r\n 第一段，\r\n图片说明\n第二段。"
    layout = line_by_line(text)
    assert [block.text for block in layout.blocks] == ["标题", "第一段，", "图片说明", "第二段。"]
    assert all(cut(text, block.spans) == block.text for block in layout.blocks)
    assert layout.raw == text
