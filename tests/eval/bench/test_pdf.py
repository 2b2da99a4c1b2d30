"""Reading order and speed of PDF pages: the pages are real, and a wrong order is told."""

from __future__ import annotations

import pytest

from eval.bench.pdf import kept, order, speed
from eval.bench.typesetting import typeset

SENTENCES = [f"The council of ward {number} spent {number * 7} pounds on its roads last year." for number in range(300)]


def test_two_columns_are_read_one_after_the_other() -> None:
    assert order(SENTENCES) == {"pairs": len(SENTENCES) - 1, "pairs_kept": 1.0}


def test_speed_and_memory_are_those_of_the_process_that_reads() -> None:
    figures = speed(SENTENCES, 3)
    assert figures["pages"] == 3
    assert figures["processor_seconds"] > 0
    assert figures["memory_mb"] > 10


def test_pages_are_filled() -> None:
    data, used = typeset(SENTENCES[:10], 1, 4)
    assert data.count(b"/Type /Page ") == 4
    assert used[:10] == SENTENCES[:10] == used[10:20]


@pytest.mark.parametrize(
    ("read", "share"),
    [
        (["One is here.", "Two is here.", "Three is here."], 1.0),
        (["One is", "here. Two is here.", "Three is here."], 1.0),
        (["Two is here.", "One is here.", "Three is here."], 0.0),
        (["One is here.", "Page 3", "Two is here.", "Three is here."], 0.5),
    ],
)
def test_pairs_that_are_torn_apart_are_counted(read: list[str], share: float) -> None:
    assert kept(["One is here.", "Two is here.", "Three is here."], read) == share
