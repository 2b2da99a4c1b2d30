"""Fits the linear ranker: ``python -m eval.training.linear --set QUESTIONS DOCUMENTS [--set ...] --out WEIGHTS``.

Ranking: a conditional logit over the candidate sentences of each answerable question (McFadden 1974), the positives
being those that hold its evidence, by Newton's method with a ridge. Answerability: see
``eval.training.answerability``. Questions marked ``"split": "test"`` are left out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.pipeline import configured_embedder
from qa.question.analysis import QueryAnalyser
from qa.ranking import model
from qa.ranking.base import CandidateSentence, parts_of
from qa.ranking.features import FEATURES
from qa.ranking.linear import LinearRanker, SentenceFeatures
from qa.retrieval import Retriever
from qa.settings import Settings, load
from qa.types import Turn
from vectorstore.library import Library
from vectorstore.reading import read_source
from vectorstore.text.words import normalise
from vectorstore.types import Sentence, StoredPassage

from . import answerability

Floats = NDArray[np.float64]

RIDGE_RANK = 4.0
SINGLE = frozenset(("single_fact", "fact", "layout_break", "english", "follow_up"))


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
    terms: tuple[str, ...] = ()
    places: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.uint8))
    """Where the terms stand, shape (sentences, terms); see :func:`qa.ranking.features.matrix`."""

    def best(self, rank: Floats) -> int:
        """Return the row of the sentence that ``rank`` puts first."""
        return int(np.argsort(-(self.table @ rank), kind="stable")[0])


def _norm(text: str) -> str:
    return "".join(normalise(text).split())


def answers(question: dict[str, Any], stored: StoredPassage, sentence: Sentence, raw: dict[str, str]) -> bool:
    """Whether a sentence holds the question's evidence and, for a single fact, the answer itself."""
    wanted = [alternative for group in question.get("must_contain") or [] for alternative in group]
    if not question.get("evidence"):
        return bool(wanted) and all(
            any(_norm(one) in _norm(sentence.text) for one in group) for group in question["must_contain"]
        )
    if not any(
        _overlaps(raw[stored.document], e["quote"], sentence)
        for e in question["evidence"]
        if e["document"] == stored.document
    ):
        return False
    return not (wanted and question["type"] in SINGLE) or any(_norm(one) in _norm(sentence.text) for one in wanted)


def _overlaps(raw: str, quote: str, sentence: Sentence) -> bool:
    """Whether half of the shorter of quote and sentence is common to both."""
    at = raw.find(quote)
    while at >= 0:
        common = sum(max(0, min(at + len(quote), end) - max(at, start)) for start, end in sentence.spans)
        if common >= 0.5 * min(len(quote), sum(end - start for start, end in sentence.spans)):
            return True
        at = raw.find(quote, at + 1)
    return False


def samples(
    number: int, questions: Path, library: Library, raw: dict[str, str], settings: Settings
) -> Iterator[Sample]:
    """Yield the samples of one set, asked as the pipeline would ask it.

    Args:
        number: of the set.
        raw: document name -> its text.
    """
    analyser, retriever, ranker = QueryAnalyser(library), Retriever.over(library, settings), LinearRanker(library)
    for line in questions.read_text("utf-8").splitlines():
        question = json.loads(line)
        if question.get("split") == "test":
            continue
        query = analyser.analyse(question["question"], [Turn(**turn) for turn in question.get("history") or []])
        if query.questions:
            continue  # the set doesn't say which of several questions has an answer
        candidates = retriever.retrieve(query)
        parts = parts_of(query, candidates)
        for part in parts:
            passages = [c.stored for c in candidates if not part.documents or c.stored.document_id in part.documents]
            if any(stored.passage.sentences for stored in passages):
                found = ranker.features(query, part, passages, len(parts))
                yield _sample(number, question, found, passages, raw)


def _read(number: int, questions: Path, documents: Path, settings: Settings) -> list[Sample]:
    sources = list(read_source(documents))
    with tempfile.TemporaryDirectory() as directory:
        embedder = configured_embedder(settings, settings.data_dir)
        with Library.open(Path(directory), embedder, chunk_chars=settings.chunk_chars) as library:
            library.ingest(sources)
            raw = {source.name: source.text for source in sources}
            return list(samples(number, questions, library, raw, settings))


def _sample(
    number: int,
    question: dict[str, Any],
    found: SentenceFeatures,
    passages: Sequence[StoredPassage],
    raw: dict[str, str],
) -> Sample:
    sentences = [CandidateSentence(stored, i) for stored in passages for i in range(len(stored.passage.sentences))]
    positive = np.array(
        [question["answerable"] and answers(question, one.stored, one.sentence, raw) for one in sentences],
        dtype=np.float64,
    )
    return Sample(
        number,
        question["question"],
        question["answerable"],
        found.table,
        positive,
        found.asked,
        found.terms,
        found.places,
    )


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
        "rank": dict(zip(FEATURES, (float(round(x, 5)) for x in rank), strict=True)),
        "missing_words": words,
        "answerability": answerability.fit_answerability(signals, answerable, weights, follow_up, folds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--set", nargs=2, action="append", required=True, metavar=("QUESTIONS", "DOCUMENTS"))
    parser.add_argument("--weight", type=float, action="append", default=[], help="of each set's questions, in order")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    settings = load()
    data = [s for i, (q, d) in enumerate(given.set) for s in _read(i, Path(q), Path(d), settings)]
    held = fit(data, given.weight or [1.0] * len(given.set))
    given.out.write_text(json.dumps(held, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
