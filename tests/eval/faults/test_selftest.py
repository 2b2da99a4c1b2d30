"""The gate is worth its trust: it catches faults put into the real pipeline, and lets harmless changes pass."""

from __future__ import annotations

import pytest

from eval.faults import selftest
from eval.faults.pipeline_faults import line_by_line
from eval.faults.sandbox import Sandbox
from eval.faults.selftest import Case, Outcome
from vectorstore.types import cut

CASES = selftest.cases()


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return []


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_gate_judges_rightly(sandbox: Sandbox, case: Case, outcomes: list[Outcome]) -> None:
    (outcome,) = selftest.evaluate(sandbox, [case])
    outcomes.append(outcome)
    assert outcome.as_wanted, outcome.comparison.reasons()


def test_there_are_at_least_twenty_of_each_and_both_counts_are_told(
    outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]
) -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(case.harmful for case in CASES) >= 20
    assert sum(not case.harmful for case in CASES) >= 20
    if len(outcomes) == len(CASES):
        with capsys.disabled():
            print("\n" + "\n".join(selftest.counts(outcomes)))


def test_a_layout_without_repair_still_cuts_out_of_its_text() -> None:
    text = "标题\r\n\r\n 第一段，\r\n图片说明\n第二段。"
    layout = line_by_line(text)
    assert [block.text for block in layout.blocks] == ["标题", "第一段，", "图片说明", "第二段。"]
    assert all(cut(text, block.spans) == block.text for block in layout.blocks)
    assert layout.raw == text
