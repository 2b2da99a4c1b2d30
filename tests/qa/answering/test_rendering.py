"""An answer as one text: names of documents, marks, and what parts sentences in each language."""

from __future__ import annotations

import pytest

from qa.answering.rendering import piece, rendered
from qa.types import AnswerSentence
from vectorstore.text.language import Language


def sentence(text: str, *citations: int, document: str = "", section: str = "") -> AnswerSentence:
    return AnswerSentence(text=text, citations=list(citations), document=document, section=section)


@pytest.mark.parametrize(
    ("sentences", "language", "text"),
    [
        ([], "zh", ""),
        (
            [
                sentence("It has 84 plots.", 1, document="Larkfield (2025-02-11)"),
                sentence("Water use fell.", 2, document="Larkfield (2025-02-11)", section="Water"),
                sentence("There are 11.", 3, document="Oakham", section="Wells"),
            ],
            "en",
            "Larkfield (2025-02-11): It has 84 plots.[1]\nWater: Water use fell.[2]\nOakham:\nWells: There are 11.[3]",
        ),
        ([sentence("建网格218个。", 1), sentence("配网格员230名。", 2)], "zh", "建网格218个。[1]配网格员230名。[2]"),
        (
            [sentence("It has 14.", 1), sentence("They opened in May.", 1, 2)],
            "en",
            "It has 14.[1] They opened in May.[1][2]",
        ),
        (
            [
                sentence("建网格218个。", 1, document="甲县"),
                sentence("建网格305个。", 2, document="乙市"),
                sentence("更多的是乙市（305个）。", 1, 2),
            ],
            "zh",
            "甲县：建网格218个。[1]\n乙市：建网格305个。[2]\n更多的是乙市（305个）。[1][2]",
        ),
        (
            [sentence("建网格218个。", 1, document="甲县"), sentence("配网格员230名。", 2, document="甲县")],
            "zh",
            "甲县：建网格218个。[1]配网格员230名。[2]",
        ),
        (
            [sentence("It runs 14.", 1, document="Northfield"), sentence("It runs 9.", 2, document="Eastmoor")],
            "en",
            "Northfield: It runs 14.[1]\nEastmoor: It runs 9.[2]",
        ),
    ],
)
def test_rendered(sentences: list[AnswerSentence], language: Language, text: str) -> None:
    assert rendered(sentences, language) == text
    previous = [None, *sentences]
    assert "".join(piece(s, before, language) for s, before in zip(sentences, previous, strict=False)) == text


def test_without_marks() -> None:
    assert rendered([sentence("It has 14.", 1), sentence("It has 9.", 2)], "en", marks=False) == "It has 14. It has 9."
