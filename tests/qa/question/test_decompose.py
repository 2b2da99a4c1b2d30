"""Which documents a question names, without a list of names."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.question.decompose import decompose
from qa.question.documents import Subjects, short_name
from vectorstore.library import Library
from vectorstore.reading import RawDocument


def names(library: Library, question: str) -> list[set[str]]:
    """The documents of each part, by name."""
    of = {info.id: info.name for info in library.documents()}
    return [{of[document] for document in part.documents} for part in decompose(question, Subjects.of(library))]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("青山县有多少个行政村？", [{"a.txt"}]),
        ("青山有多少个行政村？", [{"a.txt"}]),
        ("青山縣有多少個行政村？", [{"a.txt"}]),
        ("清山县有多少个行政村？", [{"a.txt"}]),
        ("青山村干部有多少？", [{"a.txt"}]),
        ("白河的网格数是青山的几倍？", [{"b.txt"}, {"a.txt"}]),
        ("百河有多少个行政村？", [{"b.txt"}]),
        ("How many villages does Qingshan have?", [{"a.txt"}]),
        ("Tell me how many villages there are in Qingshan.", [{"a.txt"}]),
        ("白河市和青山县的大棚各有多少？", [{"b.txt"}, {"a.txt"}]),
        ("哪个地方的大棚最多？", [set()]),
        ("红海市有多少大棚？", [set()]),
        ("How many people does Harbour Foods employ?", [{"c.md"}]),
    ],
)
def test_documents_named(library: Library, question: str, expected: list[set[str]]) -> None:
    assert names(library, question) == expected


def test_each_part_is_asked_without_the_others(library: Library) -> None:
    first, second = decompose("白河市和青山县的大棚各有多少？", Subjects.of(library))
    assert "青山" not in first.question
    assert "白河" not in second.question
    assert first.focus == second.focus


@pytest.mark.parametrize(
    ("question", "focus"),
    [
        ("根据青山县的农业工作总结，网格员有多少名？", "网格员有多少名?"),
        ("在青山县，网格员有多少名？", "网格员有多少名?"),
        ("从青山县的工作报告中，网格员有多少名？", "网格员有多少名?"),
        ("In Harbour Foods' annual report, how many people are employed?", "how many people are employed?"),
        ("在青山县打工的外地人，孩子怎么入学？", "打工的外地人,孩子怎么入学?"),
        ("从青山县离职的员工，年终奖怎么发？", "从离职的员工,年终奖怎么发?"),
        ("In Harbour Foods plants with night shifts, who pays?", "in plants with night shifts, who pays?"),
    ],
)
def test_where_to_look_is_not_what_for(library: Library, question: str, focus: str) -> None:
    (part,) = decompose(question, Subjects.of(library))
    assert part.focus == focus


def test_short_names() -> None:
    assert short_name("青山县：2022年农业工作总结") == "青山县"


NEWS = {
    "n1": "上海能源展开幕\n\n能源展在浦东开幕，来宾三千人。",
    "n2": "雾岭工厂停产\n\n雾岭工厂昨日停产，员工二百人。",
    **{f"n{number}": f"消息{number}\n\n第{number}场座谈会在上海举行，谈到能源。" for number in range(3, 12)},
}


def test_a_name_is_a_whole_word_and_its_documents_own(tmp_path: Path, library: Library) -> None:
    """A common word in a title, or half of a word, names no document and stays in the question."""
    with Library.open(tmp_path, library.embedder) as news:
        news.ingest([RawDocument.of(name, text) for name, text in NEWS.items()])
        assert names(news, "上海举行了几场座谈会？") == [set()]
        assert names(news, "今年的能源消耗是多少？") == [set()]
        (part,) = decompose("今年的能源消耗是多少？", Subjects.of(news))
        assert part.focus == "今年的能源消耗是多少?"
        assert names(news, "雾岭工厂有多少员工？") == [{"n2"}]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("青山县与白河市的大棚各有多少？", 2),
        ("青山县选派到白河市的农技员有多少？", 1),
        ("根据青山县的总结，白河市有多少大棚？", 1),
    ],
)
def test_two_names_are_two_parts_only_when_joined(library: Library, question: str, expected: int) -> None:
    assert len(names(library, question)) == expected


COMPANIES = {
    "t.txt": "棠溪味业股份有限公司\n\n棠溪的酱油去年卖了二十六亿元。棠溪还有三座工厂。",
    "g.txt": "谷津食品集团股份有限公司\n\n谷津的酱油去年卖了三十一亿元。谷津还有两座工厂。",
    "c.txt": "County services\n\nCorvane County pays for rural buses. The rural buses carry 300 people in Corvane.",
    "d.txt": "Notes\n\nThe district has a rural clinic, and the rural roads were mended.",
}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("棠溪和谷津的酱油各卖了多少？", [{"t.txt"}, {"g.txt"}]),
        ("股份有限公司的酱油卖了多少？", [set()]),
        ("How many people use the buses in Corvane?", [{"c.txt"}]),
        ("How many people use rural buses?", [set()]),  # a word, and no name
    ],
)
def test_the_name_before_a_companys_trade_and_names_with_capitals(
    tmp_path: Path, library: Library, question: str, expected: list[set[str]]
) -> None:
    with Library.open(tmp_path, library.embedder) as opened:
        opened.ingest([RawDocument.of(name, text) for name, text in COMPANIES.items()])
        assert names(opened, question) == expected


def test_a_common_word_that_begins_sentences_is_no_name(tmp_path: Path, library: Library) -> None:
    """Nor does it take a question away from the document that is named."""
    texts = {
        "leave.md": "# Staff handbook\n\nEmployees have 25 days of leave.\n\nSick pay ends after 12 weeks.",
        "kestrel.md": "# Kestrel: annual report\n\nKestrel had 310 people. In May Kestrel paid a dividend.",
        "vale.md": "# Annual report\n\nVale is a hill town. The council of Vale has nine members.",
    }
    with Library.open(tmp_path, library.embedder) as opened:
        opened.ingest([RawDocument.of(name, text) for name, text in texts.items()])
        assert names(opened, "How many employees does Kestrel have?") == [{"kestrel.md"}]
        assert names(opened, "Is sick pay paid in Vale?") == [{"vale.md"}]


REPORTS = {
    f"{name}{year}.md": f"# {title}\n\n{name} made {profit} million."
    for year, profit in ((2022, 11), (2023, 14))
    for name, title in (("Kestrel", f"Kestrel: annual report {year}"), ("华远科技", f"华远科技公司{year}年年度报告"))
} | {f"note{number}.md": f"# Note {number}\n\nNothing was sold." for number in range(6)}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "What was Kestrel's profit in 2022 and 2023?",
            {
                "Kestrel2022.md": "what was kestrel's profit in 2022?",
                "Kestrel2023.md": "what was kestrel's profit in 2023?",
            },
        ),
        (
            "华远科技2022年和2023年的净利润分别是多少？",
            {
                "华远科技2022.md": "华远科技2022年的净利润分别是多少?",
                "华远科技2023.md": "华远科技2023年的净利润分别是多少?",
            },
        ),
    ],
)
def test_each_year_is_asked_of_its_own_report(
    tmp_path: Path, library: Library, question: str, expected: dict[str, str]
) -> None:
    with Library.open(tmp_path, library.embedder) as opened:
        opened.ingest([RawDocument.of(name, text) for name, text in REPORTS.items()])
        of = {info.id: info.name for info in opened.documents()}
        parts = decompose(question, Subjects.of(opened))
        assert {of[document]: part.question for part in parts for document in part.documents} == expected
        (one,) = decompose("What was Kestrel's profit in 2022?", Subjects.of(opened))
        assert len(one.documents) == 2
