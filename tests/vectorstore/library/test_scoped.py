"""Collections, and a library within some of them: it answers as one that holds nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vectorstore.errors import BadCollection, UnknownCollection, UnknownDocument
from vectorstore.indexes.heads import Part
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.scoped import ScopedLibrary
from vectorstore.storage.scoped import ScopedCatalog
from vectorstore.text.titles import Clue

Open = Callable[..., Library]
QUESTIONS = ("云溪市选派驻村书记多少名？", "双桥镇群众满意度", "letters from residents", "Northfield", "集体经济收入")


@pytest.fixture
def filled(open_library: Open, reports: list[RawDocument], backend: dict[str, str]) -> Library:
    """Two of five documents are in ``two``."""
    library = open_library(**backend)
    library.membership.add("two")
    library.ingest(reports[:3])
    library.ingest(reports[3:], collections=["two"])
    return library


def found(library: Library | ScopedLibrary, question: str, documents: list[str] | None = None) -> list[list[str]]:
    """Return the texts of what both searches find."""
    (vector,) = library.question_vectors([question])
    searches = (library.dense(vector, 4, documents), library.lexical(question, 4, documents))
    return [[one.passage.text for one in library.passages([hit.passage_id for hit in hits])] for hits in searches]


def within(library: Library, *names: str) -> ScopedLibrary:
    return library.within(library.scope(names))


@pytest.mark.parametrize("few", [20_000, 0], ids=["compared one by one", "asked of Chroma"])
def test_a_scope_is_a_library_of_its_own(
    filled: Library,
    open_library: Open,
    reports: list[RawDocument],
    tmp_path: Path,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = open_library(tmp_path / "alone")
    alone.ingest(reports[3:])
    monkeypatch.setattr("vectorstore.indexes.search._EXACT_BELOW", few)
    scoped = within(filled, "two")
    for question in QUESTIONS:
        assert found(scoped, question) == found(alone, question)
    terms = ["letter", "驻村", "云溪", "northfield"]
    np.testing.assert_array_equal(scoped.idf(terms), alone.idf(terms))
    assert [info.name for info in scoped.documents()] == [info.name for info in alone.documents()]
    assert scoped.fingerprint == alone.fingerprint
    for part in (scoped, alone):
        assert [part.directory.count(), part.directory.passages] == [2, 4]
        assert [info.name for info in part.directory.first(1)] == ["Northfield.txt"]
        assert [info.name for info in part.directory.spread(5)] == ["Northfield.txt", "双桥镇.txt"]
        assert part.directory.find((Part.TITLE, "工作报告"), most=1) is None
        assert set(part.directory.find((Part.TITLE, "工作报告"), most=2) or ()) == {i.id for i in part.documents()}
        assert part.directory.has((Clue.SOUND, "shuangqiaozhen"))
        assert not part.directory.has((Part.HEAD, "青石县"))
    assert [one.name for one in scoped.collections()] == ["two"]


def test_what_is_not_in_a_scope_is_not_there(filled: Library, reports: list[RawDocument]) -> None:
    scoped = within(filled, "two")
    inside, outside = (filled.document_info(reports[at].name) for at in (3, 0))
    for name in (outside.name, outside.id, "nothing", "\ud800"):
        with pytest.raises(UnknownDocument, match="the library has no document"):
            scoped.document(name)
    hidden = [stored.id for stored in filled.passages_of(outside.id)]
    assert scoped.passages(hidden) == []
    assert scoped.passages_of(outside.id) == []
    assert scoped.passage_vectors(hidden) == scoped.sentence_vectors(hidden) == {}
    assert found(scoped, QUESTIONS[0], [outside.id]) == [[], []]
    title, either = (Part.TITLE, "青石县"), [outside.id, inside.id]
    assert filled.directory.find(title, most=5) == [outside.id]
    assert scoped.directory.find(title, most=5) == scoped.directory.find(title, most=5, documents=either) == []
    assert not scoped.directory.has(title, documents=[outside.id])
    assert scoped.directory.count(either) == 1
    assert scoped.directory.infos(either) == scoped.directory.first(5, either) == [inside]
    assert found(scoped, QUESTIONS[0], [outside.id, inside.id]) == found(scoped, QUESTIONS[0], [inside.id]) != [[], []]
    assert scoped.collections_of([inside.id, outside.id]) == {inside.id: ["two"]}
    with pytest.raises(UnknownCollection, match="'default'"):
        scoped.scope(["default"])
    assert scoped.within(filled.scope(["default", "two"])).documents() == scoped.documents()
    assert scoped.within(filled.scope(["default"])).documents() == []


def test_passages_that_have_a_text(filled: Library) -> None:
    ids = [stored.id for info in filled.documents() for stored in filled.passages_of(info.id)]
    for library in (filled, within(filled, "two")):
        expected = [one for one in library.passages(ids) if "双桥镇" in one.passage.text]
        assert library.passages([*ids, 10**9], having="双桥镇") == expected != []
        assert library.passages(ids, having="乌有镇") == []


def test_passages_without_a_text_are_left_out_before_they_are_screened(
    open_library: Open, reports: list[RawDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_library()
    library.ingest(reports)
    monkeypatch.setattr("vectorstore.library.screened", None)  # which then fails
    assert library.passages(list(range(1, 100)), having="乌有镇") == []


def test_a_document_that_goes_while_a_scope_is_searched_first(
    filled: Library, reports: list[RawDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    scoped, ids_of = within(filled, "two"), ScopedCatalog.passage_ids

    def removing(catalog: ScopedCatalog) -> list[int]:
        ids = ids_of(catalog)
        monkeypatch.undo()
        filled.remove(reports[3].name)
        return ids

    monkeypatch.setattr(ScopedCatalog, "passage_ids", removing)
    (vector,) = scoped.question_vectors([QUESTIONS[2]])
    hits = scoped.dense(vector, 4)
    left = filled.document_info(reports[4].name)
    assert {one.document_id for one in scoped.passages([hit.passage_id for hit in hits])} == {left.id}


def test_documents_move_between_collections(filled: Library, reports: list[RawDocument]) -> None:
    scoped, name = within(filled, "two"), reports[0].name
    before = found(scoped, name)
    filled.membership.put([name], ["two", "default"])
    assert [info.name for info in scoped.documents()] == sorted(raw.name for raw in (reports[0], *reports[3:]))
    assert all(name.removesuffix(".txt") in texts[0] for texts in found(scoped, name))
    title = (Part.TITLE, name.removesuffix(".txt"))
    assert scoped.directory.has(title)
    filled.membership.put([name], ["default"])
    assert found(scoped, name) == before
    assert not scoped.directory.has(title)
    assert filled.directory.has(title)
    with pytest.raises(UnknownDocument):
        filled.membership.put([name, "nothing"], ["two"])
    with pytest.raises(BadCollection, match="one collection at least"):
        filled.membership.put([name], [])
    assert filled.collections_of([filled.document_info(name).id]).popitem()[1] == ["default"]


def test_what_is_ingested_again_stays_where_it_is(
    filled: Library, open_library: Open, reports: list[RawDocument], backend: dict[str, str]
) -> None:
    new = RawDocument.of(reports[3].name, "# 双桥镇\n\n双桥镇新建图书馆1座。")
    assert filled.ingest([new]).replaced == [new.name]
    assert filled.ingest([reports[0]], collections=["two"]).unchanged == [reports[0].name]
    filled.close()
    with open_library(rebuild=True, **backend) as library:
        names = {info.name: library.collections_of([info.id])[info.id] for info in library.documents()}
        assert names[new.name] == ["two"]
        assert names[reports[0].name] == ["default", "two"]
        assert found(within(library, "two"), "图书馆")[1] == ["双桥镇新建图书馆1座。"]


def test_the_same_text_in_another_collection_is_a_document_of_its_own(
    filled: Library, reports: list[RawDocument]
) -> None:
    copy = RawDocument.of("copy.txt", reports[0].text)
    assert filled.ingest([copy]).unchanged == ["copy.txt"]
    assert filled.ingest([copy], collections=["two"]).added == ["copy.txt"]
    with pytest.raises(UnknownCollection, match="'three'"):
        filled.ingest([copy], collections=["three"])


def test_who_sees_a_part_changes_nothing_else(filled: Library, reports: list[RawDocument]) -> None:
    scope, hidden = filled.scope(["two"]), reports[0]
    mine = RawDocument.of("mine.txt", "# 我的\n\n新建图书馆1座。")
    report = filled.ingest([RawDocument.of(hidden.name, mine.text), mine], within=scope)
    assert report.added == ["mine.txt"]
    assert report.failed == [
        (hidden.name, f"the name {hidden.name!r} can't be used here; give the document another one")
    ]
    assert filled.document(hidden.name).text == hidden.text
    assert filled.collections_of([filled.document_info("mine.txt").id]).popitem()[1] == ["two"]
    with pytest.raises(UnknownCollection):
        filled.ingest([mine], collections=["default"], within=scope)


def test_collections_are_named_once_and_never_lose_a_document(filled: Library) -> None:
    membership = filled.membership
    for name, why in [("", "1 to 64"), ("a,b", "no comma"), ("x\n", "'x'"), ("x" * 65, "1 to 64"), ("two", "already")]:
        if name == "x\n":  # white space around a name is left out
            assert membership.add(name).name == "x"
            continue
        with pytest.raises(BadCollection, match=why):
            membership.add(name)
    with pytest.raises(BadCollection, match="2 documents of the collection 'two' are in no other"):
        membership.remove("two")
    with pytest.raises(BadCollection, match="takes in new documents"):
        membership.remove("default")
    with pytest.raises(UnknownCollection):
        membership.rename("nothing", "y")
    scope = filled.scope(["two"])
    membership.rename("two", "deux")
    assert [one.name for one in membership.all()] == ["default", "deux", "x"]
    assert len(filled.within(scope).documents()) == 2
    membership.put([info.name for info in filled.documents()], ["x"])
    membership.remove("deux")
    assert filled.within(scope).documents() == []
    assert not filled.within(scope).directory.has((Part.TITLE, "工作报告"))  # nor does a stale index tell
    assert len(filled.documents()) == 5
