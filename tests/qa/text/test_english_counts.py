"""What numbers count in English."""

from __future__ import annotations

import pytest

from qa.text.english_counts import WORDED, asked_thing, score


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("how many workers came across with it?", "workers came across"),
        ("how many vacant posts are there?", "vacant posts"),
        ("what was the number of missed bins?", "missed bins"),
        ("who runs it?", ""),
    ],
)
def test_asked_thing(question: str, thing: str) -> None:
    assert asked_thing(question) == thing


def test_a_number_counts_what_stands_behind_it() -> None:
    workers, visitors = "it took over 190 workers", "190 visitors came, and workers left"
    assert score("workers", workers) > score("workers", visitors)
    assert score("worker", workers) == 1.0
    assert score("", workers) == 0.5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fifty-seven homes and two parks", ["fifty-seven", "two"]),
        ("one of them, for someone", []),
        ("half a dozen", ["half", "dozen"]),
    ],
)
def test_numbers_in_words(text: str, found: list[str]) -> None:
    assert WORDED.findall(text) == found
