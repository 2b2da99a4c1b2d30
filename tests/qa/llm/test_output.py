"""What a model writes beside its answer is taken off."""

from __future__ import annotations

import pytest

from qa.llm.output import without_closed_thoughts, without_thoughts


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<think>first</think>Yes.", "Yes."),
        ("<Thinking>a\nb</THINKING>Yes.<think>more</think> No.", "Yes. No."),
        ("Yes.<think>never ended", "Yes."),
        ("I think so.", "I think so."),
    ],
)
def test_thoughts_are_no_part_of_an_answer(text: str, left: str) -> None:
    assert without_thoughts(text) == left


def test_a_thought_that_goes_on_stays_until_it_ends() -> None:
    assert without_closed_thoughts("<think>a</think>b<think>c") == "b<think>c"
