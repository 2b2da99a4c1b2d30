"""The row of a table that comes first in the column that a question asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qa.answering.table import first_rows
from qa.pipeline import QA, build
from qa.settings import Settings
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.text.tables import cells

WATER = """# 2023年全县供水统计

各乡镇供水与漏损情况如下：

| 乡镇 | 供水量（万吨） | 漏损率 |
| --- | --- | --- |
| 临河乡 | 86 | 11.4% |
| 东山镇 | 203 | 8.7% |
| 石桥镇 | 145 | 13.2% |
| 全县 | 434 | 10.6% |

统计由县水务局完成。
"""
TAX = """# Council tax collection 2023

Collection by district:

| District | Households | Collection rate | Appeals |
| --- | --- | --- | --- |
| Hillside | 4,120 | 96.1% | 12 |
| Lakeside | 3,050 | 98.4% | 12 |
| Riverside | 5,870 | 93.7% | - |
| Moorside | 1,940 | 97.0% | 3 |

The council has four districts.
"""
SALES = """# Turnover of the mills in 2023

Turnover by mill, in thousand pounds:

| Mill | Turnover |
| --- | --- |
| Ashby mill | 310 |
| Birch mill | 240 |
| Subtotal north | 550 |
| Cole mill | 120 |
| Dunn mill | 90 |
| Subtotal south | 210 |
| Total | 760 |

The mills belong to one family.
"""
SQUARES = """# 全镇文化广场情况

各村文化广场数量：

| 村 | 文化广场（个） |
| --- | --- |
| 河东村 | 4 |
| 山前村 | 2 |
| 桥头村 | 4 |

统计由镇文化站完成。
"""
MODELS = """# Scores of the models in 2024

Scores on two tasks:

| Model | Reading | Writing |
| --- | --- | --- |
| Closed models | | |
| Aster | 71.0 | 62.5 |
| Borage | 84.2 | 60.1 |
| Open models | | |
| Clover | 79.9 | 66.0 |

The scores are shares of tasks solved.
"""
JOBS = """# Jobs by industry

Employee jobs, in thousands, in March of each year:

| Industry | 2024 | 2025 | Change over the year |
| --- | --- | --- | --- |
| Manufacturing | 60.2 | 57.9 | –2.3 |
| Health and care | 76.5 | 79.2 | 2.7 |
| Retail | 48.1 | 47.5 | –0.6 |
| Farming | 9.4 | 9.6 | 0.2 |
| All | 194.2 | 194.2 | 0.0 |

The figures are seasonally adjusted.
"""
TRIAL = """# Where the people came from

The study took place in four countries:

| Country | Hospitals | People |
| --- | --- | --- |
| Poland | 9 | 131 |
| Germany | 12 | 118 |
| South Korea | 5 | 48 |
| Canada | 7 | 85 |

Each hospital had its own ethics board.
"""
PORTS = """Fishing ports in 2022

Landings by port, in tonnes:

Port Cod Herring
Skarvik 410 1,250
Norholm 620 880
Tindvær 95 1,430

The ports are run by the county.
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    directory = tmp_path_factory.mktemp("table")
    with Library.open(directory, load_embedder("bundled", directory)) as library:
        texts = {"water.md": WATER, "tax.md": TAX, "ports.txt": PORTS, "sales.md": SALES, "squares.md": SQUARES}
        texts |= {"models.md": MODELS, "jobs.md": JOBS, "trial.md": TRIAL}
        library.ingest([RawDocument.of(name, text) for name, text in texts.items()])
        yield QA(library, Settings(answerer="extractive"))


