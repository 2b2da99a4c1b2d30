"""Names in English text, by capitals."""

from __future__ import annotations

import pytest

from qa.text.names import names, people


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Staff turnover fell in Hull and Immingham.", {"hull", "immingham"}),
        ("The board is led by Sarah Hanratty.", {"sarah hanratty"}),
        ("Bank of England rates rose.", {"bank of england"}),
        ("It opened in March on a Monday. The plant grew.", set()),
    ],
)
def test_names(text: str, found: set[str]) -> None:
    assert names(text) == found


def test_a_post_is_nobody() -> None:
    assert people("It was led by Sarah Hanratty, then Senior Director.") == {"sarah hanratty"}
