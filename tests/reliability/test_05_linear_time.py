"""Fault 5: a question and a model's sentence cost no more than in proportion to their length, whatever is in them.

CPU time of this process is compared with itself, so that a busy machine changes nothing.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator

import pytest

from qa.answering.citation_labels import take_labels
from qa.answering.llm_output import sentences
from qa.pipeline import QA, open_library
from qa.question.documents import Subjects
from qa.settings import Settings
from qa.types import Evidence
from qa.verify import verify
from tests.reliability.conftest import CHINESE, ENGLISH, LONG, REPORTS
from tests.support.passages import stored
from tests.support.regex_attacks import attacks, growth, patterns
from vectorstore.reading import RawDocument
from vectorstore.text.sentences import bounds

LENGTH = 1000
STEEPEST = 1.7
"""Exponent of the time over the length: 1 is linear, 2 is quadratic."""
NOTHING = 0.25
"""Seconds of CPU time that 4,000 characters may take however they grow."""
ATTACKS = 400 if LONG else 40
"""Texts that each pattern is tried with."""
SHAPES = [
    "1", "1,", "1.", "2023年", "一", "万", "第一", "的", "谁", "多少", "不是", "县", "，", "“", "(", "?",
    "A", "A.", "who ", "the ", "and who ", "how many ", "x  ", "[1]",
]  # fmt: skip

BOUNDED = {
    "vectorstore.layout.contents._ENTRY": 100,
    "vectorstore.text.tables._ROW": 160,
    "vectorstore.text.tables._ONE_VALUE": 160,
    "qa.text.quantities.patterns.FRACTION": 2000,
}
"""Patterns that are slow, and the longest lines that they are tried on."""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("library"), answerer="extractive", question_chars=20_000)
    with open_library(settings) as library:
        library.ingest(RawDocument.of(name, text) for name, text in REPORTS.items())
        yield QA(library, settings)


def exponent(work: Callable[[int], object]) -> float:
    """The exponent with which the CPU time of ``work`` grows from ``LENGTH`` over twice to four times as much."""

    def seconds(length: int) -> float:
        began = time.process_time()
        work(length)
        return time.process_time() - began

    steepest = math.inf
    for _ in range(3):  # a collection of garbage may fall into one of them
        once, twice, four = (seconds(length) for length in (LENGTH, 2 * LENGTH, 4 * LENGTH))
        if four < NOTHING:
            return 0.0
        steepest = min(steepest, math.log2(four / max(once, NOTHING / 16)) / 2, math.log2(four / twice))
        if steepest < STEEPEST:
            break
    return steepest


def filled(shape: str, length: int) -> str:
    return (shape * length)[:length]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_question_takes_time_in_proportion_to_its_length(qa: QA, shape: str) -> None:
    asked = CHINESE if ord(shape[0]) > 0x7F else ENGLISH
    qa.ask(asked)
    assert exponent(lambda length: qa.ask(filled(shape, length) + asked)) < STEEPEST


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", REPORTS)
def test_so_does_what_a_model_writes(name: str, shape: str) -> None:
    text = REPORTS[name]
    passage = stored(1, text, name, name, "")
    evidence = [Evidence(passage, passage.passage.text, passage.passage.spans)]
    true = "粮食总产量达到12.6万吨。" if name.endswith("txt") else "The company employs 380 people in two plants."

    def judged(length: int) -> None:
        claim = filled(shape, length) + true
        verify(claim, evidence)
        list(sentences(iter([claim + "[P1]\n"])))
        take_labels(f"[P1 {claim} [P1]")

    assert exponent(judged) < STEEPEST


def test_so_do_names_in_it_where_every_stretch_may_stand_in_a_title(qa: QA) -> None:
    """As the stretches of a pasted page do in a large library: all triples of characters are in some document's."""
    qa.library.ingest([RawDocument.of("more.txt", "The more the more the more\n\nThe more the more there is.")])  # type: ignore[attr-defined]
    assert exponent(lambda length: Subjects(qa.library).mentions(filled("the more ", length))) < STEEPEST


def test_so_do_the_ends_of_sentences_in_quotation_marks() -> None:
    assert exponent(lambda length: bounds(filled('"Yes." ', 40 * length))) < STEEPEST


def test_brackets_in_a_row_that_hold_no_labels_take_linear_time() -> None:
    unit = "[ ^ sources : P _1 , sources : P _1 ,1 ] "  # read in several ways, each of them
    assert exponent(lambda length: take_labels("<sup>" + filled(unit, length))) < STEEPEST


def test_every_pattern_is_linear() -> None:
    """On texts that are made of its own parts: four times the length takes four times as long, not sixteen."""
    steep = []
    for name, used in patterns("vectorstore", "qa").items():
        if name in BOUNDED or not re.search(r"[*+]|,\}", used.pattern.pattern):
            continue
        tried = attacks(used.pattern)
        for attack in tried[:: max(1, len(tried) // ATTACKS)]:
            if all(growth(used, attack, 250) > 9 for _ in range(3)):
                steep.append(f"{name}: {attack!r} in {used.pattern.pattern[:100]!r}")
                break
    assert steep == []
