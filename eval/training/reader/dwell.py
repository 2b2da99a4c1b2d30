"""Which examples of a mixture a reader has yet to learn: training dwells on them, since most of the rest it knows.

After "Accelerating deep learning by focusing on the biggest losers" (Jiang et al., 2019), but losses are measured once,
by the artefact that a training begins with, as it is served: that is several times faster than a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.reader.inputs import EncodedPassage
from qa.reader.model import Reader

from . import groups as records
from .encode import Encoded
from .groups import NEGATIVE, POSITIVE

Floats = NDArray[np.float64]
AT_ONCE = 16
"""Groups that are read in one batch."""
DULL, LEAST = -4.0, -99.0
"""Log-odds of a sentence that costs nothing, and of one that was cut away."""


def read_groups(reader: Reader, data: Encoded, chosen: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return what a reader makes of the ``chosen`` groups.

    Returns:
        The loss of each group in nats, as ``loss.listwise`` has it, shape (chosen,); and the best score of each of
        their passages, one group behind the other, as log-odds.
    """
    found, bests = [], []
    for start in range(0, len(chosen), AT_ONCE):
        some = chosen[start : start + AT_ONCE]
        passages = [_passage(data, at) for group in some for at in range(data.groups[group], data.groups[group + 1])]
        scores = iter(reader.log_odds(passages))
        for group in some:
            first, last = data.groups[group], data.groups[group + 1]
            read = [next(scores) for _ in range(first, last)]
            bests += [float(np.nanmax(one, initial=LEAST)) for one in read]
            found.append(_loss(np.concatenate(read), data.labels[data.sentences[first] : data.sentences[last]]))
    return np.array(found), np.array(bests)


def _passage(data: Encoded, at: int) -> EncodedPassage:
    bounds = data.bounds[data.sentences[at] : data.sentences[at + 1]]
    tokens = data.tokens[data.sequences[at] : data.sequences[at + 1]].tolist()
    return EncodedPassage(tokens, [(int(start), int(end)) for start, end in bounds], range(len(bounds)))


def _loss(scores: Floats, labels: NDArray[np.int8]) -> float:
    known = np.isfinite(scores) & (labels >= 0)
    everything = np.logaddexp.reduce(np.append(scores[known], 0.0))
    right = scores[known & (labels == POSITIVE)]
    return float(everything - (np.logaddexp.reduce(right) if len(right) else 0.0))


def chosen_of(found: Floats, sizes: NDArray[np.int64], share: float, rest: float, seed: int) -> NDArray[np.int64]:
    """Return the places of the examples to train on, in their order.

    Args:
        found: losses, shape (examples,).
        sizes: tokens of each, shape (examples,).
        share: of all tokens, so many are taken of the examples with the largest losses.
        rest: share of the other examples that is taken too, so that what is known stays known.
    """
    order = np.argsort(-found, kind="stable")
    hard = np.cumsum(sizes[order]) <= share * sizes.sum()
    kept = np.random.default_rng(seed).random(len(order)) < rest
    return np.sort(order[hard | kept])


def dwell(
    weights: Path, cache: Path, data: Path, out: Path, share: float, rest: float, most: int, seed: int
) -> dict[str, float]:
    """Write those examples of ``data`` on which a training is to dwell into ``out``; return what they were.

    Of their passages, those that answer nothing and in which no sentence scores above ``DULL`` are left out: what they
    add to the loss is nothing.

    Args:
        most: tokens of the mixture to read, drawn at random; 0 for all.
    """
    whole = Encoded.load(data / "train.npz")
    sizes = np.diff(whole.sequences[whole.groups]).astype(np.int64)
    mixed = np.random.default_rng([seed, 1]).permutation(whole.size)
    if most:
        mixed = mixed[np.cumsum(sizes[mixed]) <= most]
    read = np.sort(mixed)
    found, bests = read_groups(Reader.load(weights, cache), whole, read)
    places = chosen_of(found, sizes[read], share, rest, seed)
    firsts = np.concatenate([[0], np.cumsum(np.diff(whole.groups)[read])])
    chosen: list[tuple[int, list[int]]] = []
    for place in places:
        first = whole.groups[read[place]]
        own = bests[firsts[place] : firsts[place + 1]]
        matter = [at for at, best in enumerate(own) if best > DULL or _labelled(whole, first + at)]
        chosen.append((int(read[place]), matter or [int(np.argmax(own))]))
    out.mkdir(parents=True, exist_ok=True)
    kept = taken(whole, chosen)
    kept.save(out / "train.npz")
    texts = records.read(data / "train.jsonl.gz")
    made = (replace(texts[at], passages=tuple(texts[at].passages[one] for one in matter)) for at, matter in chosen)
    records.write(out / "train.jsonl.gz", made)
    np.savez_compressed(out / "losses.npz", groups=read, losses=found)
    return {
        "read": len(read),
        "tokens read": int(sizes[read].sum()),
        "mean loss": round(float(found.mean()), 4),
        "taken": len(chosen),
        "tokens taken": len(kept.tokens),
        "mean loss of these": round(float(found[places].mean()), 4),
    }


def _labelled(data: Encoded, at: int) -> bool:
    """Whether a passage answers, or may."""
    return bool((data.labels[data.sentences[at] : data.sentences[at + 1]] != NEGATIVE).any())


def taken(data: Encoded, chosen: Sequence[tuple[int, Sequence[int]]]) -> Encoded:
    """Return groups of ``data``, each with those of its passages that are given by number."""
    sequences = [int(data.groups[group]) + at for group, matter in chosen for at in matter]
    tokens = [data.tokens[data.sequences[at] : data.sequences[at + 1]] for at in sequences]
    sentences = [slice(data.sentences[at], data.sentences[at + 1]) for at in sequences]
    return Encoded(
        np.concatenate(tokens),
        _ends([len(one) for one in tokens]),
        _ends([len(matter) for _, matter in chosen]),
        _ends([one.stop - one.start for one in sentences]),
        np.concatenate([data.bounds[one] for one in sentences]),
        np.concatenate([data.labels[one] for one in sentences]),
    )


def _ends(sizes: list[int]) -> NDArray[np.int32]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
