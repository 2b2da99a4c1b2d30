"""Reading order: puts strips of text in order, each after the one whose last sentence it continues."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping


def strips(count: int, joins: Mapping[int, int], near: Collection[int]) -> list[range]:
    """Divide ``count`` pieces into strips: runs that stay together.

    Args:
        joins: for each piece that ends in mid-sentence, the piece that goes on.
        near: the keys of ``joins`` whose other half stands next to them, which divides nothing.
    """
    cuts = {0, count}
    for left, right in joins.items():
        if left not in near:
            cuts.update((left + 1, right))
    edges = sorted(cuts)
    return [range(start, end) for start, end in itertools.pairwise(edges)]


def cycle(count: int, joins: Mapping[int, int], near: Collection[int]) -> list[int]:
    """Return the left pieces of the far joins that would chain strips into a circle; empty when there is none."""
    parts = strips(count, joins, near)
    strip_of = {part.start: index for index, part in enumerate(parts)}
    following = {
        index: (part.stop - 1, strip_of[joins[part.stop - 1]])
        for index, part in enumerate(parts)
        if part.stop - 1 in joins and part.stop - 1 not in near
    }
    done: set[int] = set()
    for first in following:
        path: list[int] = []
        lefts: list[int] = []
        index = first
        while index in following and index not in done and index not in path:
            path.append(index)
            lefts.append(following[index][0])
            index = following[index][1]
        if index in path:
            return lefts[path.index(index) :]
        done.update(path)
    return []


def reading_order(count: int, joins: Mapping[int, int], near: Collection[int]) -> list[int]:
    """Return all pieces in reading order: each strip directly before the one that goes on with its last sentence.

    ``joins`` must be free of cycles. A strip that nothing leads to keeps its place in the text.
    """
    parts = strips(count, joins, near)
    strip_of = {part.start: index for index, part in enumerate(parts)}
    follower = {
        index: strip_of[joins[part.stop - 1]]
        for index, part in enumerate(parts)
        if part.stop - 1 in joins and part.stop - 1 not in near
    }
    led_to = set(follower.values())
    order: list[int] = []
    for index in range(len(parts)):
        if index in led_to:
            continue
        current: int | None = index
        while current is not None:
            order.extend(parts[current])
            current = follower.get(current)
    return order
