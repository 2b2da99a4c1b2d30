"""Growth: a question of a larger library takes no more memory, and the benchmark of it runs."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from eval.bench import scale
from eval.bench.stand_in import StandIn, questions, reports
from qa.pipeline import QA
from qa.settings import Settings
from vectorstore.library import Library
from vectorstore.reading import RawDocument

FEW, MANY = 200, 500
"""Documents; of the few, too, as many passages are looked at as of any number."""
NAMED, LEFT_OUT = "云岭县有多少个行政村？", "除了云岭县，还有哪里新建了图书室？"


def short(number: int) -> RawDocument:
    name = "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in f"{number:03}")
    text = f"{name}县工作报告\n\n{name}县辖{number + 20}个行政村，新建图书室{number}间。"
    return RawDocument.of(f"{number}.txt", text, "utf-8")


def peak(directory: Path, documents: int, question: str) -> int:
    """The most bytes that the first question after a change takes at a time."""
    with Library.open(directory, StandIn()) as library:
        library.ingest(map(short, range(documents)))
        library.ingest([RawDocument.of("yunling.txt", "云岭县工作报告\n\n云岭县辖12个行政村。", "utf-8")])
        qa = QA(library, Settings(answerer="extractive"))
        query = qa.analyser.analyse(question)
        assert len(query.parts[0].documents) + len(query.without) == 1
        qa.search(question)
        library.ingest([short(documents)])
        tracemalloc.start()
        try:
            qa.search(question)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("question", [NAMED, LEFT_OUT])
def test_a_question_after_a_change_takes_as_much_memory_whatever_there_is(tmp_path: Path, question: str) -> None:
    assert peak(tmp_path / "many", MANY, question) < 1.3 * peak(tmp_path / "few", FEW, question)


def test_growth_is_measured(tmp_path: Path) -> None:
    filled = scale.fill(str(tmp_path), 30)
    assert filled["passages"] > 60
    asked = scale.ask(str(tmp_path), 30, 2)
    assert asked.keys() >= {"open_s", "first_ms", "ask_p50_ms", "change_s", "after_ms", "memory_mb", "scoped_ratio"}
    assert all(value > 0 for value in [*filled.values(), *asked.values()])
    assert scale.ask(str(tmp_path), 30, 2)["passages"] == filled["passages"]  # it was left as it was


def test_made_up_documents_are_the_same_each_time_and_answer(tmp_path: Path) -> None:
    assert [one.text for one in reports(3, 6)] == [one.text for one in reports(0, 6)][3:]
    with Library.open(tmp_path, StandIn(), lazy=True) as library:
        library.ingest(reports(0, 11))
        qa = QA(library, Settings(answerer="extractive"))
        named = [question for question in questions(10, 10) if "最多" not in question and "乌有" not in question]
        cited = [qa.analyser.analyse(question).parts[0].documents for question in named]
        assert all(len(documents) == 1 for documents in cited)


@pytest.mark.parametrize("count", [1, 40])
def test_as_many_questions_as_asked_for(count: int) -> None:
    assert len(questions(1000, count)) == count
