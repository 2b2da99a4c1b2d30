"""What tells against a sentence that fits but for the time that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qa.pipeline import QA, build
from qa.ranking.reader.times import in_full, is_elsewhen, unsaid
from qa.settings import Settings
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument

DOCUMENTS = (
    "# 北川机械股份有限公司2023年第一季度报告\n\n报告期内，公司实现营业收入4,755万元，同比下降16.55%。",
    "# Halden Marine plc: annual report 2023\n\nRevenue for the year rose 8% to £41.2 million. Operating profit was "
    "£5.1 million. At the year end the group employed 640 people.",
    "# Corran Ferries: results\n\nSix months ended 30 June 2023\n\n## Trading\n\nRevenue rose to £12.6 million. "
    "The fleet grew by two ships, and 310 people worked for us.\n\n"
    + "\n\n".join(f"Route {n} ran as before." for n in range(60))
    + "\n\n## Fuel\n\nFuel costs were £3.3 million.",
    "# 利源电气发展股份有限公司\n\n2018 年第一季度报告\n\n2018 年 04 月\n\n"
    + "\n\n".join(f"第{n}条说明与上期相同，没有变化。" for n in range(40))
    + "\n\n## 主要财务数据\n\n报告期内公司营业收入为4,755,785元。会计机构负责人为钱扣明。",
)


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    folder: Path = tmp_path_factory.mktemp("periods")
    with Library.open(folder, load_embedder("bundled", folder)) as library:
        library.ingest(RawDocument.of(f"{number}.md", text) for number, text in enumerate(DOCUMENTS))
        yield build(Settings(data_dir=folder, answerer="extractive", ranker="reader"), library)


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("What was Halden Marine's revenue in 2023?", "£41.2 million"),
        ("What was Halden Marine's revenue in the first half of 2023?", None),
        ("What was Halden Marine's revenue in Q3 2023?", None),
        ("What was Corran Ferries' revenue in 2023?", "£12.6 million"),  # the year stands in the first lines alone
        ("What was Corran Ferries' revenue in 2022?", None),
        ("北川机械2023年第一季度营业收入是多少？", "4,755万元"),
        ("北川机械2023年第三季度营业收入是多少？", None),
    ],
)
def test_another_part_of_the_year_is_no_answer(qa: QA, question: str, quoted: str | None) -> None:
    answer = qa.ask(question)
    assert answer.abstained is (quoted is None)
    assert quoted is None or any(quoted in citation.quote for citation in answer.citations)


def test_what_the_head_of_a_document_says_holds_for_all_of_it(qa: QA) -> None:
    passages = qa.library.passages_of(qa.library.document_info("2.md").id)
    fuel = next(stored for stored in passages if "£3.3 million" in stored.passage.text)
    assert "June" not in fuel.passage.text
    assert not is_elsewhen("fuel costs in the first half", fuel, qa.library)
    assert is_elsewhen("fuel costs in the third quarter", fuel, qa.library)
    assert not is_elsewhen("fuel costs in 2023", fuel, qa.library)


@pytest.mark.parametrize(
    ("question", "document", "times"),
    [
        ("北川机械2023年第一季度报告中,营业收入是多少?", "0.md", []),  # the title says so
        ("what was revenue in 2023?", "2.md", ["2023"]),
        ("what was revenue in the first half of 2023?", "2.md", ["2023", "first half"]),
        ("what was revenue in 2022?", "2.md", []),
        ("what was revenue?", "2.md", []),
        ("利源电气2018年第一季度报告的营业收入", "3.md", ["2018年第一季度报告"]),
        ("利源电气2017年的营业收入", "3.md", []),
    ],
)
def test_a_passage_is_told_the_time_that_its_document_is_of(
    qa: QA, question: str, document: str, times: list[str]
) -> None:
    last = qa.library.passages_of(qa.library.document_info(document).id)[-1]
    assert unsaid(question, last, qa.library) == times


def test_a_year_in_two_digits_is_read_as_the_passage_has_it(qa: QA) -> None:
    (first, *_) = qa.library.passages_of(qa.library.document_info("0.md").id)
    assert in_full("23年营业收入是多少", first) == "2023年营业收入是多少"
    assert in_full("2023年营业收入是多少", first) == "2023年营业收入是多少"
    assert in_full("21年营业收入是多少", first) == "21年营业收入是多少"
    years_of_service = replace(first, passage=replace(first.passage, text="2010年起，满10年的员工休10天。"))
    assert in_full("满10年休几天", years_of_service) == "满10年休几天"


@pytest.mark.parametrize(
    "question", ["利源电气2018年第一季度的营业收入是多少？", "利源电气2018年第一季度报告中，会计机构负责人是谁？"]
)
def test_a_company_is_named_by_the_beginning_of_its_name(qa: QA, question: str) -> None:
    (part,) = qa.analyser.analyse(question).parts
    assert part.names == ("利源电气",)
    assert not qa.ask(question).abstained
