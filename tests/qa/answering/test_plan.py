"""Which documents a question names, without a list of names."""

from __future__ import annotations

import pytest

from qa.plan import plan
from qa.subjects import Subjects, short_name
from vectorstore.library import Library


def names(library: Library, question: str) -> list[set[str]]:
    """The documents of each part, by name."""
    of = {info.id: info.name for info in library.documents()}
    return [{of[document] for document in part.documents} for part in plan(question, Subjects.of(library))]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("青山县有多少个行政村？", [{"a.txt"}]),
        ("青山有多少个行政村？", [{"a.txt"}]),
        ("青山縣有多少個行政村？", [{"a.txt"}]),
        ("How many villages does Qingshan have?", [{"a.txt"}]),
        ("白河市和青山县的大棚各有多少？", [{"b.txt"}, {"a.txt"}]),
        ("哪个地方的大棚最多？", [set()]),
        ("红海市有多少大棚？", [set()]),
        ("How many people does Harbour Foods employ?", [{"c.md"}]),
    ],
)
def test_documents_named(library: Library, question: str, expected: list[set[str]]) -> None:
    assert names(library, question) == expected


def test_each_part_is_asked_without_the_others(library: Library) -> None:
    first, second = plan("白河市和青山县的大棚各有多少？", Subjects.of(library))
    assert "青山" not in first.question
    assert "白河" not in second.question
    assert first.focus == second.focus


def test_where_to_look_is_not_what_for(library: Library) -> None:
    (part,) = plan("根据青山县的农业工作总结，网格员有多少名？", Subjects.of(library))
    assert part.focus == "网格员有多少名?"


def test_short_names() -> None:
    assert short_name("青山县：2022年农业工作总结") == "青山县"
