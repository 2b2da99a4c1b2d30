"""What a reader is worth: the right sentence, and answerable told from unanswerable, on validation and test rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from qa.reader.inputs import FIRST, LAST, MAX_TOKENS

from . import groups as records
from .curve import auc
from .encode import Encoded, encode_passage, tokenizer
from .groups import POSITIVE, Group
from .model import Reader, collate, load_reader

Floats = NDArray[np.float32]

FALSE_REFUSALS = 0.08
"""Share of answerable questions that the threshold of ``refused`` turns down."""


def score_groups(reader: Reader, data: Encoded, batch_tokens: int = 8000) -> Floats:
    """Return the score of each sentence of ``data``."""
    reader.eval()
    found, chosen, used = [], [], 0
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for group in range(data.size):
            chosen.append(group)
            used += data.length(group)
            if used >= batch_tokens or group == data.size - 1:
                found.append(reader(collate(data, chosen)).float().numpy())
                chosen, used = [], 0
    return np.concatenate(found) if found else np.zeros(0, dtype=np.float32)


def _bests(data: Encoded, scores: Floats) -> tuple[Floats, NDArray[np.int8]]:
    """Return the best score of each group and the label of its sentence; ignored ones count as they are."""
    ends = data.sentences[data.groups]
    best = [start + int(np.argmax(scores[start:end])) for start, end in pairwise(ends)]
    return scores[best], data.labels[best]


def _answerable(data: Encoded) -> NDArray[np.bool_]:
    ends = data.sentences[data.groups]
    return np.array([(data.labels[a:b] > 0).any() for a, b in pairwise(ends)])


def summary(data: Encoded, scores: Floats, rows: NDArray[np.bool_] | None = None) -> dict[str, float]:
    """Return what ``scores`` are worth on the groups that ``rows`` selects, all without.

    ``right``: the best sentence answers (one that holds the answer's words counts), of the answerable. ``auc``: of the
    best score. ``refused``: of the unanswerable, when ``FALSE_REFUSALS`` of the answerable are refused. ``told``: mean
    of the shares of answerable and of unanswerable on the right side of 0.
    """
    values, labels = _bests(data, scores)
    answerable = _answerable(data)
    chosen = np.ones(data.size, dtype=bool) if rows is None else rows
    yes, no = values[answerable & chosen], values[~answerable & chosen]
    found = {"answerable": float(len(yes)), "unanswerable": float(len(no))}
    if len(yes):
        found["right"] = float((labels[answerable & chosen] != 0).mean())
    if len(yes) and len(no):
        found["auc"] = auc(yes.tolist(), no.tolist())
        found["refused"] = float((no < np.quantile(yes, FALSE_REFUSALS)).mean())
        found["told"] = float(((yes > 0).mean() + (no <= 0).mean()) / 2)
    return {name: round(value, 4) for name, value in found.items()}


def _pairs(groups: Sequence[Group], values: Floats) -> float:
    """Return the share of near misses whose best score is below that of the question they were made from."""
    plain = {(g.source, g.id): v for g, v in zip(groups, values, strict=True) if g.answerable}
    told = []
    for group, value in zip(groups, values, strict=True):
        id = group.id
        while not group.answerable and "-" in id and (group.source, id) not in plain:
            id = id.rpartition("-")[0]
        if not group.answerable and (group.source, id) in plain:
            told.append(value < plain[group.source, id])
    return round(float(np.mean(told)), 4) if told else float("nan")


def table(groups: Sequence[Group], data: Encoded, scores: Floats) -> dict[str, dict[str, float]]:
    """Return ``summary`` of everything, by language, by source and, for near misses, by kind."""
    found = {"all": summary(data, scores)}
    values, _ = _bests(data, scores)
    answerable = _answerable(data)
    for language in ("zh", "en"):
        rows = np.array([group.language == language for group in groups])
        if rows.any() and not rows.all():
            found[language] = summary(data, scores, rows)
    for source in sorted({group.source for group in groups}):
        rows = np.array([group.source == source for group in groups])
        if not rows.all():
            found[source] = summary(data, scores, rows)
    for kind in sorted({group.kind for group in groups} - {"plain"}):
        rows = np.array([group.kind == kind for group in groups])
        found[kind] = {"unanswerable": float(rows.sum()), "refused at 0": round(float((values[rows] <= 0).mean()), 4)}
        if answerable.any():
            found[kind]["auc"] = round(auc(values[answerable].tolist(), values[rows].tolist()), 4)
    if len(found) > 1:
        found["near misses below their question"] = {"share": _pairs(groups, values)}
    return found


def _load(base: Path, reader: Path) -> Reader:
    """Return a reader from a run's checkpoint or from an artefact."""
    if reader.is_dir():
        state = torch.load(reader / "checkpoint.pt", weights_only=True)
        loaded = load_reader(base, state["config"]["frozen_layers"], 0.0, 0)
        loaded.load_state_dict(state["weights"], strict=False)
        return loaded
    from .pack import unpack

    loaded = load_reader(base, 0, 0.0, 0)
    loaded.load_state_dict(unpack(base, reader), strict=False)
    return loaded


def cosines(reader: Reader, groups: Sequence[Group], encode: Callable[[str], list[int]]) -> Floats:
    """Return the untrained encoder's cosine of question and sentence, for the sentences that a reader would see."""
    found = []
    for group in groups:
        texts = [f"query: {group.previous} / {group.question}" if group.previous else f"query: {group.question}"]
        for passage in group.passages:
            wanted = passage.labels.index(POSITIVE) if passage.answers else None
            kept = encode_passage(encode, group.question, group.previous, passage, wanted).kept
            texts += [f"passage: {passage.sentences[at]}" for at in kept]
        vectors = _means(reader, _alone(encode, texts))
        found.append(vectors[1:] @ vectors[0])
    return np.concatenate(found)


def _alone(encode: Callable[[str], list[int]], texts: Sequence[str]) -> Encoded:
    """Return texts as groups of one sequence and one sentence, which holds the special tokens too."""
    rows = [[FIRST, *encode(text)[: MAX_TOKENS - 2], LAST] for text in texts]
    ends = np.cumsum([0] + [len(row) for row in rows]).astype(np.int32)
    each = np.arange(len(rows) + 1, dtype=np.int32)
    bounds = np.array([(0, len(row)) for row in rows], dtype=np.int32)
    tokens = np.concatenate([np.array(row, dtype=np.int32) for row in rows])
    return Encoded(tokens, ends, each, each, bounds, np.zeros(len(rows), dtype=np.int8))


def _means(reader: Reader, data: Encoded) -> Floats:
    """Return the normalised mean of each group's token vectors, shape (groups, HIDDEN)."""
    batch = collate(data, list(range(data.size)))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        members = reader.states(batch).float()[batch.members]
    sums = members.new_zeros(data.size, members.shape[1]).index_add(0, batch.sentences, members)
    return np.asarray(functional.normalize(sums, dim=1).numpy())


def evaluate(
    base: Path, data: Path, reader: Path | None, only: Sequence[str], threads: int
) -> dict[str, dict[str, dict[str, float]]]:
    """Return a table for the validation part and for each sample of test rows in ``data``.

    Args:
        reader: a run's folder or an artefact; None for the untrained encoder's cosine.
        only: names of parts; empty for all.
    """
    torch.set_num_threads(threads)
    loaded = _load(base, reader) if reader else load_reader(base, 0, 0.0, 0)
    loaded.eval()
    encode = tokenizer()
    found = {}
    for path in sorted(data.glob("*.npz")):
        if path.stem == "train" or (only and path.stem not in only):
            continue
        encoded, groups = Encoded.load(path), records.read(path.with_name(f"{path.stem}.jsonl.gz"))
        scores = score_groups(loaded, encoded) if reader else cosines(loaded, groups, encode)
        found[path.stem] = table(groups, encoded, scores)
    return found
