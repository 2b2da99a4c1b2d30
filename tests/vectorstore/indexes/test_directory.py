"""Documents found by stretches of titles and first lines, before and after changes, and by what titles tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from vectorstore.indexes.heads import Condition, Part
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.text.titles import Clue

Open = Callable[..., Library]
LONG = "本报告分别说明全年的情况。" * 40
TEXTS = {
    "a.txt": f"青山县2022年工作总结\n\n青山县辖300个行政村。白河市派来\t三人。\n\n{LONG}\n\n末尾提到赤水市。",
    "b.txt": "棠溪味业公司年报\n\n棠溪味业公司有员工两千人，总部在白河市。",
    "c.txt": "Harbour Foods: Annual Report\n\nHarbour Foods employs 300 people in Wexcombe.",
}


DOCUMENTS = [RawDocument.of(name, text, "utf-8") for name, text in TEXTS.items()]


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory, toy: ModuleType) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("unchanged"), toy.ToyEmbedder(), lazy=True) as library:
        library.ingest(DOCUMENTS)
        yield library


@pytest.fixture
def library(open_library: Open) -> Library:
    library = open_library(lazy=True)
    library.ingest(DOCUMENTS)
    return library


def found(library: Library, *conditions: Condition, names: tuple[str, ...] | None = None) -> list[str] | None:
    scope = None if names is None else [library.document_info(name).id for name in names]
    ids = library.directory.find(*conditions, most=10, documents=scope)
    assert library.directory.has(*conditions, documents=scope) == bool(ids)
    return None if ids is None else [info.name for info in library.directory.infos(ids)]


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ([(Part.TITLE, "青山")], ["a.txt"]),
        ([(Part.TITLE, "山县2022年工")], ["a.txt"]),
        ([(Part.TITLE, "白河")], []),
        ([(Part.HEAD, "白河市")], ["a.txt", "b.txt"]),
        ([(Part.HEAD, "来\t三人")], ["a.txt"]),
        ([(Part.HEAD, "来 三人")], []),
        ([(Part.HEAD, "赤水市")], []),
        ([(Part.HEAD, "白河市"), (Part.TITLE, "味业")], ["b.txt"]),
        ([(Part.HEAD, "行政"), (Part.HEAD, "味业")], []),
        ([(Part.HEAD, "arbour food")], ["c.txt"]),
        ([(Part.HEAD, "harbour  foods")], []),
        ([(Part.LABEL, "c.tx")], ["c.txt"]),
        ([(Part.LABEL, "县")], ["a.txt"]),
        ([(Part.LABEL, "年"), (Part.LABEL, "b")], ["b.txt"]),
        ([(Clue.BEGINS, "青山")], ["a.txt"]),
        ([(Clue.BEGINS, "山")], []),
        ([(Clue.COMPANY, "棠溪")], ["b.txt"]),
        ([(Clue.ORGANISATION, "棠溪味业公司")], ["b.txt"]),
        ([(Clue.PHRASE, "annual")], ["c.txt"]),
        ([(Clue.SOUND, "qingshan")], ["a.txt"]),
        ([(Clue.SOUND, "qingshan"), (Clue.FIRST_SOUND, "qingshan")], ["a.txt"]),
        ([(Part.HEAD, "wexcombe"), (Clue.LANGUAGE, "en")], ["c.txt"]),
        ([(Part.HEAD, "行政村"), (Clue.LANGUAGE, "en")], []),
        ([(Part.TITLE, "")], []),
    ],
)
def test_what_stands_in_a_head_is_found(unchanged: Library, conditions: list[Condition], names: list[str]) -> None:
    assert found(unchanged, *conditions) == names


def test_documents_outside_of_a_scope_are_not_found(unchanged: Library) -> None:
    assert found(unchanged, (Part.HEAD, "白河市"), names=("b.txt", "c.txt")) == ["b.txt"]
    assert found(unchanged, (Part.HEAD, "白河市"), names=()) == []
    assert unchanged.directory.count([unchanged.document_info("a.txt").id]) == 1


def test_more_than_most_are_none(unchanged: Library) -> None:
    assert unchanged.directory.find((Part.HEAD, "白河市"), most=1) is None
    assert unchanged.directory.find((Part.HEAD, "青山"), most=1) == [unchanged.document_info("a.txt").id]


def test_changes_are_followed(library: Library, open_library: Open) -> None:
    library.ingest([RawDocument.of("a.txt", "红岭县工作总结\n\n红岭县辖20个行政村。", "utf-8")])
    assert found(library, (Part.TITLE, "青山")) == []
    assert found(library, (Part.TITLE, "红岭")) == ["a.txt"]
    assert library.directory.count() == 3
    library.remove("b.txt")
    assert found(library, (Part.HEAD, "白河市")) == []
    assert library.directory.count() == 2
    held = [library.directory.passages, len(library.directory.spread(12)), len(library.directory.first(1))]
    assert held == [sum(info.passages for info in library.documents()), 2, 1]
    library.close()
    again = open_library()
    assert found(again, (Part.TITLE, "红岭")) == ["a.txt"]


def test_a_rebuilt_index_finds_the_same(library: Library, open_library: Open, tmp_path: Path) -> None:
    library.close()
    (tmp_path / "data" / "lexical" / "state.json").unlink()
    again = open_library()
    assert found(again, (Part.HEAD, "白河市")) == ["a.txt", "b.txt"]
    assert found(again, (Part.HEAD, "来\t三人")) == ["a.txt"]
    assert found(again, (Part.LABEL, "c.tx")) == ["c.txt"]
