"""The order of passages as callers and models see it: by the best sentence in each, documents in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from qa.ranking import model
from qa.types import Candidate

if TYPE_CHECKING:
    from qa.answering.extractive import Table


def rerank(candidates: Sequence[Candidate], tables: Sequence[Table]) -> tuple[Candidate, ...]:
    """Return ``candidates`` with those first whose best sentence scores highest; the parts of a question take turns.

    Retrieval looks at whole passages and does so for thousands of them; of the forty that it leaves, every sentence has
    been compared with the question in detail. Candidates that no part looks at keep their order behind the others.
    """
    by_id = {candidate.stored.id: candidate for candidate in candidates}
    turns = zip_longest(*(_best_first(table) for table in tables))
    first = [id for turn in turns for id in turn if id is not None]
    order = dict.fromkeys([*first, *by_id])
    return tuple(replace(by_id[id], score=1.0 / place) for place, id in enumerate(order, start=1))


def _best_first(table: Table) -> list[int]:
    if not table.units:
        return []
    best: dict[int, float] = {}
    for unit, score in zip(table.units, model.rank(table.features).tolist(), strict=True):
        best[unit.stored.id] = max(score, best.get(unit.stored.id, score))
    return sorted(best, key=lambda id: -best[id])
