"""Documents in and out of a library: all in one process, over a Chroma server, over Postgres."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vectorstore.errors import AmbiguousDocument, IndexMismatch, UnknownDocument
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.types import cut

Open = Callable[..., Library]
Answers = Callable[[Library, str], list[tuple[str, str, float]]]


def test_a_second_opening_finds_the_same_and_builds_nothing(
    open_library: Open, answers: Answers, reports: list[RawDocument], backend: dict[str, str], tmp_path: Path
) -> None:
    with open_library(**backend) as library:
        library.ingest(reports)
        before, fingerprint = answers(library, "蔬菜大棚"), library.fingerprint
    built: list[str] = []
    for _ in range(3):
        with open_library(**backend, progress=lambda what, *_: built.append(what)) as library:
            assert answers(library, "蔬菜大棚") == before
            assert library.fingerprint == fingerprint
    assert built == []


def test_replacing_and_removing(
    open_library: Open, answers: Answers, reports: list[RawDocument], backend: dict[str, str]
) -> None:
    with open_library(**backend) as library:
        library.ingest(reports)
        old = library.document("青石县.txt")
        new = RawDocument.of("青石县.txt", "# 青石县\n\n青石县新修桥梁七座。")
        assert library.ingest([new]).replaced == ["青石县.txt"]
        assert library.document("青石县.txt").info.id == old.info.id
        assert library.document(old.info.id).text == new.text
        assert library.passages([one.id for one in old.passages]) == []
        assert library.sentence_vectors([one.id for one in old.passages]) == {}
        assert not any(name == "青石县.txt" and "大棚" in text for name, text, _ in answers(library, "青石县大棚"))
        assert any("桥梁" in text for _, text, _ in answers(library, "青石县桥梁"))
        assert library.remove(old.info.id).name == "青石县.txt"
        assert "青石县.txt" not in [info.name for info in library.documents()]
        assert not any(name == "青石县.txt" for name, _, _ in answers(library, "青石县桥梁"))
    with open_library(**backend) as library:
        assert not any(name == "青石县.txt" for name, _, _ in answers(library, "青石县桥梁"))


def test_a_library_answers_as_one_that_never_held_anything_else(
    open_library: Open, answers: Answers, reports: list[RawDocument], backend: dict[str, str], tmp_path: Path
) -> None:
    with open_library(**backend) as library:
        library.ingest([RawDocument.of(reports[0].name, "别的内容，大棚，大棚，书记。"), *reports[1:]])
        library.ingest(reports)
        library.ingest([RawDocument.of("gone.txt", "书记大棚满意度。")])
        library.remove("gone.txt")
        after = [answers(library, question) for question in ("大棚", "书记多少名", "Northfield letters")]
        idf = library.idf(["大棚", "书记", "letters"])
    backend.pop("database_url", None)  # there it would be the same library
    with open_library(tmp_path / "fresh", **backend) as fresh:
        fresh.ingest(reports)
        assert [answers(fresh, question) for question in ("大棚", "书记多少名", "Northfield letters")] == after
        assert fresh.idf(["大棚", "书记", "letters"]).tolist() == idf.tolist()


def test_what_is_held_is_not_embedded_again(open_library: Open, reports: list[RawDocument], embedder: Any) -> None:
    with open_library() as library:
        library.ingest(reports[:2])
        done, generation = len(embedder.encoded), library.generation
        report = library.ingest([*reports[:2], RawDocument.of("copy.txt", reports[0].text)])
        assert report.unchanged == [reports[0].name, reports[1].name, "copy.txt"]
        assert (len(embedder.encoded), library.generation) == (done, generation)
        assert len(library.documents()) == 2


def test_one_call_takes_documents_one_after_the_other(open_library: Open) -> None:
    first, second = RawDocument.of("a", "第一份文本。"), RawDocument.of("a", "第二份文本。")
    with open_library() as library:
        report = library.ingest(
            [first, second, RawDocument.of("b", "第二份文本。"), RawDocument.of("c", "第一份文本。")]
        )
        assert (report.added, report.replaced, report.unchanged) == (["a", "c"], ["a"], ["b"])
        assert library.document("a").text == "第二份文本。"


def test_a_text_whose_only_copy_is_replaced_in_the_same_call_is_kept(open_library: Open) -> None:
    old, new = "# 青石县\n\n青石县新修桥梁七座。", "# 青石县\n\n青石县新修道路九条。"
    with open_library() as library:
        report = library.ingest([RawDocument.of(name, text) for name, text in (("b", old), ("b", new), ("a", old))])
        assert (report.added, report.replaced, report.unchanged) == (["b", "a"], ["b"], [])
        assert {info.name: library.document(info.id).text for info in library.documents()} == {"a": old, "b": new}


def test_a_given_title_counts(open_library: Open) -> None:
    with open_library() as library:
        library.ingest([RawDocument.of("a", "正文内容。", title="旧题目")])
        assert library.document("a").info.title == "旧题目"
        report = library.ingest([RawDocument.of("a", "正文内容。", title="新题目")])
        assert report.replaced == ["a"]
        assert library.document("a").info.title == "新题目"
        assert library.lexical("新题目", 1)


def test_a_document_that_fails_leaves_nothing_and_stops_nobody(
    open_library: Open, reports: list[RawDocument], toy: Any
) -> None:
    bad = RawDocument.of(reports[1].name, f"{toy.POISON}。")
    surrogate = RawDocument("s", "一半的字\ud800。", "0" * 64, "utf-8")
    nul = RawDocument.of("n", "Half a sentence\0.")
    with open_library() as library:
        library.ingest([reports[1]])
        report = library.ingest([reports[0], bad, surrogate, nul, reports[2]])
        assert report.added == [reports[0].name, reports[2].name]
        assert [name for name, _ in report.failed] == ["s", "n", bad.name]
        assert "NUL at character 15" in dict(report.failed)["n"]
        assert "can't stand" in dict(report.failed)[bad.name]
        assert library.document(bad.name).text == reports[1].text
        assert len(library.documents()) == 3


def test_progress_reaches_its_end(open_library: Open, reports: list[RawDocument]) -> None:
    seen: list[tuple[str, int, int]] = []
    with open_library() as library:
        library.ingest(reports, progress=lambda *step: seen.append(step))
    total = sum(len(raw.text) for raw in reports)
    assert {step[2] for step in seen} == {total}
    assert [step[1] for step in seen] == sorted(step[1] for step in seen)
    assert seen[-1] == (reports[-1].name, total, total)


def test_documents_come_back_as_they_went_in(open_library: Open, reports: list[RawDocument]) -> None:
    with open_library() as library:
        library.ingest(reports)
        for raw in reports:
            document = library.document(raw.name)
            assert (document.text, document.info.sha256) == (raw.text, raw.sha256)
            assert document.info.chars == len(raw.text)
            assert document.info.passages == len(document.passages) > 0
            assert [one.passage.ordinal for one in document.passages] == list(range(len(document.passages)))
            assert library.passages([one.id for one in document.passages]) == list(document.passages)
            for one in document.passages:
                assert cut(raw.text, one.passage.spans) == one.passage.text
                assert [cut(raw.text, s.spans) for s in one.passage.sentences] == [
                    s.text for s in one.passage.sentences
                ]
            assert all(cut(raw.text, block.spans) == block.text for block in document.blocks)


def test_unknown_documents(open_library: Open, reports: list[RawDocument]) -> None:
    with open_library() as library:
        library.ingest(reports)
        for call in (library.document, library.remove):
            for name in ("nobody.txt", "", "\ud800", "0123456789abcdef"):
                with pytest.raises(UnknownDocument, match="documents list"):
                    call(name)
        assert library.passages_of("nobody") == []
        assert len(library.documents()) == len(reports)


def test_a_document_without_passages_is_held(open_library: Open) -> None:
    with open_library() as library:
        assert library.ingest([RawDocument.of("dots", "# 。\n")]).failed == []
        assert library.document("dots").text == "# 。\n"
    with open_library() as library:
        assert len(library.documents()) == 1


@pytest.mark.parametrize("options", [{"chunk_chars": 120}, {"embedder": 32}])
def test_another_embedder_or_chunking_is_refused_until_rebuilt(
    open_library: Open, answers: Answers, reports: list[RawDocument], toy: Any, options: dict[str, Any]
) -> None:
    if "embedder" in options:
        options = {"embedder": toy.ToyEmbedder(options["embedder"])}
    with open_library() as library:
        library.ingest(reports)
        before, ids = library.fingerprint, [info.id for info in library.documents()]
    with pytest.raises(IndexMismatch, match=r"toy-48 chunking-.*-350.*ingest --rebuild"):
        open_library(**options)
    with open_library(**options, rebuild=True) as library:
        assert library.fingerprint != before
        assert [info.id for info in library.documents()] == ids
        assert answers(library, "云溪市书记")[0][0] == "云溪市.txt"
    with open_library(**options) as library:
        assert library.fingerprint != before
    with pytest.raises(IndexMismatch):
        open_library()


def test_a_generation_counts_changes(open_library: Open, reports: list[RawDocument]) -> None:
    with open_library() as library:
        assert library.generation == 0
        library.ingest(reports)
        assert library.generation == 1  # all of them in one transaction
        library.remove(reports[0].name)
        assert library.generation == 2


def test_what_two_documents_may_be_meant_by_changes_neither(open_library: Open, reports: list[RawDocument]) -> None:
    """A document may be called what is another's id."""
    with open_library() as library:
        library.ingest(reports[:1])
        meant = library.documents()[0]
        library.ingest([RawDocument.of(meant.id, "The council planted 300 trees.")])
        namesake = library.document_info(meant.id)
        assert namesake.name == meant.id
        for change in (library.remove, lambda one: library.membership.put([one], ["default"])):
            with pytest.raises(AmbiguousDocument, match=rf"'{namesake.id}'.*'{meant.name}'"):
                change(meant.id)
        library.remove(namesake.id)
        with pytest.raises(UnknownDocument):
            library.remove_named(meant.id)
        assert [info.name for info in library.documents()] == [meant.name]
        assert library.remove(meant.id) == meant
