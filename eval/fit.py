"""Fits the answerer's weights: ``python -m eval.fit --set QUESTIONS DOCUMENTS [--set ...] --out qa/weights.json``.

Ranking: a conditional logit over the candidate sentences of each answerable question (McFadden 1974), the positives
being those that hold its evidence, by Newton's method with a ridge. Answerability: randomised trees and a logistic
regression on ``qa.scoring.SIGNALS``, classes balanced. Questions marked ``"split": "test"`` are left out.
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
from qa.directions import without_directions
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
TREES, LEAST, FOLDS = 100, 5, 6
"""Trees, questions in a leaf at least, and parts in which questions are held out in turn."""
PLANE, RIDGE_PLANE = 0.5, 10.0
"""Weight of the logistic regression beside the trees, and its penalty."""
FALSE_REFUSALS_LATER = 0.03
"""The same for follow-ups: people ask them about what was just answered, and few are at hand to fit on."""
FALSE_REFUSALS, FALSE_REFUSALS_UNNAMED = 0.05, 0.10
"""Share of answerable questions that the threshold may refuse, on questions held out of the fit."""
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
        asked = without_directions(question["question"]) or question["question"]
        rewrite = rewriter.rewrite(asked, history)
        candidates = retriever.retrieve(rewrite.question, None, rewrite.also)
        tables = answerer.tables(Request(rewrite.question, asked, tuple(candidates), tuple(history)))
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
    """Return what tells answerable questions from others, classes balanced, as ``qa.scoring.Judge``.

    The thresholds are chosen on predictions for questions held out in turn, since trees know those they grew on by
    heart.
    """
    balance = np.where(y > 0, 1 / weight[y > 0].sum(), 1 / weight[y == 0].sum()) * weight * len(y) / 2
    fold = np.random.RandomState(0).randint(0, FOLDS, len(y))
    held_out = np.zeros(len(y))
    for number in range(FOLDS):
        rows, test = fold != number, fold == number
        judge = _judge(_grown(x[rows], y[rows], balance[rows]))
        held_out[test] = [judge(signals) for signals in x[test]]
    named = x[:, scoring.SIGNALS.index("named")] > 0
    single, later = (y > 0) & ~follow_up, (y > 0) & follow_up
    return {
        "threshold": _threshold(held_out, weight, single & named, FALSE_REFUSALS),
        "unnamed": _threshold(held_out, weight, single & ~named, FALSE_REFUSALS_UNNAMED),
        "follow_up": _threshold(held_out, weight, later, FALSE_REFUSALS_LATER),
        "calibration": _calibration(held_out, y, balance),
        **_grown(x, y, balance),
    }


def _judge(grown: dict[str, Any]) -> scoring.Judge:
    plane = np.array([grown["plane"][name] for name in scoring.SIGNALS])
    return scoring.Judge(grown["trees"], plane, grown["offset"], 0.0, 0.0, 0.0)


def _grown(x: Floats, y: Floats, balance: Floats) -> dict[str, Any]:
    """Return the trees and the plane that were fitted to ``x`` (questions, signals)."""
    # Only fitting needs it: pip install scikit-learn
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression

    forest = ExtraTreesClassifier(TREES, min_samples_leaf=LEAST, max_features=0.4, random_state=0)
    forest.fit(x, y, sample_weight=balance)
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    plane = LogisticRegression(C=1 / RIDGE_PLANE, max_iter=3000)
    plane.fit((x - mean) / scale, y, sample_weight=balance)
    slope = PLANE * plane.coef_[0] / scale
    return {
        "plane": dict(zip(scoring.SIGNALS, (round(float(v), 5) for v in slope), strict=True)),
        "offset": round(float(PLANE * plane.intercept_[0] - slope @ mean), 5),
        "trees": [_nodes(tree.tree_) for tree in forest.estimators_],
    }


def _nodes(tree: Any) -> list[tuple[int, float, int, int]]:
    left, right = tree.children_left, tree.children_right
    shares = tree.value[:, 0, 1] / tree.value[:, 0].sum(axis=1)
    return [
        (-1, round(float(shares[i]), 3), 0, 0)
        if left[i] < 0
        else (int(tree.feature[i]), round(float(tree.threshold[i]), 4), int(left[i]), int(right[i]))
        for i in range(tree.node_count)
    ]


def _calibration(logits: Floats, y: Floats, balance: Floats) -> list[list[float]]:
    """Return for each fifth of the questions, least sure first, the mean probability given and the share answerable.

    Of questions held out, classes balanced as in the fit.
    """
    given = 1 / (1 + np.exp(-logits))
    parts = np.array_split(np.argsort(given, kind="stable"), 5)
    return [
        [round(float(np.average(values[part], weights=balance[part])), 3) for values in (given, y)] for part in parts
    ]


def _threshold(values: Floats, weight: Floats, rows: NDArray[np.bool_], share: float) -> float:
    """Return the log-odds below which ``share`` of ``rows`` lie; 0 when there are none."""
    return round(_quantile(values[rows], weight[rows], share), 4) if rows.any() else 0.0


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
