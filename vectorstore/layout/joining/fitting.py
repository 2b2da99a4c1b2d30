"""Fits the weights of ``seams`` and ``openings``: ``python -m vectorstore.layout.joining.fitting DOCUMENTS...``

Cuts sentences of unbroken documents in two at random, and fits a logistic regression to tell halves of one sentence
from halves of two, and another to tell second halves from the beginnings of paragraphs. Both classes weigh the same, so
that the results are log odds against an even chance. It prints the fitted weights beside those in use, and the area
under the receiver operating characteristic on documents held out; it changes nothing. Nothing else imports it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vectorstore.layout.joining import openings, seams
from vectorstore.layout.joining.openings import Openings
from vectorstore.layout.pieces import Piece
from vectorstore.layout.repair import repair
from vectorstore.reading import read_source
from vectorstore.text.endings import is_closed
from vectorstore.text.language import has_han
from vectorstore.types import BlockKind

Array = npt.NDArray[np.float64]

CUTS = 5
"""Sentences cut in each document at a time."""
ROUNDS = 12
_SHORTEST = 40
_RIDGE = 2.0
"""Weight of the penalty on squared weights, the bias excepted."""


@dataclass(slots=True)
class Sample:
    """Features of cases with their class; ``document`` tells which document each is from."""

    features: list[dict[str, float]]
    positive: list[bool]
    document: list[int]

    def add(self, features: Mapping[str, float], positive: bool, document: int) -> None:
        self.features.append(dict(features))
        self.positive.append(positive)
        self.document.append(document)


def sample(documents: Iterable[Sequence[str]], seed: int = 1) -> tuple[Sample, Sample]:
    """Cut paragraphs at random; return cases for seams (halves of one sentence or two) and for openings."""
    rng = random.Random(seed)
    pairs, beginnings = Sample([], [], []), Sample([], [], [])
    for number, paragraphs in enumerate(documents):
        for _ in range(ROUNDS):
            cuts = _cut(rng, paragraphs)
            parts = [part for index, text in enumerate(paragraphs) for part in cuts.get(index, (text,))]
            usage, opens = seams.Usage("\n".join(parts)), Openings([Piece(part, [(0, len(part))], 1) for part in parts])
            for left in cuts:
                for right in cuts:
                    one, other = cuts[left][0], cuts[right][1]
                    case = seams.features(seams.last_sentence(one), other, usage, 0)
                    case["topic"] = usage.kinship(*(frozenset(seams.content_words(text)) for text in (one, other)))
                    pairs.add(case, left == right, number)
                beginnings.add(opens.features(cuts[left][1]), True, number)
            for text in paragraphs:
                beginnings.add(opens.features(text), False, number)
    return pairs, beginnings


def _cut(rng: random.Random, paragraphs: Sequence[str]) -> dict[int, tuple[str, str]]:
    found = {}
    for index in rng.sample(range(len(paragraphs)), min(CUTS, len(paragraphs))):
        text = paragraphs[index]
        place = rng.randrange(8, len(text) - 4)
        if not is_closed(text[:place]) and not text[place].isspace():
            found[index] = (text[:place], text[place:])
    return found


def fit(cases: Sample, held_out: int = 4) -> tuple[dict[str, float], float]:
    """Return weights by iteratively reweighted least squares, and their AUC on every ``held_out``-th document."""
    names = list(cases.features[0])
    matrix = np.array([[case[name] for name in names] for case in cases.features])
    positive = np.array(cases.positive, dtype=np.float64)
    test = np.array(cases.document) % held_out == 0
    weight = np.where(positive == 1, (1 - positive).sum() / positive.sum(), 1.0)
    penalty = np.diag([0.0 if name == "bias" else _RIDGE for name in names])
    found = np.zeros(len(names))
    train, target, share = matrix[~test], positive[~test], weight[~test]
    for _ in range(50):
        chance = 1 / (1 + np.exp(-train @ found))
        gradient = train.T @ (share * (chance - target)) + penalty @ found
        curvature = (train * (share * chance * (1 - chance))[:, None]).T @ train + penalty + 1e-9 * np.eye(len(names))
        found -= np.linalg.solve(curvature, gradient)
    return dict(zip(names, found.tolist(), strict=True)), _auc(matrix[test] @ found, positive[test])


def _auc(scores: Array, positive: Array) -> float:
    """Return the share of (positive, negative) pairs in the right order (Mann and Whitney 1947)."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores)] = np.arange(1, len(scores) + 1)
    count = positive.sum()
    return float((ranks[positive == 1].sum() - count * (count + 1) / 2) / (count * (len(scores) - count)))


def _paragraphs(text: str) -> list[str]:
    blocks = [block.text for block in repair(text).blocks if block.kind is BlockKind.PARAGRAPH]
    return [block for block in blocks if len(block) >= _SHORTEST and is_closed(block) and has_han(block)]


def main(paths: Sequence[str]) -> None:
    """Fit on the documents at ``paths`` and print both sets of weights."""
    documents = [_paragraphs(document.text) for path in paths for document in read_source(Path(path))]
    pairs, beginnings = sample(texts for texts in documents if len(texts) >= CUTS)
    for title, cases, used in (("seams", pairs, seams.WEIGHTS), ("openings", beginnings, openings.WEIGHTS)):
        weights, auc = fit(cases)
        print(f"{title}: {len(cases.positive)} cases, AUC {auc:.3f} on documents held out")
        for name, value in weights.items():
            print(f"  {name:22} {value:6.2f}   in use {used[name]:5.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
