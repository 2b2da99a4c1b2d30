"""What tells against a sentence that fits but for the time that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.pipeline import QA, build
from qa.ranking.reader.doubts import is_elsewhen
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
