"""The measured work, each in a process of its own: ``python -m eval.bench.workers NAME ARGUMENTS`` prints JSON."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from . import plain_pipeline, scale
from .stats import quantile

Result = dict[str, Any]

OURS, PLAIN, SENTENCE_TRANSFORMERS = "report-qa", "plain", "sentence-transformers"
PASSAGE = 250
"""Characters of a passage that is embedded for the measurement."""


def peak_mb() -> float:
    """Return the most memory that this process has had resident, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def read(documents: str) -> list[tuple[str, str]]:
    """Return names and texts of the documents at a path."""
    from vectorstore.reading import read_source

    return [(document.name, document.text) for document in read_source(Path(documents))]


def embed(pipeline: str, model: str, cache: str, documents: str, questions: Sequence[str]) -> Result:
    """Embed the documents in pieces of 250 characters, and each question alone."""
    texts = [text[at : at + PASSAGE] for _, text in read(documents) for at in range(0, len(text), PASSAGE)]
    started = time.perf_counter()
    passages, query = _engine(pipeline, model, cache)
    loaded = time.perf_counter()
    query(questions[0])
    first = time.perf_counter()
    waits = [_timed(query, question) for question in questions]
    begun = time.perf_counter()
    passages(texts)
    took = time.perf_counter() - begun
    peak = peak_mb()  # before the bundled model is loaded for its tokenizer
    return {
        "load_s": loaded - started,
        "first_ms": (first - loaded) * 1000,
        "query_p50_ms": quantile(waits, 0.5) * 1000,
        "query_p95_ms": quantile(waits, 0.95) * 1000,
        "passages_per_s": len(texts) / took,
        "tokens_per_s": _tokens(texts, cache) / took,
        "memory_mb": peak,
    }


def _engine(pipeline: str, model: str, cache: str) -> tuple[Callable[[list[str]], object], Callable[[str], object]]:
    """Return what embeds passages and what embeds a question."""
    if pipeline == PLAIN:
        engine = plain_pipeline.embeddings()
        return engine.embed_documents, engine.embed_query
    from vectorstore.embeddings import load_embedder

    embedder = load_embedder(model, Path(cache))
    return lambda texts: embedder.encode(texts, "passage"), lambda text: embedder.encode([text], "query")


def _tokens(texts: Sequence[str], cache: str) -> int:
    """Return how many tokens the bundled model makes of ``texts``, prefixes and special tokens included."""
    from vectorstore.embeddings.bundled.embedder import BundledEmbedder
    from vectorstore.embeddings.bundled.weights import weight_file

    tokens = BundledEmbedder(weight_file(), Path(cache)).tokens
    return sum(len(tokens("passage: " + text)) + 2 for text in texts)


def _timed(function: Callable[[str], object], argument: str) -> float:
    started = time.perf_counter()
    function(argument)
    return time.perf_counter() - started


def ingest(pipeline: str, model: str, cache: str, documents: str) -> Result:
    """Index the documents into an empty place, from the loading of the model to the closed store."""
    found = read(documents)
    with tempfile.TemporaryDirectory() as directory:
        started = time.perf_counter()
        if pipeline == PLAIN:
            passages = vectors = plain_pipeline.ingest(found, Path(directory))
        else:
            passages, vectors = _ingest(model, cache, documents, Path(directory))
        took = time.perf_counter() - started
    characters = sum(len(text) for _, text in found)
    return {
        "seconds": took,
        "characters_per_s": characters / took,
        "passages": passages,
        "vectors": vectors,
        "memory_mb": peak_mb(),
    }


def _ingest(model: str, cache: str, documents: str, directory: Path) -> tuple[int, int]:
    from vectorstore.embeddings import load_embedder
    from vectorstore.library import Library
    from vectorstore.reading import read_source

    with Library.open(directory, load_embedder(model, Path(cache)), lazy=True) as library:  # as the commands do
        library.ingest(read_source(Path(documents)))
        passages = [passage for info in library.documents() for passage in library.passages_of(info.id)]
        return len(passages), sum(1 + len(stored.passage.sentences) for stored in passages)


def fill(pipeline: str, directory: str, documents: str) -> Result:
    """Fill a store that later questions go to."""
    if pipeline == PLAIN:
        return {"passages": plain_pipeline.ingest(read(documents), Path(directory))}
    from qa.pipeline import open_library
    from qa.settings import load
    from vectorstore.reading import read_source

    with open_library(load(data_dir=Path(directory))) as library:
        return {"documents": len(library.ingest(read_source(Path(documents))).added)}


def ask(pipeline: str, directory: str, questions: Sequence[str]) -> Result:
    """Ask each question of a filled store in one running process."""
    with ExitStack() as stack:
        started = time.perf_counter()
        if pipeline == PLAIN:
            chroma = plain_pipeline.store(Path(directory))
            answer: Callable[[str], object] = lambda question: chroma.similarity_search(question, k=5)  # noqa: E731
        else:
            answer = _asker(Path(directory), stack)
        loaded = time.perf_counter()
        answer(questions[0])
        first = time.perf_counter()
        waits = [_timed(answer, question) for question in questions]
        return {
            "load_s": loaded - started,
            "first_ms": (first - loaded) * 1000,
            "ask_p50_ms": quantile(waits, 0.5) * 1000,
            "ask_p95_ms": quantile(waits, 0.95) * 1000,
            "memory_mb": peak_mb(),
        }


def _asker(directory: Path, stack: ExitStack) -> Callable[[str], object]:
    from qa.pipeline import QA, open_library
    from qa.settings import load

    settings = load(data_dir=directory, answerer="extractive")
    return QA(stack.enter_context(open_library(settings)), settings).ask


def main() -> None:
    """Run the worker named on the command line with the JSON arguments that follow."""
    workers: dict[str, Callable[..., Result]] = {"embed": embed, "ingest": ingest, "fill": fill, "ask": ask}
    workers |= {"scale_fill": scale.fill, "scale_ask": scale.ask}
    print(json.dumps(workers[sys.argv[1]](**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
