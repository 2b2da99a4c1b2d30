"""Fits the classifier of intents: ``python -m eval.training.intents [--questions SET ...] [--out WEIGHTS]``.

Prints the accuracy on the written examples that are held out, and which questions of the sets are taken for anything
else, each fifth of them left out of the fit in turn; then fits on all and writes the weights. ``--measure SET ...``
measures the shipped weights and fits nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.pipeline import configured_embedder
from qa.question.intents import IntentClassifier, shipped
from qa.settings import load
from qa.types import Intent
from vectorstore.embeddings import BUNDLED, Embedder, Vectors
from vectorstore.text.words import normalise

from .examples import Example, general_words, read

SETS = Path(__file__).parents[2] / "sets"
OUT = Path(__file__).parents[3] / "qa" / "question" / "intents.json"
INVERSE_PENALTY = 30.0
FOLDS = 5
POLITE = 0.1
"""Share of the questions that are also fitted on behind a greeting or thanks: "thanks, and what about ...?"."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m eval.training.intents", description=__doc__)
    parser.add_argument("--questions", type=Path, nargs="*", default=sorted(SETS.glob("**/*.jsonl")))
    parser.add_argument("--measure", type=Path, nargs="*", help="sets of which to measure only; nothing is fitted")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args(arguments)
    settings = load(embedder=BUNDLED)
    embed = Embedding(configured_embedder(settings))
    if given.measure is not None:
        for path in given.measure:
            _report(str(path), questions_of(path), shipped(), embed)
        return
    texts = [text for path in given.questions for text in questions_of(path)]
    examples = read()
    classifier = fit(examples, texts, embed)
    report(examples, classifier, embed)
    refused = cross_validated(examples, texts, embed)
    print(
        f"{len(refused)} of {len(set(texts))} questions of the sets, each left out of the fit, taken for anything else"
    )
    for text, intent in refused:
        print(f"  {intent}: {text}")
    everything = [replace(example, held_out=False) for example in examples]
    given.out.write_text(fit(everything, texts, embed).to_json(), "utf-8")


def questions_of(path: Path) -> list[str]:
    """Return the questions of a set as typed, without its small talk."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [row["question"] for row in rows if row["type"] != "small_talk"]


class Embedding:
    """Vectors of messages, each made once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors by which messages are told apart, shape (len(texts), dimensions)."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        vectors = self._embedder.encode([normalise(text).strip() for text in missing], "query")
        self._known.update(zip(missing, vectors, strict=True))
        return np.stack([self._known[text] for text in texts])


def polite(texts: Sequence[str], examples: Sequence[Example]) -> list[str]:
    """Return some of ``texts`` behind a greeting or thanks of ``examples``."""
    chance = random.Random(14)
    talk = [e.text for e in examples if e.intent is Intent.SMALL_TALK and not e.held_out]
    chosen = chance.sample(list(texts), int(POLITE * len(texts)))
    return [f"{chance.choice(talk)}{chance.choice([', ', '. ', '，', '。'])}{text}" for text in chosen]


def fit(examples: Sequence[Example], texts: Sequence[str], embed: Embedding) -> IntentClassifier:
    """Return the classifier of the examples that are not held out, and of questions; intents weigh alike."""
    # Only fitting needs it: pip install scikit-learn
    from sklearn.linear_model import LogisticRegression

    used = [example for example in examples if not example.held_out]
    questions = list(dict.fromkeys([*texts, *polite(texts, examples)]))
    x = embed([*(example.text for example in used), *questions])
    y = [*(example.intent.value for example in used), *(Intent.QUESTION.value for _ in questions)]
    weight = balanced(y)
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=5000).fit(x, y, sample_weight=weight)
    return IntentClassifier(
        tuple(Intent(name) for name in model.classes_),
        model.coef_.astype(np.float32),
        model.intercept_.astype(np.float32),
        general_words(),
    )


def balanced(labels: Sequence[str]) -> NDArray[np.float64]:
    """Return a weight for each label: questions weigh as much as all else together, the other intents alike."""
    counts = Counter(labels)
    others = len(counts) - 1
    share = {name: (1.0 if name == Intent.QUESTION.value else 1.0 / others) / count for name, count in counts.items()}
    return np.array([share[label] for label in labels]) * len(labels) / 2


def cross_validated(examples: Sequence[Example], texts: Sequence[str], embed: Embedding) -> list[tuple[str, Intent]]:
    """Return the questions that are taken for something else by a fit that left them out, and for what."""
    found: list[tuple[str, Intent]] = []
    unique = list(dict.fromkeys(texts))
    for fold in range(FOLDS):
        out = [text for text in unique if zlib.crc32(text.encode()) % FOLDS == fold]
        kept = [text for text in unique if zlib.crc32(text.encode()) % FOLDS != fold]
        intents = fit(examples, kept, embed).classify(embed(out))
        found += [(text, intent) for text, intent in zip(out, intents, strict=True) if intent is not Intent.QUESTION]
    return found


def report(examples: Sequence[Example], classifier: IntentClassifier, embed: Embedding) -> None:
    """Print the accuracy on the examples that were held out, by language and intent."""
    held_out = [example for example in examples if example.held_out]
    intents = classifier.classify(embed([example.text for example in held_out]))
    print(f"{'held out':12}{'language':>10}{'examples':>10}{'right':>8}  taken for")
    for intent in Intent:
        for language in ("zh", "en"):
            rows = [g for e, g in zip(held_out, intents, strict=True) if (e.intent, e.language) == (intent, language)]
            wrong = Counter(got.value for got in rows if got is not intent)
            right = 1 - wrong.total() / len(rows) if rows else float("nan")
            print(f"{intent.value:12}{language:>10}{len(rows):10}{right:8.3f}  {dict(wrong)}")
    total = sum(e.intent is got for e, got in zip(held_out, intents, strict=True)) / len(held_out)
    print(f"{'all':12}{'':>10}{len(held_out):10}{total:8.3f}")
    for example, got in zip(held_out, intents, strict=True):
        if example.intent is Intent.QUESTION and got is not Intent.QUESTION:
            print(f"  {got}: {example.text}")


def _report(name: str, texts: Sequence[str], classifier: IntentClassifier, embed: Embedding) -> None:
    intents = classifier.classify(embed(texts))
    taken = [(text, intent) for text, intent in zip(texts, intents, strict=True) if intent is not Intent.QUESTION]
    print(f"{len(taken):4} of {len(texts):5}  {name}")
    for text, intent in taken:
        print(f"       {intent}: {text}")


if __name__ == "__main__":
    main()
