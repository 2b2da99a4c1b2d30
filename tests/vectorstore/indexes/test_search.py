"""Searching a library, over an embedded Chroma and over a Chroma server alike."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import numpy as np
import pytest

from vectorstore.ingestion.context import context, in_context
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.storage.vectors import StoredVectors
from vectorstore.types import cut

Open = Callable[..., Library]
Answers = Callable[[Library, str], list[tuple[str, str, float]]]


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
        vector = library.passage_vectors([stored.id])[stored.id]
        assert library.dense(vector, 1)[0].passage_id == stored.id
        assert library.dense(vector, 1)[0].score == pytest.approx(1.0, abs=1e-5)
        everything = {hit.passage_id: hit.score for hit in library.dense(vector, 100)}
        exact = {hit.passage_id: hit.score for hit in library.dense(vector, 100, [i.id for i in library.documents()])}
        assert everything == pytest.approx(exact, abs=1e-5)


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
        for one in stored:
            above = library.embedder.encode([context(one.title, one.passage.section)], "passage")[0]
            texts = [sentence.text for sentence in one.passage.sentences]
            exact = in_context(above, library.embedder.encode(texts, "passage"), [len(text) for text in texts])
            np.testing.assert_array_equal(vectors[one.id], exact)
        assert library.passage_vectors([10**9]) == {}


def test_both_kinds_of_vectors_are_read_at_once(
    open_library: Open, reports: list[RawDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_library() as library:
        library.ingest(reports[:1])
        ids = [one.id for one in library.passages_of(library.documents()[0].id)]
        assert list(library.sentence_vectors(ids)) == ids
        monkeypatch.setattr(StoredVectors, "_rows", None)  # which then fails
        assert list(library.passage_vectors(ids)) == ids


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


def test_documents_that_are_left_out(open_library: Open, reports: list[RawDocument], backend: dict[str, str]) -> None:
    many = RawDocument.of("many.txt", "\n\n".join(f"第{at}号村驻村书记帮扶农户{at}户。" * 20 for at in range(50)))
    with open_library(**backend) as library:
        library.ingest([*reports, many])
        gone = library.document_info("many.txt").id
        others = [info.id for info in library.documents() if info.id != gone]
        vector = library.embedder.encode(["驻村书记"], "query")[0]
        assert library.dense(vector, 3, None, [gone]) == library.dense(vector, 3, others)
        assert library.lexical("驻村书记", 3, None, [gone]) == library.lexical("驻村书记", 3, others)
        assert library.dense(vector, 3, [gone], [gone]) == library.lexical("驻村书记", 3, [gone], [gone]) == []
        within = library.within(library.scope(["default"]))
        assert within.dense(vector, 3, None, [gone]) == library.dense(vector, 3, others)
        assert {hit.passage_id for hit in within.lexical("驻村书记", 3, None, [gone])} == {
            hit.passage_id for hit in library.lexical("驻村书记", 3, others)
        }


def test_large_scopes_go_through_chroma(
    open_library: Open, reports: list[RawDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_library() as library:
        library.ingest(reports)
        scope = [info.id for info in library.documents()][:2]
        vector = library.embedder.encode(["驻村书记"], "query")[0]
        small = library.dense(vector, 50, scope)
        monkeypatch.setattr("vectorstore.indexes.search._EXACT_BELOW", 0)
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


def test_readers_see_a_document_before_or_after_a_change(open_library: Open, reports: list[RawDocument]) -> None:
    versions = [RawDocument.of("v.txt", f"# 版本\n\n雪山湖泊第{n}版。\n\n雪山湖泊另一段第{n}版。") for n in range(6)]
    failures: list[object] = []
    over = threading.Event()
    with open_library() as library:
        library.ingest([*reports, versions[0]])
        vector = library.embedder.encode(["雪山湖泊"], "query")[0]
        scope = [library.document_info("v.txt").id]

        def read() -> None:
            try:
                while not over.is_set():
                    for hits in (
                        library.dense(vector, 1),
                        library.dense(vector, 1, scope),
                        library.lexical("雪山湖泊", 1),
                        library.lexical("雪山湖泊", 1, scope),
                    ):
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
