"""Runs made by hand, a small library, and a sandbox over the seeds that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eval.datasets import questions as sets
from eval.datasets.questions import Question
from eval.faults.sandbox import Sandbox, open_sandbox
from eval.metrics.scoring import score_run
from eval.runs import corpus as corpora
from eval.runs.corpus import Corpus
from eval.runs.run_file import Item, Run, RunInfo
from eval.runs.vector_cache import CachedEmbedder
from qa.settings import Settings
from vectorstore.embeddings import load_embedder
from vectorstore.reading import RawDocument, read_source

SEEDS = Path(__file__).resolve().parents[2] / "eval" / "sets" / "seeds.jsonl"
MakeRun = Callable[..., Run]

TEXTS = {
    "river.txt": "青河全长120公里。青河流经五个镇。\n青河有桥12座。",
    "hill.txt": "南山海拔845米。南山有茶园300亩。",
}


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> CachedEmbedder:
    """The bundled embedder, which embeds every text of the session once."""
    folder = tmp_path_factory.mktemp("vectors")
    return CachedEmbedder(load_embedder("bundled", folder), folder, queries=True)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"), answerer="extractive")


@pytest.fixture(scope="session")
def corpus(embedder: CachedEmbedder, settings: Settings) -> Iterator[Corpus]:
    """Two documents of a few words in a real library."""
    documents = [RawDocument.of(name, text) for name, text in TEXTS.items()]
    with corpora.temporary(documents, settings, embedder) as opened:
        yield opened


@pytest.fixture(scope="session")
def sandbox(seeds_dir: Path, embedder: CachedEmbedder, settings: Settings) -> Iterator[Sandbox]:
    """The committed set over the seeds, asked of the real pipeline when first used.

    Broken pipelines are asked one half of each type, which is enough and takes half the time; `qa eval selftest` asks
    all of it.
    """
    seeds = [document for document in read_source(seeds_dir) if document.name.endswith(".txt")]
    questions = sets.load(SEEDS)
    with open_sandbox(seeds, questions, settings, embedder, sample=lambda q: q.split == "dev") as opened:
        yield opened


@pytest.fixture
def make_run() -> MakeRun:
    """Return a function that makes a scored run of so many right and wrong answers to questions about the river."""

    def make(right: int, wrong: int = 0, kind: str = "single_fact", abstained: int = 0) -> Run:
        answers = ["120公里。[1]"] * right + ["130座。[1]"] * wrong + [""] * abstained
        questions, items = [], []
        for number, answer in enumerate(answers):
            question = Question.model_validate(
                {
                    "id": f"q{number:03d}",
                    "type": kind,
                    "question": f"青河有多长（{number}）？",
                    "answerable": True,
                    "answer": "120公里。",
                    "must_contain": [["120公里"]],
                    "evidence": [{"document": "river.txt", "quote": "青河全长120公里。"}],
                }
            )
            questions.append(question)
            items.append(_item(question, answer))
        info = RunInfo(started="2026-01-01T00:00:00+00:00", documents=sorted(TEXTS), documents_sha256="d" * 64)
        return score_run(Run(run=info, items=items), questions, TEXTS)

    return make


def _item(question: Question, answer: str) -> Item:
    if not answer:
        return Item(id=question.id, question=question.question, asked=question, answer="没有提到。", abstained=True)
    text = answer.removesuffix("[1]")
    span = (4, 10) if "120" in text else (10, 18)
    quote = TEXTS["river.txt"][span[0] : span[1]]
    return Item.model_validate(
        {
            "id": question.id,
            "question": question.question,
            "asked": question,
            "answer": answer,
            "sentences": [{"text": text, "citations": [1]}],
            "citations": [{"number": 1, "document": "river.txt", "quote": quote, "spans": [span]}],
            "passages": [{"document": "river.txt", "spans": [(0, 18)], "score": 0.1}],
            "latency_ms": {"total": 5.0},
        }
    )
