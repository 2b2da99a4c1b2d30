"""The mechanisms that can be switched off."""

from __future__ import annotations

import pytest

from eval.training import ablation


@pytest.mark.parametrize("name", ablation.mechanisms())
def test_a_mechanism_is_off_inside_and_on_again_outside(name: str) -> None:
    patches = ablation.mechanisms()[name]
    before = [getattr(owner, attribute) for owner, attribute, _ in patches]
    with ablation._patched(patches):
        assert all(getattr(owner, attribute) is value for owner, attribute, value in patches)
    assert [getattr(owner, attribute) for owner, attribute, _ in patches] == before
    assert all(now is not value for now, (_, _, value) in zip(before, patches, strict=True))
