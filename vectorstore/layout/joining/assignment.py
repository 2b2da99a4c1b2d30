"""The best one-to-one assignment of loose ends to loose beginnings; any of them may stay unassigned."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[int, int]
_IMPOSSIBLE = 1e9


def assign(scores: Mapping[Pair, float]) -> dict[int, int]:
    """Return the matching of left to right keys with the greatest sum; pairs that score 0 or less are never taken.

    Solved exactly by the Hungarian method in its shortest augmenting path form (Kuhn 1955; Jonker and Volgenant 1987),
    in O(n^2 (n + m)) for n left and m right keys.
    """
    wanted = {pair: score for pair, score in scores.items() if score > 0}
    lefts = sorted({left for left, _ in wanted})
    rights = sorted({right for _, right in wanted})
    column_of = {right: column for column, right in enumerate(rights)}
    cost = [[_IMPOSSIBLE] * len(rights) + [0.0] * len(lefts) for _ in lefts]
    row_of = {left: row for row, left in enumerate(lefts)}
    for (left, right), score in wanted.items():
        cost[row_of[left]][column_of[right]] = -score
    found = {}
    for left, column in zip(lefts, _least_cost(cost), strict=True):
        if column < len(rights):
            found[left] = rights[column]
    return found


def _least_cost(cost: list[list[float]]) -> list[int]:
    """Return the column assigned to each row so that the sum is least; there are at least as many columns as rows."""
    if not cost:
        return []
    width = len(cost[0])
    row_potential, column_potential = [0.0] * (len(cost) + 1), [0.0] * (width + 1)
    row_of = [0] * (width + 1)  # 1-based; row_of[0] is the row being placed
    for row in range(1, len(cost) + 1):
        row_of[0] = row
        column = 0
        least = [float("inf")] * (width + 1)
        came_from = [0] * (width + 1)
        unused = list(range(1, width + 1))
        used = [0]
        while row_of[column]:
            current = row_of[column]
            costs, potential = cost[current - 1], row_potential[current]
            for other in unused:
                reduced = costs[other - 1] - potential - column_potential[other]
                if reduced < least[other]:
                    least[other], came_from[other] = reduced, column
            nearest = min(unused, key=least.__getitem__)
            delta = least[nearest]
            for other in used:
                row_potential[row_of[other]] += delta
                column_potential[other] -= delta
            for other in unused:
                least[other] -= delta
            column = nearest
            unused.remove(column)
            used.append(column)
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    columns = [0] * len(cost)
    for column in range(1, width + 1):
        if row_of[column]:
            columns[row_of[column] - 1] = column - 1
    return columns
