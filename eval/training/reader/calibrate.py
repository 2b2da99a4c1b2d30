"""Fits how the reader's scores rank and become probabilities, on questions that its training never saw.

They are asked through the product: those of the repository's own sets that ``mixture`` kept out, the pairs over the
written documents that it kept out, and other question sets. On the written pairs, the reader's own trade, the support
judge adds nothing; on documents by others it does. So each set counts as much as any other, and so do its answerable
questions and the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.ranking.base import Floats
from qa.ranking.reader.calibration import SIGNALS, Calibration
from qa.ranking.reader.ranker import ReaderRanker
from qa.reader.model import JUDGE_WEIGHTS, Reader
from qa.settings import Settings
from vectorstore.library import Library
from vectorstore.reading import read_source

from ...runs import corpus as corpora
from ..logistic import fit_logistic
from .pairs import read_pairs
from .samples import Sample, own, samples, written
from .worth import at_rate, best, signals_of, worth


def calibrate(
    weights: Path,
    data: Path,
    sets: Path,
    seeds: Path,
    pairs: Sequence[Path],
    also: Sequence[tuple[Path, Path]],
    settings: Settings,
    rate: float,
    share: float = 1.0,
) -> dict[str, Any]:
    """Write the calibration of ``weights`` beside them; return it with what it is worth.

    Args:
        weights: the artefact.
        data: what ``prepare`` wrote: says which of the own questions were kept out.
        sets: the folder of question sets.
        seeds: the folder of the five reports.
        pairs: folders of written pairs.
        also: question sets and their documents, to judge answerability by as well.
        rate: of false refusals.
        share: of the written documents kept out that are asked about.
    """
    embedder = corpora.embedder_of(settings, data / "vectors", queries=True)
    reader, judge = Reader.load(weights, settings.models_dir), Reader.load(JUDGE_WEIGHTS, settings.models_dir)

    def ranker(library: Library) -> ReaderRanker:
        return ReaderRanker(library, reader, judge, None)

    found = {
        "own": list(own(data, sets, seeds, settings, embedder, ranker)),
        "written": list(written(read_pairs(pairs), share, settings, embedder, ranker)),
    }
    for questions, documents in also:
        asked = [json.loads(line) for line in questions.read_text("utf-8").splitlines()]
        sources = list(read_source(documents))
        found[questions.parent.name] = list(samples(False, asked, sources, settings, embedder, ranker))
    fitted, report = fit({name: some for name, some in found.items() if some}, reader, judge, rate)
    value = {
        "weights_sha256": fitted.weights_hash,
        "judge_sha256": fitted.judge_hash,
        "rank": {"reader": round(fitted.rank[0], 4), "linear": round(fitted.rank[1], 4)},
        "signals": {name: round(weight, 4) for name, weight in fitted.signals.items()},
        "offset": round(fitted.offset, 4),
        "fitted": report,
    }
    weights.with_suffix(".json").write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return value


def fit(
    sets: Mapping[str, Sequence[Sample]], reader: Reader, judge: Reader, rate: float
) -> tuple[Calibration, dict[str, Any]]:
    """Return the calibration, and what it is worth on each set.

    Ranking is fitted to the sets of this repository alone. Whether the best sentence answers is fitted to all of them,
    without the answerable questions whose best sentence doesn't.

    Args:
        sets: by name, none empty; ``own`` and ``written`` are this repository's.
    """
    hashes = reader.weights_hash, judge.weights_hash
    rank = fit_rank([sample for name in ("own", "written") for sample in sets.get(name, ())])
    asked = [sample for some in sets.values() for sample in some]
    names = np.array([name for name, some in sets.items() for _ in some])
    bests = [best(Calibration(*hashes, rank, {}, 0.0), sample) for sample in asked]
    rows = [signals_of(sample, at) for sample, at in zip(asked, bests, strict=True)]
    x = np.array([[row[name] for name in SIGNALS] for row in rows])
    answerable = np.array([sample.answerable for sample in asked])
    right = np.array([sample.positive[at] > 0 for sample, at in zip(asked, bests, strict=True)])
    told = right | ~answerable
    slope, offset = fit_logistic(x[told], right[told].astype(np.float64), _alike(names[told], right[told]))
    log_odds = x @ slope + offset
    threshold = at_rate(log_odds[answerable], rate, _alike(names[answerable], answerable[answerable]))
    signals = dict(zip(SIGNALS, slope.tolist(), strict=True))
    report = {name: worth(asked, bests, log_odds - threshold, rate, names == name) for name in sets}
    return Calibration(*hashes, rank, signals, offset - threshold), report | {"false_refusals": rate}


def _alike(names: NDArray[np.str_], answered: NDArray[np.bool_]) -> Floats:
    """Return weights by which each set's rows of either kind weigh as much as any other's, 1 on average."""
    kinds = np.array([f"{name} {one}" for name, one in zip(names, answered, strict=True)])
    _, index, count = np.unique(kinds, return_inverse=True, return_counts=True)
    found: Floats = len(kinds) / len(count) / count[index]
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
