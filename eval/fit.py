"""Fits the answerer's weights: ``python -m eval.fit --set QUESTIONS DOCUMENTS [--set ...] --out qa/weights.json``.

Ranking: a conditional logit over the candidate sentences of each answerable question (McFadden 1974), the positives
being those that hold its evidence. Answerability: boosted trees on ``qa.scoring.SIGNALS``, classes balanced.
Both by Newton's method with a ridge, on features of unit variance; questions marked ``"split": "test"`` are left out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa import scoring
from qa.answerers.extractive import ExtractiveAnswerer, Table
from qa.bilingual import is_foreign
from qa.features import FEATURES
from qa.question import Kind
from qa.retrieve import Retriever
from qa.rewrite import Rewriter
from qa.settings import Settings, load
from qa.types import Request, Turn
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.readers import read_source
from vectorstore.types import Sentence, StoredPassage
from vectorstore.words import normalise

Floats = NDArray[np.float64]

RIDGE_RANK = 4.0
TREES, FOLDS = 150, 6
_DIRECTION = {
    name: -1 if name in ("top_cover_gap", "min_gap", "top_year", "top_stranger") else 1
    for name in scoring.SIGNALS
    if name not in ("named", "counts", "much", "other", "several", "foreign", "top_precision", "spread")
}
"""Signals of which more can only speak for an answer, or only against one: trees that know it hold on new documents."""
FALSE_REFUSALS_LATER = 0.01
"""The same for follow-ups: people ask them about what was just answered, and few are at hand to fit on."""
FALSE_REFUSALS = 0.07
"""Share of answerable questions that the threshold may refuse, on the questions fitted on."""
SINGLE = frozenset(("single_fact", "fact", "layout_break", "english", "follow_up"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One part of one question: a table of sentences, and which of them answer."""

    set: int
    answerable: bool
    table: Floats
    positive: Floats
    kind: Kind
    named: bool
    parts: int
    foreign: bool = False
    follow_up: bool = False

    def signals(self, rank: Floats) -> Floats:
        return scoring.signals(self.table, self.table @ rank, self.kind, self.named, self.parts, self.foreign)


def _norm(text: str) -> str:
    return "".join(normalise(text).split())


def _answers(question: dict[str, Any], stored: StoredPassage, sentence: Sentence, raw: dict[str, str]) -> bool:
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
    retriever, answerer = Retriever.over(library, settings), ExtractiveAnswerer(library)
    rewriter = Rewriter(library, answerer)
    for line in questions.read_text("utf-8").splitlines():
        question = json.loads(line)
        if question.get("split") == "test":
            continue
        history = [Turn(**turn) for turn in question.get("history") or []]
        rewrite = rewriter.rewrite(question["question"], history)
        candidates = retriever.retrieve(rewrite.question, None, rewrite.also)
        tables = answerer.tables(Request(rewrite.question, question["question"], tuple(candidates), tuple(history)))
        for table in tables:
            if len(table.features):
                yield _sample(number, question, table, len(tables), raw)


def _read(number: int, questions: Path, documents: Path, settings: Settings) -> list[Sample]:
    sources = list(read_source(documents))
    with tempfile.TemporaryDirectory() as directory:
        embedder = load_embedder(settings.embedder, settings.data_dir)
        with Library.open(Path(directory), embedder, chunk_chars=settings.chunk_chars) as library:
            library.ingest(sources)
            raw = {source.name: source.text for source in sources}
            return list(samples(number, questions, library, raw, settings))


