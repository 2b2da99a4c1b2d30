"""Fault 5: a question costs no more than in proportion to its length, whatever it is made of."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from qa.pipeline import QA, open_library
from qa.settings import Settings
from tests.reliability.conftest import CHINESE, ENGLISH, REPORTS
from vectorstore.reading import RawDocument

LENGTH = 1000
SHAPES = [
    "1", "1,", "1.", "2023年", "一", "万", "第一", "的", "谁", "多少", "不是", "县", "，", "“", "(", "?",
    "A", "A.", "who ", "the ", "and who ", "how many ", "x  ", "[1]",
]  # fmt: skip


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("library"), answerer="extractive", question_chars=20_000)
    with open_library(settings) as library:
        library.ingest(RawDocument.of(name, text) for name, text in REPORTS.items())
        yield QA(library, settings)


def seconds(qa: QA, question: str) -> float:
    """The CPU time of a question, not of the wait for a busy core."""
    began = time.process_time()
    qa.ask(question)
    return time.process_time() - began


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_the_length_takes_at_most_about_twice_the_time(qa: QA, shape: str) -> None:
    asked = CHINESE if ord(shape[0]) > 0x7F else ENGLISH
    once, twice, four = (seconds(qa, (shape * length)[:length] + asked) for length in (LENGTH, 2 * LENGTH, 4 * LENGTH))
    assert twice < 2.7 * once + 0.3
    assert four < 2.7 * twice + 0.3
