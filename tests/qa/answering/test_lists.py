"""A list that has fewer things than there are is known to be incomplete."""

from __future__ import annotations

import pytest

from qa.answering.lists import enumerated, incomplete
from qa.question.analysis import analyse
from qa.ranking.base import CandidateSentence
from tests.support.passages import stored

HEAD = "Three districts reported:\nDistrict | Rate"
ROWS = [f"{HEAD}\nHillside | 96%", f"{HEAD}\nLakeside | 98%"]


@pytest.mark.parametrize(
    ("question", "texts", "counts"),
    [
        ("Which three gates does the park have?", ["1. The east gate.", "2. The west gate."], (2, 3)),
        ("公园有哪三个入口？", ["一是东门入口。", "二是西门入口。"], (2, 3)),
        ("List the gates of the park", ["The park has three gates:", "1. The east gate.", "2. The west gate."], (2, 3)),
        ("公园有哪些入口？", ["公园共有三个入口：", "一是东门。", "二是西门。"], (2, 3)),
        ("List the districts and their rates", ROWS, (2, 3)),
        ("Which two gates does the park have?", ["1. The east gate.", "2. The west gate."], None),
        ("公园有哪两个入口？", ["一是东门入口。", "二是西门入口。"], None),
        ("Which three gates does the park have?", ["1. The east, west, and north gates.", "2. Open at six."], None),
        ("Which three gates does the park have?", ["The gates are old.", "One of them leads to the lake."], None),
        ("List the gates of the park", ["1. The east gate.", "2. The west gate."], None),
        ("公园有哪些入口？", ["一是东门入口。", "二是西门入口。"], None),
    ],
)
def test_how_many_of_how_many(question: str, texts: list[str], counts: tuple[int, int] | None) -> None:
    assert incomplete(analyse(question), texts) == counts


FINES = "The works were inspected in May. The supplier Dole was fined. There was no other fine."
FOUND = "Auditors found that the report was late. Auditors found that two of the fines were paid."
HELD = "本院认为，该报告不予采信。本院认为，争议焦点有两个。"
LONG = "".join(f"坚持第{word}点，{'这一点要落到实处' * 12}。" for word in "甲乙丙丁")


@pytest.mark.parametrize(
    ("text", "best", "listed"),
    [
        (FINES, 1, ["The supplier Dole was fined."]),  # "The" and "There" open no list
        ("The supplier Dole was fined.", 0, ["The supplier Dole was fined."]),
        (FOUND, 1, ["Auditors found that two of the fines were paid."]),
        (HELD, 1, ["本院认为，争议焦点有两个。"]),
        (LONG, 1, ["坚持第甲点，", LONG[len(LONG) // 4 : len(LONG) // 2], "坚持第丙点，", "坚持第丁点，"]),
    ],
)
def test_what_opens_alike_is_a_list_and_the_best_sentence_is_not_cut(text: str, best: int, listed: list[str]) -> None:
    unit = CandidateSentence(stored(1, text), best)
    assert [one.sentence.text for one in enumerated(unit, [unit], [1.0])] == listed
