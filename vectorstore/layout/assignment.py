"""The best one-to-one assignment of loose ends to loose beginnings, with the right to leave any of them alone."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[int, int]
_IMPOSSIBLE = -1e9


def assign(scores: Mapping[Pair, float]) -> dict[int, int]:
    """Return the matching of left to right keys with the greatest sum; pairs that score 0 or less are never taken.

    Solved exactly by the Hungarian method (Kuhn 1955, in the shortest augmenting path form of Jonker and Volgenant 1987),
    in O(n^3) for n keys on both sides together.
    """
    wanted = {pair: score for pair, score in scores.items() if score > 0}
    lefts = sorted({left for left, _ in wanted})
    rights = sorted({right for _, right in wanted})
    if not wanted:
        return {}
    size = len(lefts) + len(rights)
    cost = [[0.0] * size for _ in range(size)]
    for row, left in enumerate(lefts):
        for column, right in enumerate(rights):
            cost[row][column] = -wanted.get((left, right), _IMPOSSIBLE)
    columns = _least_cost(cost)
    found = {}
    for row, left in enumerate(lefts):
        column = columns[row]
        if column < len(rights) and (left, rights[column]) in wanted:
            found[left] = rights[column]
    return found


def _least_cost(cost: list[list[float]]) -> list[int]:
    """Return the column assigned to each row of a square matrix so that the sum is least."""
    size = len(cost)
    row_potential, column_potential = [0.0] * (size + 1), [0.0] * (size + 1)
    row_of = [0] * (size + 1)  # 1-based; row_of[0] is the row being placed
    for row in range(1, size + 1):
        row_of[0] = row
        column = 0
        least = [float("inf")] * (size + 1)
        came_from = [0] * (size + 1)
        used = [False] * (size + 1)
        while row_of[column]:
            used[column] = True
            current, delta, nearest = row_of[column], float("inf"), 0
            for other in range(1, size + 1):
                if used[other]:
                    continue
                reduced = cost[current - 1][other - 1] - row_potential[current] - column_potential[other]
                if reduced < least[other]:
                    least[other], came_from[other] = reduced, column
                if least[other] < delta:
                    delta, nearest = least[other], other
            for other in range(size + 1):
                if used[other]:
                    row_potential[row_of[other]] += delta
                    column_potential[other] -= delta
                else:
                    least[other] -= delta
            column = nearest
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    columns = [0] * size
    for column in range(1, size + 1):
        columns[row_of[column] - 1] = column - 1
    return columns
