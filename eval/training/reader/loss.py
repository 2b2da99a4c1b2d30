"""The loss: which sentence of a group answers, or none; and beside it, whether each single one does."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from .model import FAR, Batch


def listwise(scores: Tensor, batch: Batch) -> Tensor:
    """Return the mean over groups of -log P(some positive, or nothing where there is none), by a softmax with a null.

    The null's score is 0. Ignored sentences take no part.
    """
    everyone = _log_sum(scores, batch.labels >= 0, batch)
    positives = batch.labels > 0
    right = _log_sum(scores, positives, batch)
    answerable = torch.zeros(batch.count, dtype=torch.bool).index_fill(0, batch.groups[positives], True)
    total = functional.softplus(everyone)  # log(1 + sum of exp)
    return (total - torch.where(answerable, right, torch.zeros_like(right))).mean()


def _log_sum(scores: Tensor, rows: Tensor, batch: Batch) -> Tensor:
    """Return the log of the sum of exp(score) over ``rows`` of each group, ``FAR`` or less where it has none."""
    groups, chosen = batch.groups[rows], scores[rows]
    floor = torch.full((batch.count,), FAR)
    largest = floor.scatter_reduce(0, groups, chosen.detach(), "amax")
    sums = torch.zeros(batch.count).index_add(0, groups, torch.exp(chosen - largest[groups]))
    return largest + torch.log(sums.clamp_min(1e-30))


def sentencewise(scores: Tensor, batch: Batch) -> Tensor:
    """Return the mean over groups of binary cross-entropy, both classes of a group counting alike."""
    each = functional.binary_cross_entropy_with_logits(scores, (batch.labels > 0).float(), reduction="none")
    losses, classes = torch.zeros(batch.count), torch.zeros(batch.count)
    for rows in (batch.labels > 0, batch.labels == 0):
        groups = batch.groups[rows]
        sizes = torch.bincount(groups, minlength=batch.count)
        losses = losses + torch.zeros(batch.count).index_add(0, groups, each[rows]) / sizes.clamp_min(1)
        classes = classes + (sizes > 0)
    return (losses / classes.clamp_min(1)).mean()
