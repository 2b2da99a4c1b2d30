"""Fits how the reader's scores rank and become probabilities, on questions that its training never saw.

They are asked through the product: those of the repository's own sets that ``mixture`` kept out, and the pairs over
the written documents that it kept out. The linear model was fitted to the own sets and knows their questions, so what
it says of answerability is weighed on the written ones alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.question.analysis import QueryAnalyser
from qa.ranking.base import Floats, parts_of
from qa.ranking.model import contradicted
from qa.ranking.reader.calibration import SIGNALS, Calibration
from qa.ranking.reader.ranker import ReaderRanker, Reading, load_encoder
from qa.retrieval import Retriever
from qa.settings import Settings
from qa.types import Turn
from vectorstore.embeddings import Embedder
from vectorstore.library import Library
from vectorstore.reading import RawDocument, read_source

from ...runs import corpus as corpora
from ..linear import answers
from . import groups as records
from .curve import auc
from .mixture import held_out, split_own
from .own import SETS
from .pairs import Document, read_pairs

RIDGE = 1.0
Asked = dict[str, Any]
"""A question as question sets have it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One question, read."""

    written: bool
    """Whether it is about a written document, which neither model knows."""
    answerable: bool
    reading: Reading
    positive: Floats
    """1 for sentences that answer, shape (sentences,)."""


def calibrate(
    weights: Path, data: Path, sets: Path, seeds: Path, pairs: Sequence[Path], settings: Settings, rate: float
) -> dict[str, Any]:
    """Write the calibration of ``weights`` beside them; return it with what it is worth.

    Args:
        weights: the artefact.
        data: what ``prepare`` wrote: says which of the own questions were kept out.
        sets: the folder of question sets.
        seeds: the folder of the five reports.
        pairs: folders of written pairs.
        rate: of false refusals.
    """
    embedder = corpora.embedder_of(settings, data / "vectors", queries=True)
    encoder = load_encoder(weights, settings.data_dir)

    def ranker(library: Library) -> ReaderRanker:
        return ReaderRanker(library, encoder, None)

    samples = [
        *_own(data, sets, seeds, settings, embedder, ranker),
        *_written(read_pairs(pairs), settings, embedder, ranker),
    ]
    fitted, report = fit(samples, encoder.weights_hash, rate)
    value = {
        "weights_sha256": fitted.weights_hash,
        "rank": {"reader": round(fitted.rank[0], 4), "linear": round(fitted.rank[1], 4)},
        "signals": {name: round(weight, 4) for name, weight in fitted.signals.items()},
        "offset": round(fitted.offset, 4),
        "fitted": report,
    }
    weights.with_suffix(".json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return value


Make = Callable[[Library], ReaderRanker]


def _own(data: Path, sets: Path, seeds: Path, settings: Settings, embedder: Embedder, ranker: Make) -> Iterator[Sample]:
    """Yield the samples of the own questions that were kept out of training."""
    ids = {group.id for group in split_own(records.read(data / "own.jsonl.gz"))[1]}
    for name, folder in SETS:
        questions = [json.loads(line) for line in (sets / name).read_text("utf-8").splitlines()]
        chosen = [question for question in questions if f"{name}:{question['id']}" in ids]
        if chosen:
            documents = list(read_source(sets / folder if folder else seeds))
            yield from _samples(False, chosen, documents, settings, embedder, ranker)


def _written(documents: Sequence[Document], settings: Settings, embedder: Embedder, ranker: Make) -> Iterator[Sample]:
    """Yield the samples of the written documents that were kept out of training."""
    kept = [document for document in documents if held_out(document.id)]
    raw = [RawDocument.of(f"{one.id}.md", f"# {one.title}\n\n{one.text}") for one in kept]
    yield from _samples(True, [q for one in kept for q in _questions(one)], raw, settings, embedder, ranker)


def _questions(document: Document) -> Iterator[Asked]:
    """Yield two questions for each pair: what is answered, and the near miss."""
    for pair in document.pairs:
        history = [{"role": "user", "content": pair.previous}] if pair.previous else []
        evidence = [{"document": f"{document.id}.md", "quote": answer} for answer in pair.answers]
        common = {"type": "pair", "history": history}
        yield common | {"question": pair.question, "answerable": True, "evidence": evidence}
        yield common | {"question": pair.near_miss, "answerable": False}


def _samples(
    written: bool,
    questions: Iterable[Asked],
    documents: Sequence[RawDocument],
    settings: Settings,
    embedder: Embedder,
    make: Make,
) -> Iterator[Sample]:
    """Yield each question that one part asks, read by the product; the others have several answers."""
    with corpora.temporary(documents, settings, embedder) as corpus:
        library = corpus.library
        analyser, retriever, ranker = QueryAnalyser(library), Retriever.over(library, settings), make(library)
        for question in questions:
            query = analyser.analyse(question["question"], [Turn(**turn) for turn in question.get("history") or []])
            candidates = retriever.retrieve(query)
            parts = parts_of(query, candidates)
            found = [candidate.stored for candidate in candidates]
            passages = [one for one in found if not parts[0].documents or one.document_id in parts[0].documents]
            if query.questions or len(parts) > 1 or not any(stored.passage.sentences for stored in passages):
                continue
            positive = [
                question["answerable"] and answers(question, stored, sentence, dict(corpus.texts))
                for stored in passages
                for sentence in stored.passage.sentences
            ]
            reading = ranker.read(query, parts[0], passages, 1)
            yield Sample(written, question["answerable"], reading, np.array(positive, dtype=np.float64))


def fit(samples: Sequence[Sample], weights_hash: str, rate: float) -> tuple[Calibration, dict[str, Any]]:
    """Return the calibration, and what it is worth on ``samples``."""
    rank = fit_rank(samples)
    ranked = Calibration(weights_hash, rank, {}, 0.0)
    bests = [_best(ranked, sample) for sample in samples]
    rows = [sample.reading.signals(best) for sample, best in zip(samples, bests, strict=True)]
    x = np.array([[row[name] for name in SIGNALS] for row in rows])
    y = np.array([sample.answerable for sample in samples], dtype=np.float64)
    written = np.array([sample.written for sample in samples])
    settled = np.array(
        [contradicted(s.reading.judged.features.table[best]) for s, best in zip(samples, bests, strict=True)]
    )
    linear = SIGNALS.index("linear")
    weight = fit_logistic(x[written], y[written])[0][linear] if written.any() else 0.0
    slope, offset = fit_logistic(np.delete(x, linear, axis=1), y, x[:, linear] * weight)
    slope = np.insert(slope, linear, weight)
    log_odds = x @ slope + offset
    log_odds[settled] = -np.inf
    # Where more are settled than may be refused, no threshold brings them back, and all others are answered.
    threshold = max(_at_rate(log_odds[y > 0], rate), float(log_odds[(y > 0) & ~settled].min()))
    found = Calibration(weights_hash, rank, dict(zip(SIGNALS, slope.tolist(), strict=True)), offset - threshold)
    report = {
        name: _worth(samples, bests, log_odds - threshold, rows, rate)
        for name, rows in (("own", ~written), ("written", written))
        if rows.any()
    }
    return found, report | {"false_refusals": rate}


def _best(ranked: Calibration, sample: Sample) -> int:
    scores = ranked.scores(sample.reading.log_odds, sample.reading.judged.scores)
    return int(np.nanargmax(scores))


def _at_rate(log_odds: Floats, rate: float) -> float:
    """Return the log-odds below which a share ``rate`` of the answerable questions lies."""
    return float(np.quantile(log_odds, rate, method="lower"))


def _worth(
    samples: Sequence[Sample], bests: Sequence[int], log_odds: Floats, rows: NDArray[np.bool_], rate: float
) -> dict[str, float]:
    """Return shares, for both models together and for each alone.

    ``right``: best sentences that answer. ``answered``, ``refused``: of the answerable and of the others. ``told``: of
    the others, refused when ``rate`` of the answerable ones of these very questions is. ``settled``: contradicted.
    """
    chosen = [(s, best, value >= 0) for s, best, value, row in zip(samples, bests, log_odds, rows, strict=True) if row]
    yes = [one for one in chosen if one[0].answerable]
    no = [one for one in chosen if not one[0].answerable]
    answerable = np.array([sample.answerable for sample in samples])
    by_reader = np.array([s.reading.log_odds[best] for s, best in zip(samples, bests, strict=True)])
    by_linear = np.array([sample.reading.judged.log_odds for sample in samples])
    found: dict[str, float] = {"answerable": len(yes), "unanswerable": len(no)}
    for name, those in (("settled_answerable", rows & answerable), ("settled_unanswerable", rows & ~answerable)):
        found[name] = round(float(np.isneginf(log_odds[those]).mean()), 4)
    shares = {
        "right": [s.positive[best] for s, best, _ in yes],
        "right_linear": [s.positive[int(np.argmax(s.reading.judged.scores))] for s, _, _ in yes],
        "answered": [told for _, _, told in yes],
        "answered_linear": [s.reading.judged.probability >= 0.5 for s, _, _ in yes],
        "refused": [not told for _, _, told in no],
        "refused_linear": [s.reading.judged.probability < 0.5 for s, _, _ in no],
    }
    found |= {name: round(float(np.mean(values)), 4) for name, values in shares.items() if values}
    for name, told in (("auc", log_odds), ("auc_reader", by_reader), ("auc_linear", by_linear)):
        least = _at_rate(told[rows & answerable], rate)
        found[name.replace("auc", "told")] = round(float((told[rows & ~answerable] < least).mean()), 4)
        found[name] = round(auc(told[rows & answerable].tolist(), told[rows & ~answerable].tolist()), 4)
    return found


def fit_rank(samples: Sequence[Sample]) -> tuple[float, float]:
    """Return the weights of reader and linear model: a conditional logit over the sentences that were read.

    Of McFadden 1974, by Newton's method with a ridge; neither weight is below 0.
    """
    tables = []
    for sample in samples:
        read = sample.reading.read
        positive = sample.positive[read]
        if 0 < positive.sum() < read.sum():
            both = np.stack([sample.reading.log_odds[read], sample.reading.judged.scores[read]], axis=1)
            tables.append((both, positive))
    weights = np.array([1.0, 0.5])
    for _ in range(50):
        gradient, hessian = -0.01 * weights, -0.01 * np.eye(2)
        for both, positive in tables:
            for rows, sign in ((positive > 0, 1.0), (positive >= 0, -1.0)):
                x = both[rows]
                p = np.exp(x @ weights - (x @ weights).max())
                p /= p.sum()
                mean = p @ x
                gradient += sign * mean
                if sign < 0:  # the positives' own spread is left out: the bound is concave without it
                    hessian -= (x * p[:, None]).T @ x - np.outer(mean, mean)
        step = np.linalg.solve(hessian, gradient)
        weights = np.maximum(weights - step, 0.0)
        if np.abs(step).max() < 1e-6:
            break
    return float(weights[0]), float(weights[1])


def fit_logistic(x: Floats, y: Floats, given: Floats | None = None) -> tuple[Floats, float]:
    """Return slopes and offset of a logistic regression, by Newton's method with a ridge on standardised inputs.

    Args:
        x: shape (n, signals).
        y: 1.0 or 0.0, shape (n,).
        given: log-odds that are added as they are, shape (n,).
    """
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    rows = np.concatenate([(x - mean) / scale, np.ones((len(x), 1))], axis=1)
    penalty = RIDGE * np.eye(rows.shape[1])
    penalty[-1, -1] = 1e-6
    weights, base = np.zeros(rows.shape[1]), np.zeros(len(y)) if given is None else given
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights + base, -30, 30)))
        gradient = rows.T @ (y - p) - penalty @ weights
        step = np.linalg.solve((rows * (p * (1 - p))[:, None]).T @ rows + penalty, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    slope = weights[:-1] / scale
    return slope, float(weights[-1] - slope @ mean)