def _sample(number: int, question: dict[str, Any], table: Table, parts: int, raw: dict[str, str]) -> Sample:
    positive = np.array(
        [question["answerable"] and _answers(question, unit.stored, unit.sentence, raw) for unit in table.units],
        dtype=np.float64,
    )
    return Sample(
        number,
        question["answerable"],
        table.features,
        positive,
        table.question.kind,
        bool(table.part.names),
        parts,
        is_foreign(table.question.text),
        bool(question.get("history")),
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


def fit_judge(x: Floats, y: Floats, weight: Floats, follow_up: NDArray[np.bool_]) -> dict[str, Any]:
    """Return boosted trees that tell answerable questions from others, classes balanced, as ``qa.scoring.Judge``.

    Two ensembles, averaged: one free, which knows the questions it grew on best, and one that may only follow
    ``_DIRECTION``, which keeps its sense on documents unlike those. The threshold is chosen on predictions for
    questions held out in turn, since trees know those they grew on by heart.
    """
    # Only fitting needs it: pip install scikit-learn
    from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier

    balance = np.where(y > 0, 1 / weight[y > 0].sum(), 1 / weight[y == 0].sum()) * weight * len(y)

    def grown(rows: NDArray[np.bool_]) -> tuple[Any, Any]:
        free = GradientBoostingClassifier(
            n_estimators=TREES,
            max_depth=3,
            learning_rate=0.06,
            subsample=0.7,
            min_samples_leaf=8,
            max_features=0.5,
            random_state=0,
        )
        bound = HistGradientBoostingClassifier(
            max_iter=TREES,
            max_depth=4,
            learning_rate=0.06,
            l2_regularization=5,
            min_samples_leaf=8,
            monotonic_cst=[_DIRECTION.get(name, 0) for name in scoring.SIGNALS],
            early_stopping=False,
            random_state=0,
        )
        for trees in (free, bound):
            trees.fit(x[rows], y[rows], sample_weight=balance[rows])
        return free, bound

    fold = np.random.RandomState(0).randint(0, FOLDS, len(y))
    held_out = np.zeros(len(y))
    for number in range(FOLDS):
        test = fold == number
        held_out[test] = sum(trees.decision_function(x[test]) for trees in grown(~test)) / 2
    single, later = (y > 0) & ~follow_up, (y > 0) & follow_up
    free, bound = grown(np.ones(len(y), dtype=bool))
    prior = free.init_.class_prior_
    return {
        "start": round(float(np.log(prior[1] / prior[0]) + bound._baseline_prediction.item()) / 2, 5),
        "threshold": round(_quantile(held_out[single], weight[single], FALSE_REFUSALS), 4),
        "follow_up": round(_quantile(held_out[later], weight[later], FALSE_REFUSALS_LATER), 4) if later.any() else 0.0,
        "trees": [
            *(_free_nodes(stage.tree_, free.learning_rate) for stage in free.estimators_[:, 0]),
            *(_nodes(stage[0].nodes) for stage in bound._predictors),
        ],
    }


def _free_nodes(tree: Any, rate: float) -> list[list[float]]:
    left, right = tree.children_left, tree.children_right
    return [
        [-1, round(float(tree.value[i, 0, 0]) * rate / 2, 5), 0, 0]
        if left[i] < 0
        else [int(tree.feature[i]), round(float(tree.threshold[i]), 5), int(left[i]), int(right[i])]
        for i in range(tree.node_count)
    ]


def _nodes(nodes: Any) -> list[list[float]]:
    return [
        [-1, round(float(node["value"]) / 2, 5), 0, 0]
        if node["is_leaf"]
        else [int(node["feature_idx"]), round(float(node["num_threshold"]), 5), int(node["left"]), int(node["right"])]
        for node in nodes
    ]


def _quantile(values: Floats, weight: Floats, share: float) -> float:
    """Return the weighted quantile of ``values``."""
    order = np.argsort(values)
    at = np.searchsorted(np.cumsum(weight[order]), share * weight.sum())
    return float(values[order[min(int(at), len(order) - 1)]])


def fit(data: Sequence[Sample], weight: Sequence[float]) -> dict[str, Any]:
    """Return what ``qa/weights.json`` holds."""
    rank = fit_rank(data, weight)
    signals = np.array([s.signals(rank) for s in data])
    y = np.array([float(s.answerable) for s in data])
    judge = fit_judge(signals, y, np.array([weight[s.set] for s in data]), np.array([s.follow_up for s in data]))
    return {"rank": dict(zip(FEATURES, (float(round(x, 5)) for x in rank), strict=True)), "judge": judge}


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
