"""The library's promises, over an embedded Chroma and over a Chroma server alike."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vectorstore.context import in_context
from vectorstore.errors import IndexMismatch, UnknownDocument
from vectorstore.library import Library
from vectorstore.readers import RawDocument
from vectorstore.types import cut

Open = Callable[..., Library]
Answers = Callable[[Library, str], list[tuple[str, str, float]]]


@pytest.fixture(params=["embedded", "server"])
def backend(request: pytest.FixtureRequest) -> dict[str, str]:
    """Options of ``Library.open`` for each way to have a Chroma."""
    return {} if request.param == "embedded" else {"chroma_url": request.getfixturevalue("chroma_server")}


def test_what_is_ingested_is_found(open_library: Open, reports: list[RawDocument], backend: dict[str, str]) -> None:
    with open_library(**backend) as library:
        report = library.ingest(reports)
        assert report.added == [raw.name for raw in reports]
        assert report.failed == []
        question = "云溪市选派驻村书记多少名？"
        vector = library.embedder.encode([question], "query")[0]
        for hits in (library.dense(vector, 3), library.lexical(question, 3)):
            first = library.passages([hits[0].passage_id])[0]
            assert first.document == "云溪市.txt"
            assert "65名" in first.passage.text
            assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_dense_scores_are_cosines(open_library: Open, reports: list[RawDocument], backend: dict[str, str]) -> None:
    with open_library(**backend) as library:
        library.ingest(reports)
        stored = library.passages_of(library.documents()[0].id)[0]
        text = in_context(stored.title, stored.passage.section, stored.passage.text)
        vector = library.embedder.encode([text], "passage")[0]
        assert library.dense(vector, 1)[0].passage_id == stored.id
        assert library.dense(vector, 1)[0].score == pytest.approx(1.0, abs=1e-5)
        everything = {hit.passage_id: hit.score for hit in library.dense(vector, 100)}
        exact = {hit.passage_id: hit.score for hit in library.dense(vector, 100, [i.id for i in library.documents()])}
        assert everything == pytest.approx(exact, abs=1e-5)


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
    with open_library() as library:
        library.ingest([reports[1]])
        report = library.ingest([reports[0], bad, surrogate, reports[2]])
        assert report.added == [reports[0].name, reports[2].name]
        assert [name for name, _ in report.failed] == ["s", bad.name]
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


def test_sentence_vectors_are_those_of_the_bare_sentences(open_library: Open, reports: list[RawDocument]) -> None:
    with open_library() as library:
        library.ingest(reports[:1])
        stored = library.passages_of(library.documents()[0].id)
        vectors = library.sentence_vectors([one.id for one in stored])
        for _ in range(2):  # from the catalogue, then remembered
            assert list(vectors) == [one.id for one in stored]
            for one in stored:
                exact = library.embedder.encode([sentence.text for sentence in one.passage.sentences], "passage")
                assert vectors[one.id].dtype == np.float32
                np.testing.assert_allclose(vectors[one.id], exact, atol=1e-3)
            vectors = library.sentence_vectors([one.id for one in stored])


def test_passage_vectors_are_those_in_context(open_library: Open, reports: list[RawDocument]) -> None:
    with open_library() as library:
        library.ingest(reports[:1])
        stored = library.passages_of(library.documents()[0].id)
        vectors = library.passage_vectors([one.id for one in stored])
        texts = [in_context(one.title, one.passage.section, one.passage.text) for one in stored]
        exact = library.embedder.encode(texts, "passage")
        np.testing.assert_array_equal([vectors[one.id] for one in stored], exact)
        assert library.passage_vectors([10**9]) == {}


def test_heads_and_entries(open_library: Open, reports: list[RawDocument]) -> None:
    with open_library() as library:
        library.ingest(reports)
        heads = library.heads(30)
        assert [info for info, _ in heads] == library.documents()
        for info, head in heads:
            assert 0 < len(head) <= 30
            assert library.passages_of(info.id)[0].passage.text.startswith(head.split("\n")[0])
            assert library.document_info(info.name) == library.document_info(info.id) == info


def test_scope(open_library: Open, reports: list[RawDocument]) -> None:
    with open_library() as library:
        library.ingest(reports)
        ids = {info.name: info.id for info in library.documents()}
        scope = [ids["白鹭区.txt"], ids["双桥镇.txt"]]
        vector = library.embedder.encode(["云溪市驻村书记"], "query")[0]
        for hits in (library.dense(vector, 50, [*scope, scope[0]]), library.lexical("云溪市驻村书记", 50, scope)):
            assert {one.document_id for one in library.passages([hit.passage_id for hit in hits])} == set(scope)
            assert len({hit.passage_id for hit in hits}) == len(hits)
        assert library.dense(vector, 5, []) == library.lexical("书记", 5, []) == []
        assert library.dense(vector, 5, ["nobody"]) == library.lexical("书记", 5, ["nobody"]) == []


def test_large_scopes_go_through_chroma(
    open_library: Open, reports: list[RawDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_library() as library:
        library.ingest(reports)
        scope = [info.id for info in library.documents()][:2]
        vector = library.embedder.encode(["驻村书记"], "query")[0]
        small = library.dense(vector, 50, scope)
        monkeypatch.setattr("vectorstore.search._EXACT_BELOW", 0)
        large = library.dense(vector, 50, scope)
        assert [hit.passage_id for hit in large] == [hit.passage_id for hit in small]
        assert [hit.score for hit in large] == pytest.approx([hit.score for hit in small], abs=1e-5)


def test_idf_is_lucenes(open_library: Open, reports: list[RawDocument]) -> None:
    with open_library() as library:
        assert library.idf(["无"]).tolist() == pytest.approx([math.log(2)])
        library.ingest(reports)
        total = sum(info.passages for info in library.documents())
        with_it = sum(
            "大棚" in one.passage.text for info in library.documents() for one in library.passages_of(info.id)
        )
        expected = [math.log(1 + (total - df + 0.5) / (df + 0.5)) for df in (with_it, 0)]
        assert library.idf(["大棚", "沙漠"]).tolist() == pytest.approx(expected)
        assert library.idf([]).shape == (0,)


def test_an_empty_library_finds_nothing(open_library: Open, answers: Answers, backend: dict[str, str]) -> None:
    with open_library(**backend) as library:
        assert answers(library, "什么") == []
        assert library.documents() == []
        assert library.passages([1, 2]) == []
        assert library.ingest([]).added == []


def test_odd_searches(open_library: Open, reports: list[RawDocument]) -> None:
    with open_library() as library:
        library.ingest(reports)
        vector = library.embedder.encode(["书记"], "query")[0]
        total = sum(info.passages for info in library.documents())
        assert len(library.dense(vector, 1000)) == total
        assert library.dense(vector, 0) == library.lexical("书记", 0) == []
        assert library.lexical("？！ …", 5) == []
        assert library.lexical('title:(AND OR "* \x00 书记', 1)
        for wrong in (vector[:-1], vector * 0, vector * np.nan, vector.reshape(1, -1)):
            with pytest.raises(ValueError, match="was wanted"):
                library.dense(wrong, 5)


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
        assert library.generation == len(reports)
        library.remove(reports[0].name)
        assert library.generation == len(reports) + 1


def test_readers_see_a_document_before_or_after_a_change(open_library: Open, reports: list[RawDocument]) -> None:
    versions = [RawDocument.of("v.txt", f"# 版本\n\n雪山湖泊第{n}版。\n\n雪山湖泊另一段第{n}版。") for n in range(6)]
    failures: list[object] = []
    over = threading.Event()
    with open_library() as library:
        library.ingest([*reports, versions[0]])
        vector = library.embedder.encode(["雪山湖泊"], "query")[0]

        def read() -> None:
            try:
                while not over.is_set():
                    for hits in (library.dense(vector, 1), library.lexical("雪山湖泊", 1)):
                        assert len(hits) == 1
                        for one in library.passages([hits[0].passage_id]):
                            assert one.document == "v.txt"
                    document = library.document("v.txt")
                    for one in document.passages:
                        assert cut(document.text, one.passage.spans) == one.passage.text
            except BaseException as error:
                failures.append(error)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for version in versions[1:] * 2:
            library.ingest([version])
        over.set()
        for reader in readers:
            reader.join()
    assert failures == []
