"""Fault 5: a question costs no more than in proportion to its length, whatever it is made of."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from qa.pipeline import QA, open_library
from qa.ranking.wording import contradicts
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


@pytest.mark.parametrize("shape", ["1", "1,", "1."])
def test_digits_are_read_once_for_each_sentence(shape: str) -> None:
    """Twelve seconds of CPU for 2,000 digits: a long number was read again from each of its digits."""
    question = shape * 20_000 + "?"
    began = time.process_time()
    for _ in range(20):
        assert not contradicts(question, "全县新建小学3所，新增学位1800个。")
    assert time.process_time() - began < 2


def test_numbers_contradict_as_before() -> None:
    assert contradicts("5个村", "有12个村")
    assert not contradicts("12个村", "增加,12个村")
    assert contradicts("1,200个村", "有1,300个村")
    assert not contradicts("1,200余个村", "有1,200个村和3个村")