@pytest.fixture(scope="module")
def judged(qa: QA, tmp_path_factory: pytest.TempPathFactory) -> QA:
    """Return the same library asked with the reader, which has to be sure that a row answers."""
    library = qa.library
    assert isinstance(library, Library)
    folder = tmp_path_factory.mktemp("reader")
    return build(Settings(answerer="extractive", ranker="reader", data_dir=folder), library)


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("哪个乡镇漏损率最高？", "石桥镇 | 145 | 13.2%"),
        ("漏损率最低的是哪个乡镇？", "东山镇 | 203 | 8.7%"),
        ("哪个乡镇的供水量最多？", "东山镇 | 203 | 8.7%"),  # not the sum of all
        ("哪个乡镇的供水量最少？", "临河乡 | 86 | 11.4%"),
        ("Which mill has the biggest turnover?", "Ashby mill | 310"),
        ("Which district has the lowest collection rate?", "Riverside | 5,870 | 93.7% | -"),
        ("Which district has the most households?", "Riverside | 5,870 | 93.7% | -"),
        ("Which district has the fewest households?", "Moorside | 1,940 | 97.0% | 3"),
        ("Which port has the highest landings of herring?", "Tindvær 95 1,430"),
        ("Which mill has the highest turnover?", "Ashby mill | 310"),  # nor those of some
        ("Which mill has the lowest turnover?", "Dunn mill | 90"),
        ("Which port has the lowest landings of herring?", "Norholm 620 880"),
        ("Which model has the highest reading scores?", "Borage | 84.2 | 60.1"),  # some rows only head others
        ("表里哪个乡镇漏损率最高？", "石桥镇 | 145 | 13.2%"),
    ],
)
def test_the_figures_choose_the_row(qa: QA, question: str, row: str) -> None:
    (sentence,) = qa.ask(question).sentences
    assert sentence.text.splitlines()[-1] == row


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("Which district has the fewest appeals?", "Moorside | 1,940 | 97.0% | 3"),  # one figure is missing
        ("Which district has the second lowest collection rate?", "Riverside | 5,870 | 93.7% | -"),
        ("Which district has the lowest crime rate?", "Riverside | 5,870 | 93.7% | -"),  # another rate
        ("哪个乡镇的用电量最少？", "临河乡 | 86 | 11.4%"),
        ("2019年哪个乡镇漏损率最高？", "石桥镇 | 145 | 13.2%"),  # another year
    ],
)
def test_no_row_is_singled_out_by_what_is_not_asked(judged: QA, question: str, row: str) -> None:
    said = [sentence.text.splitlines()[-1] for sentence in judged.ask(question).sentences]
    assert said != [row]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("Which district has the most appeals?", ["Hillside | 4,120 | 96.1% | 12", "Lakeside | 3,050 | 98.4% | 12"]),
        ("哪个村的文化广场最多？", ["河东村 | 4", "桥头村 | 4"]),
    ],
)
def test_rows_that_share_the_first_place_are_all_quoted(qa: QA, question: str, rows: list[str]) -> None:
    assert [sentence.text.splitlines()[-1] for sentence in qa.ask(question).sentences] == rows


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("Which country had the most participants?", "Poland | 9 | 131"),
        ("Which country had the most clinics taking part in the study?", "Germany | 12 | 118"),
        ("Which industry had the largest fall in jobs?", "Manufacturing | 60.2 | 57.9 | –2.3"),
        ("Which industry gained the most jobs between 2024 and 2025?", "Health and care | 76.5 | 79.2 | 2.7"),
        ("How many people in South Korea at most?", None),  # asks for a row by its name
        ("Did Germany have more hospitals?", None),
    ],
)
def test_the_column_is_told_by_what_it_means(judged: QA, question: str, row: str | None) -> None:
    request = judged.request(judged.analyser.analyse(question))
    found = first_rows(request.query, request.ranked.parts, judged.library)
    assert [unit.sentence.text.splitlines()[-1] for unit in found] == ([] if row is None else [row])


@pytest.mark.parametrize("question", ["Which mill has the latest turnover?", "Which mill has the earliest turnover?"])
def test_what_comes_last_is_not_the_largest(qa: QA, question: str) -> None:
    request = qa.request(qa.analyser.analyse(question))
    assert request.query.order is not None
    assert first_rows(request.query, request.ranked.parts, qa.library) == []


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("石桥镇 | 145 | 13.2%", ["石桥镇", "145", "13.2%"]),
        ("North Skarvik 410 1,250", ["North Skarvik", "410", "1,250"]),
        ("Port  Cod landed  Herring", ["Port", "Cod landed", "Herring"]),
        ("营业收入 48.36 45.12 7.18%", ["营业收入", "48.36", "45.12", "7.18%"]),
    ],
)
def test_cells(row: str, found: list[str]) -> None:
    assert cells(row) == found
