"""Names in a text and the kind of thing that they name."""

from __future__ import annotations

import pytest

from qa.text.dictionary import is_proper_noun
from qa.text.entities import Kind, named


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("上海市全年供水量", [("上海市", Kind.PLACE)]),
        ("西塘镇全年用电量", [("西塘镇", Kind.PLACE)]),
        ("永泰集团的净利润", [("永泰集团", Kind.ORGANISATION)]),
        ("刘超认为开源的目的是什么", [("刘超", Kind.PERSON)]),
        ("特斯拉的营收是多少？", [("特斯拉", Kind.OTHER)]),
        ("绵竹给开大货的师傅们建了个啥", [("绵竹", Kind.PLACE)]),  # a common noun that the tagger takes for a name
        ("各乡镇供水情况", []),
        ("一共投了多少钱？", []),
        ("What do visitors wear in Bristol?", [("Bristol", Kind.PLACE)]),
        ("How many employees does Stanton Tools have?", [("Stanton Tools", Kind.OTHER)]),
        ("How many vans does the depot have in May?", []),
    ],
)
def test_names_and_kinds(text: str, found: list[tuple[str, Kind]]) -> None:
    assert [(name.text, name.kind) for name in named(text)] == found


@pytest.mark.parametrize(("text", "context"), [("the Bristol depot", "depot"), ("to Stanton Tools' staff", "tools")])
def test_what_an_english_name_is_of(text: str, context: str) -> None:
    assert [name.context for name in named(f"Who went {text}?")] == [context]


@pytest.mark.parametrize(
    ("word", "proper"), [("上海", True), ("特斯拉", True), ("师傅", False), ("西塘甲", None), ("", None)]
)
def test_proper_nouns(word: str, proper: bool | None) -> None:
    assert is_proper_noun(word) is proper
