"""Fits the classifier of injected orders: ``python -m eval.training.injection --public DIR [--out WEIGHTS]``.

Prints, for each kind of example, what a fit that saw no example of that kind makes of it; then fits on all and writes
the weights. ``--measure FILE ...`` counts which sentences of other documents the shipped weights take for orders.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectorstore.injection.classifier import BUCKETS, LIKELY, InjectionClassifier, features, shipped
from vectorstore.text.language import Language

from .examples import Example, of_documents, of_pairs, of_public, read

EVAL = Path(__file__).parents[2]
ROOT = EVAL.parent
OUT = ROOT / "vectorstore" / "injection" / "weights.npz"
PAIRS = 2500
"""Sentences of invented documents that are taken."""
PUBLIC = 3000
"""Sentences that are taken of each public set."""
IN_CONTEXT = 0.2
"""Share of the written examples that are also fitted on with a report's words before or behind them."""
INVERSE_PENALTY = 100.0
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.training.injection", description=__doc__)
    parser.add_argument("--measure", type=Path, nargs="*", help="text files; nothing is fitted")
    parser.add_argument("--fit-only", action="store_true", help="do not try fits that leave a kind out first")
    parser.add_argument("--public", type=Path, help="public reading sets, as `eval.training.reader prepare` takes them")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args(arguments)
    if given.measure is not None:
        measure(given.measure)
        return
    examples = everything(given.public)
    data = Data(examples)
    if not given.fit_only:
        leave_kind_out(data)
    given.out.write_bytes(data.fit(np.ones(len(examples), dtype=bool)).to_bytes())


def everything(public: Path | None) -> list[Example]:
    """Return all examples that are fitted on; the same ones each time, in the same order.

    Args:
        public: a folder of public reading sets, whose sentences are examples of what is no order.
    """
    reports = of_documents([*sorted((ROOT / "seeds").glob("*.txt")), *sorted(EVAL.glob("sets/*/documents/*.txt"))])
    written = read(reports)
    pairs = of_pairs(sorted((EVAL / "training" / "pairs").glob("*.jsonl")))
    random.Random(2).shuffle(pairs)
    others = of_public(public, PUBLIC) if public else []
    return [*written, *in_context(written, reports), *reports, *pairs[:PAIRS], *others]


def in_context(written: Sequence[Example], reports: Sequence[Example]) -> list[Example]:
    """Return some of the written examples in one sentence with words of a report."""
    chance = random.Random(5)
    beside = {
        language: [e.text.rstrip("。.！!") for e in reports if e.language == language and 8 < len(e.text) < 90]
        for language in LANGUAGES
    }
    marks = {"zh": ("，", "；", "。", " "), "en": ("; ", ", ", ". ", " - ")}
    found = []
    for example in written:
        if chance.random() < IN_CONTEXT:
            report, mark = chance.choice(beside[example.language]), chance.choice(marks[example.language])
            after = chance.random() < 0.7
            text = f"{report}{mark}{example.text}" if after else f"{example.text.rstrip('。.')}{mark}{report}"
            found.append(replace(example, text=text))
    return found


class Data:
    """Examples with their features."""

    def __init__(self, examples: Sequence[Example]) -> None:
        # Only fitting needs it: pip install scikit-learn
        from scipy.sparse import csr_matrix

        self.examples = examples
        self.orders = np.array([example.order for example in examples])
        rows = [features(example.text) for example in examples]
        ends = np.cumsum([0, *(len(found) for found, _ in rows)])
        columns, values = np.concatenate([r[0] for r in rows]), np.concatenate([r[1] for r in rows])
        self.ngrams = csr_matrix((values, columns, ends), shape=(len(rows), BUCKETS))

    def fit(self, used: NDArray[np.bool_]) -> InjectionClassifier:
        """Return the classifier of some examples; orders weigh as much as all else together."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=INVERSE_PENALTY, solver="liblinear", class_weight="balanced")
        model.fit(self.ngrams[used], self.orders[used])
        return InjectionClassifier(model.coef_[0].astype(np.float32), float(model.intercept_[0]))


def leave_kind_out(data: Data) -> None:
    """Print the share of each kind that is taken for orders by a fit that left it out."""
    print("a fit that saw no example of its kind: examples, and the share taken for orders")
    for kind in sorted({(not example.order, example.kind) for example in data.examples}):
        of_kind = np.array([(not example.order, example.kind) == kind for example in data.examples])
        classifier = data.fit(~of_kind)
        for language in LANGUAGES:
            pairs = zip(data.examples, of_kind, strict=True)
            texts = [example.text for example, is_kind in pairs if is_kind and example.language == language]
            if texts:
                share = float((classifier.probabilities(texts) >= LIKELY).mean())
                name = f"{'plain' if kind[0] else 'order'}.{kind[1]}.{language}"
                print(f"  {name:24}{len(texts):6}{share:8.3f}", flush=True)


def measure(paths: Sequence[Path]) -> None:
    """Print the sentences of documents that the shipped classifier takes for orders."""
    for path in paths:
        texts = [example.text for example in of_documents([path])]
        taken = [(p, t) for p, t in zip(shipped().probabilities(texts), texts, strict=True) if p >= LIKELY]
        print(f"{len(taken):5} of {len(texts):6}  {path}")
        for p, text in taken:
            print(f"       {p:.2f}  {text}")


if __name__ == "__main__":
    main()
