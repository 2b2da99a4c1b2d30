"""Comparisons: each document under its name, and the conclusion that their figures force, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qa.pipeline import QA
from qa.settings import Settings
from vectorstore.library import Library
from vectorstore.reading import RawDocument

COUNCILS = {
    "north.txt": "Northfield Council runs 14 libraries in the county.",
    "east.txt": "Eastmoor Council runs 9 libraries in its area.",
}
VILLAGES = {
    "stone.txt": "石桥县工作报告\n\n2022年全县集体经济村均收入70万元，其中收入100万元以上的村有19个。",
    "willow.txt": "柳溪县工作报告\n\n全县村集体经济总收入达1600余万元，为乡村振兴打下坚实基础。",
}
BOOKS = {
    "north.txt": "Northfield Council spent £40,000 per library on books.",
    "east.txt": "Eastmoor Council spent £900,000 in all on books for its libraries.",
}

LIBRARIES = {
    "north.txt": "Northfield Council report\n\nNorthfield library opened on 3 May 2003 with 120 seats.",
    "east.txt": "Eastmoor Council report\n\nEastmoor library opened on 7 June 1999 with 300 seats.",
}


@contextmanager
def asking(directory: Path, library: Library, texts: dict[str, str]) -> Iterator[QA]:
    with Library.open(directory, library.embedder) as opened:
        opened.ingest([RawDocument.of(name, text) for name, text in texts.items()])
        yield QA(opened, Settings(answerer="extractive"))


@pytest.fixture(scope="module")
def councils(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[QA]:
    with asking(tmp_path_factory.mktemp("councils"), library, COUNCILS) as made:
        yield made


def test_two_english_documents_side_by_side(councils: QA) -> None:
    answer = councils.ask("Which has more libraries, Northfield or Eastmoor?")
    assert [(s.document, s.text) for s in answer.sentences] == [
        ("Northfield", COUNCILS["north.txt"]),
        ("Eastmoor", COUNCILS["east.txt"]),
        ("", "Highest: Northfield (14)."),
    ]
    assert answer.warnings == []
    assert answer.sentences[2].citations == [1, 2]


def test_the_names_stand_in_the_answers_text_and_not_in_the_sentences(qa: QA) -> None:
    answer = qa.ask("青山县和白河市哪个的蔬菜大棚更多？")
    assert [s.document for s in answer.sentences] == ["青山县", "白河市", ""]
    assert not any(s.text.startswith(("青山县：", "白河市：")) for s in answer.sentences)
    assert "青山县：" in answer.answer
    assert "白河市：" in answer.answer
    assert answer.sentences[2].text == "更多的是青山县（1200个）。"


def test_the_smallest(qa: QA) -> None:
    assert qa.ask("青山县和白河市哪个的蔬菜大棚更少？").sentences[-1].text == "更少的是白河市（800个）。"


def test_a_document_that_says_nothing_is_named_as_the_question_writes_it(councils: QA) -> None:
    answer = councils.ask("How many libraries and how many swimming pools do Northfield and Westbrook run?")
    assert not any("westbrook" in warning for warning in answer.warnings)


def test_no_figure_says_what_was_earlier(tmp_path: Path, library: Library) -> None:
    with asking(tmp_path, library, LIBRARIES) as qa:
        answer = qa.ask("Which opened its library earlier, Northfield or Eastmoor?")
    assert [sentence.document for sentence in answer.sentences] == ["Northfield", "Eastmoor"]


@pytest.mark.parametrize(
    ("texts", "question"),
    [
        (VILLAGES, "石桥县和柳溪县哪个村均收入更高？"),
        (BOOKS, "Which spent more on books per library, Northfield or Eastmoor?"),
    ],
    ids=["zh", "en"],
)
def test_no_conclusion_is_drawn_from_an_average_and_a_total(
    tmp_path: Path, library: Library, texts: dict[str, str], question: str
) -> None:
    with asking(tmp_path, library, texts) as qa:
        answer = qa.ask(question)
    assert len(answer.sentences) == 2
    assert all(sentence.document for sentence in answer.sentences)
