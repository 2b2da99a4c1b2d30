"""Running a set against the real pipeline: what is kept, and what is never lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from eval.datasets.questions import Question, QuestionSet
from eval.errors import BadRun, DoesNotFit
from eval.runs import corpus as corpora
from eval.runs import run as runs
from eval.runs import run_file
from eval.runs.corpus import Corpus
from eval.runs.run_file import Item, Run
from eval.runs.vector_cache import CachedEmbedder
from qa.pipeline import QA
from qa.settings import Settings
from tests.support.office_files import docx, paragraph
from vectorstore.errors import SourceError
from vectorstore.reading import RawDocument
from vectorstore.types import cut


def question(name: str, text: str, **fields: object) -> Question:
    return Question.model_validate({"id": name, "type": "single_fact", "question": text, "answerable": True} | fields)


SET = QuestionSet(
    "small.jsonl",
    "0" * 64,
    (
        question(
            "length",
            "青河全长多少公里？",
            must_contain=[["120"]],
            evidence=[{"document": "river.txt", "quote": "青河全长120公里。"}],
        ),
        question("broken", "？？？", must_contain=[["1"]]),
        question("height", "南山海拔多少米？", must_contain=[["845"]]),
    ),
)


@pytest.fixture(scope="module")
def done(corpus: Corpus, settings: Settings) -> Run:
    pipeline = QA(corpus.library, settings)
    info = runs.describe(settings, pipeline.answerer.name, corpus, SET, {"limit": 3})
    return runs.run(pipeline, SET, corpus, info)


def test_a_question_that_the_pipeline_refuses_is_kept_as_an_error_and_counted(done: Run) -> None:
    broken = done.items[1]
    assert [item.id for item in done.items] == ["length", "broken", "height"]
    assert broken.error is not None
    assert broken.error.startswith("BadQuestion: ")
    assert done.summary["errors"] == 1
    assert (broken.scores["correct"], broken.scores["cited"], broken.abstained) == (0.0, 0.0, False)


def test_a_run_keeps_no_address_of_a_store(corpus: Corpus, settings: Settings) -> None:
    stores = {"chroma_url": "http://reader:canary@chroma", "database_url": SecretStr("postgresql://qa:canary@db/qa")}
    info = runs.describe(settings.model_copy(update=stores), "extractive", corpus, SET, {})
    assert "canary" not in repr(info)
    assert not {"chroma_url", "database_url"} & set(info.config)


def test_progress_is_told_after_every_question(corpus: Corpus, settings: Settings) -> None:
    told: list[tuple[str, int]] = []
    pipeline = QA(corpus.library, settings)
    info = runs.describe(settings, "extractive", corpus, SET, {})
    runs.run(pipeline, SET, corpus, info, lambda item, count: told.append((item.id, count)))
    assert told == [("length", 1), ("broken", 2), ("height", 3)]


def test_the_run_file_has_the_shape_that_outside_scorers_read(done: Run, corpus: Corpus, tmp_path: Path) -> None:
    run_file.save(done, tmp_path / "run.json")
    written = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert {"run", "summary", "by_type", "items"} <= set(written)
    wanted = {"started", "git", "config", "answerer", "embedder", "prompts", "index", "documents", "questions"}
    assert wanted <= set(written["run"])
    assert written["run"]["documents"] == ["hill.txt", "river.txt"]
    item = written["items"][0]
    fields = {"id", "question", "standalone_question", "answer", "abstained", "sentences", "citations", "passages"}
    assert fields | {"latency_ms", "scores"} <= set(item)
    assert {"rewrite", "retrieve", "answer", "total"} <= set(item["latency_ms"])
    for citation in item["citations"]:
        assert {"number", "document", "title", "section", "quote", "spans"} <= set(citation)
        assert cut(corpus.texts[citation["document"]], citation["spans"]) == citation["quote"]
    assert {"document", "spans", "score"} <= set(item["passages"][0])
    assert "llm_api_key" not in json.dumps(written)


def test_a_run_is_read_back_as_it_was(done: Run, tmp_path: Path) -> None:
    run_file.save(done, tmp_path / "run.json")
    assert run_file.load(tmp_path / "run.json") == done


def test_no_login_of_an_endpoint_is_in_a_run_file(corpus: Corpus, settings: Settings) -> None:
    for field in ("llm_base_url", "embedder_base_url", "otlp_endpoint"):
        told = settings.model_copy(update={field: "https://reader:hush@host.example/v1"})
        info = runs.describe(told, "extractive", corpus, SET, {})
        assert info.config[field] == "https://***@host.example/v1"
        assert "hush" not in info.model_dump_json()


def test_asking_twice_scores_alike(corpus: Corpus, settings: Settings, done: Run) -> None:
    info = runs.describe(settings, "extractive", corpus, SET, {})
    again = runs.run(QA(corpus.library, settings), SET, corpus, info)
    assert again.run.scores_sha256 == done.run.scores_sha256
    assert again.summary | {"latency_ms": {}} == done.summary | {"latency_ms": {}}


def test_what_is_not_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRun, match="can't be read as a run"):
        run_file.load(tmp_path / "none.json")
    (tmp_path / "text.json").write_text("not json", encoding="utf-8")
    with pytest.raises(BadRun, match="is not a run file"):
        run_file.load(tmp_path / "text.json")
    (tmp_path / "other.json").write_text('{"run": {"started": ""}, "items": [{"id": 1}]}', encoding="utf-8")
    with pytest.raises(BadRun, match=r"items\.0\.id"):
        run_file.load(tmp_path / "other.json")


def test_unknown_fields_survive_reading_and_writing(tmp_path: Path) -> None:
    item = Item.model_validate({"id": "q", "question": "？", "trace": "t1"})
    assert item.model_dump()["trace"] == "t1"


def test_the_context_of_a_citation_shows_every_piece_and_shortens_what_lies_between() -> None:
    text = "甲" * 100 + "一半" + "图" * 300 + "另一半" + "乙" * 100
    pieces = runs.context(text, [(100, 102), (402, 405)])
    assert [piece for piece, cited in pieces if cited] == ["一半", "另一半"]
    assert pieces[0] == ("甲" * runs.CONTEXT_CHARS, False)
    assert " … " in pieces[2][0]
    assert len(pieces[2][0]) < 300
    assert runs.context("", [(0, 1)]) == []
    assert runs.context("甲乙", [(0, 2)]) == [("甲乙", True)]


def test_a_document_that_cannot_be_indexed_stops_the_run(embedder: CachedEmbedder, settings: Settings) -> None:
    lone_surrogate = RawDocument("bad.txt", "坏\ud800文件。", "0" * 64, "utf-8")
    good = RawDocument.of("good.txt", "好文件。")
    with (
        pytest.raises(DoesNotFit, match=r"1 of 2 documents can't be indexed; bad\.txt"),
        corpora.temporary([good, lone_surrogate], settings, embedder),
    ):
        pass


def test_a_file_that_cannot_be_read_is_named_and_left_out(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bridges.docx").write_bytes(docx(paragraph("青河有桥12座。")))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    with corpora.from_path(tmp_path, settings) as corpus:
        assert corpus.texts == {"bridges.docx": "青河有桥12座。"}
    assert f"left out: {tmp_path / 'broken.pdf'} can't be read as a PDF" in capsys.readouterr().err
    (tmp_path / "documents.jsonl").write_text(
        '{"id": "a", "text": "青河有桥12座。"}\n{"id": "b", "text": "\\u0000"}\n', "utf-8"
    )
    with corpora.from_path(tmp_path / "documents.jsonl", settings) as corpus:
        assert corpus.names == ["a"]
    assert "line 2" in capsys.readouterr().err
    with (
        pytest.raises(SourceError, match="can't be read as a PDF"),
        corpora.from_path(tmp_path / "broken.pdf", settings),
    ):
        pass


def test_an_empty_library_is_not_asked(tmp_path: Path) -> None:
    with (
        pytest.raises(DoesNotFit, match=r"is empty; run `qa ingest PATH` or give --documents PATH"),
        corpora.current(Settings(data_dir=tmp_path)),
    ):
        pass


def test_the_fingerprint_of_documents_is_that_of_names_and_texts() -> None:
    one = corpora.fingerprint({"a": "甲", "b": "乙"})
    assert one == corpora.fingerprint({"b": "乙", "a": "甲"})
    assert one != corpora.fingerprint({"a": "甲", "b": "丙"})
    assert one != corpora.fingerprint({"a": "甲", "c": "乙"})
