"""Fits the linear ranker: ``python -m eval.training.linear --set QUESTIONS DOCUMENTS [--set ...] --out WEIGHTS``.

Ranking: a conditional logit over the candidate sentences of each answerable question (McFadden 1974), the positives
being those that hold its evidence, by Newton's method with a ridge. Answerability: see
``eval.training.answerability``. Questions marked ``"split": "test"`` are left out, and so are the written documents
that the reader's training keeps out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.pipeline import configured_embedder
from qa.question.analysis import QueryAnalyser
from qa.ranking import model
from qa.ranking.base import parts_of
from qa.ranking.features import FEATURES
from qa.ranking.linear import LinearRanker
from qa.retrieval import Retriever
from qa.settings import Settings, load
from qa.types import Intent, Turn
from vectorstore.library import Library
from vectorstore.reading import RawDocument, read_source

from . import answerability
from .labels import answers
from .reader.groups import stable
from .reader.mixture import held_out
from .reader.pairs import read_pairs
from .reader.samples import as_file, questions_about

Floats = NDArray[np.float64]

RIDGE_RANK = 4.0
DOCUMENTS, QUESTIONS = 0.16, 0.25
"""Share of the written documents, and of the questions about those, that are asked."""
Asked = dict[str, Any]
"""A question as question sets have it."""
Set = tuple[Sequence[Asked], Sequence[RawDocument]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One part of one question: a table of sentences, and which of them answer."""

    set: int
    text: str
    """The question as typed."""
    answerable: bool
    table: Floats
    positive: Floats
    asked: model.Asked
    terms: tuple[str, ...]
    places: NDArray[np.uint8]
    """Where the terms stand, shape (sentences, terms); see ``qa.ranking.features.matrix``."""

    def best(self, rank: Floats) -> int:
        """Return the row of the sentence that ``rank`` puts first."""
        return int(np.argsort(-(self.table @ rank), kind="stable")[0])


def question_set(questions: Path, documents: Path, every: int = 1) -> Set:
    """Return a set's questions but for those marked as test, or every so-manieth of all, and its documents."""
    lines = questions.read_text("utf-8").splitlines()[::every]
    asked = [question for line in lines if (question := json.loads(line)).get("split") != "test"]
    return asked, list(read_source(documents))


def written_set(folders: Sequence[Path]) -> Set:
    """Return some of the questions about some of the written documents that the reader is trained on."""
    kept = [one for one in read_pairs(folders) if not held_out(one.id) and stable(one.id) % 100 < 100 * DOCUMENTS]
    asked = [question for one in kept for question in questions_about(one)]
    chosen = [one for number, one in enumerate(asked) if stable(f"x{number}") % 1000 < 1000 * QUESTIONS]
    return chosen, [as_file(one) for one in kept]


def samples(number: int, questions: Iterable[Asked], library: Library, settings: Settings) -> Iterator[Sample]:
    """Yield the samples of one set, asked as the pipeline would ask it.

    Args:
        number: of the set.
    """
    analyser, retriever, ranker = QueryAnalyser(library), Retriever.over(library, settings), LinearRanker(library)
    raw = {info.name: library.document(info.name).text for info in library.documents()}
    for question in questions:
        query = analyser.analyse(question["question"], [Turn(**turn) for turn in question.get("history") or []])
        if query.questions or query.intent is not Intent.QUESTION:
            continue  # the set doesn't say which of several questions has an answer
        candidates = retriever.retrieve(query)
        parts = parts_of(query, candidates)
        for part in parts:
            passages = [c.stored for c in candidates if not part.documents or c.stored.document_id in part.documents]
            sentences = [(stored, sentence) for stored in passages for sentence in stored.passage.sentences]
            if sentences:
                found = ranker.features(query, part, passages, len(parts))
                positive = [question["answerable"] and answers(question, *one, raw) for one in sentences]
                told = np.array(positive, np.float64), found.asked, found.terms, found.places
                yield Sample(number, question["question"], question["answerable"], found.table, *told)


