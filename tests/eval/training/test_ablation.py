"""The mechanisms that can be switched off: off inside and on again outside, and one that changes what is answered."""

from __future__ import annotations

import pytest

from eval.faults.sandbox import Sandbox
from eval.training import ablation


@pytest.mark.parametrize("name", ablation.PATCHED)
def test_a_patched_mechanism_is_off_inside_and_on_again_outside(name: str) -> None:
    patches = ablation.PATCHED[name]
    before = [getattr(owner, attribute) for owner, attribute, _ in patches]
    with ablation.patched(patches):
        assert all(getattr(owner, attribute) is value for owner, attribute, value in patches)
    assert [getattr(owner, attribute) for owner, attribute, _ in patches] == before
    assert all(now is not value for now, (_, _, value) in zip(before, patches, strict=True))


@pytest.mark.parametrize("name", ablation.CONFIGURED)
def test_a_configured_mechanism_makes_a_pipeline_that_answers(sandbox: Sandbox, name: str) -> None:
    answer = ablation.CONFIGURED[name](sandbox).ask("中江县换届后村党组织书记、主任一肩挑占比是多少？")
    assert answer.standalone_question


def test_what_never_abstains_answers_anything(sandbox: Sandbox) -> None:
    question = "中江县的飞机场有几条跑道？"
    assert sandbox.pipeline().ask(question).abstained
    assert not ablation.CONFIGURED["abstaining"](sandbox).ask(question).abstained