def _read(number: int, given: Set, settings: Settings) -> list[Sample]:
    questions, documents = given
    with tempfile.TemporaryDirectory() as directory:
        embedder = configured_embedder(settings)
        with Library.open(Path(directory), embedder, chunk_chars=settings.chunk_chars) as library:
            library.ingest(documents)
            return list(samples(number, questions, library, settings))


def fit_rank(data: Sequence[Sample], weight: Sequence[float]) -> Floats:
    """Return the weights that make the positives likeliest among each sample's sentences, shape (len(FEATURES),)."""
    used = [s for s in data if s.positive.any()]
    scale = np.concatenate([s.table for s in used]).std(axis=0) + 1e-6
    w = np.zeros(len(FEATURES))
    loss, gradient, hessian = _rank_loss(w, used, weight, scale)
    for _ in range(100):
        step, size = np.linalg.solve(hessian, gradient), 1.0
        while (new := _rank_loss(w - size * step, used, weight, scale))[0] > loss and size > 1e-4:
            size /= 2
        if loss - new[0] < 1e-6:
            break
        w, (loss, gradient, hessian) = w - size * step, new
    return np.asarray(w / scale)


def _rank_loss(
    w: Floats, used: Sequence[Sample], weight: Sequence[float], scale: Floats
) -> tuple[float, Floats, Floats]:
    """Return the penalised negative log-likelihood, its gradient, and an upper bound of its Hessian."""
    loss, gradient, hessian = float(RIDGE_RANK * (w @ w) / 2), RIDGE_RANK * w, RIDGE_RANK * np.eye(len(w))
    for sample in used:
        z, c = sample.table / scale, weight[sample.set]
        score = z @ w
        exp = np.exp(score - score.max())
        best = score[sample.positive > 0].max()
        right = np.where(sample.positive > 0, np.exp(np.minimum(score - best, 0.0)), 0.0)
        loss += c * float(np.log(exp.sum()) + score.max() - np.log(right.sum()) - best)
        everyone, right = exp / exp.sum(), right / right.sum()
        mean = everyone @ z
        gradient = gradient - c * (right @ z - mean)
        hessian = hessian + c * ((z * everyone[:, None]).T @ z - np.outer(mean, mean))
    return loss, gradient, hessian


def fit(data: Sequence[Sample], weight: Sequence[float]) -> dict[str, Any]:
    """Return what ``qa/ranking/weights.json`` holds."""
    rank = fit_rank(data, weight)
    answerable = np.array([float(s.answerable) for s in data])
    weights = np.array([weight[s.set] for s in data])
    folds = answerability.folds([s.text for s in data])
    missing = [answerability.missing_words(s.terms, s.places[s.best(rank)]) for s in data]
    column, words = answerability.fit_words(missing, answerable, weights, folds)
    signals = np.array(
        [model.signals(s.table, s.table @ rank, s.asked, float(value)) for s, value in zip(data, column, strict=True)]
    )
    follow_up = np.array([s.asked.follow_up for s in data])
    return {
        "features": list(FEATURES),
        "rank": dict(zip(FEATURES, (round(float(value), 5) for value in rank), strict=True)),
        "missing_words": words,
        "answerability": answerability.fit_answerability(signals, answerable, weights, follow_up, folds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--set", nargs=2, action="append", required=True, metavar=("QUESTIONS", "DOCUMENTS"))
    parser.add_argument("--every", type=int, action="append", default=[], help="ask every Nth of each set, in order")
    parser.add_argument("--pairs", type=Path, nargs="*", default=[], help="folders of written pairs: the last set")
    parser.add_argument("--weight", type=float, action="append", default=[], help="of each set's questions, in order")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    settings = load()
    every = given.every or [1] * len(given.set)
    sets = [question_set(Path(q), Path(d), nth) for (q, d), nth in zip(given.set, every, strict=True)]
    sets += [written_set(given.pairs)] if given.pairs else []
    data = [sample for number, one in enumerate(sets) for sample in _read(number, one, settings)]
    held = fit(data, given.weight or [1.0] * len(sets))
    given.out.write_text(json.dumps(held, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
