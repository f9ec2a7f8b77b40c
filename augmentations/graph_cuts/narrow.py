"""The exact minimum on narrow grids, once a good labelling has ruled out most labels."""

import numpy as np
import numpy.typing as npt

from augmentations.graph_cuts.energy import GridEnergy, Integers

MOST_STATES = 2**17


def narrow_minimum(energy: GridEnergy, known: Integers) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """Improve labellings to the cheapest ones where dynamic programming can.

    A label is ruled out in a cell where it alone, all edges neglected, would make the labelling
    dearer than the known one. The others are few: cell by cell, the least cost is kept for every
    labelling of the last W cells. A grid with too many of those keeps the labelling it has.

    Args:
        energy: The costs of B grids.
        known: (B, H, W) int64 labels, the cheaper the faster.

    Returns:
        (B, H, W) int64 labels that cost no more than ``known``, and (B,) bool, whether they are a
        minimum: where any W + 1 consecutive cells have at most 2^17 labellings left.
    """
    labels = known.copy()
    least = energy.unary.min(-1, keepdims=True)
    spare = energy.value(known) - least.sum((1, 2, 3))
    possible = (energy.unary - least <= spare[:, None, None, None]).reshape(
        len(known), -1, energy.unary.shape[-1]
    )
    solved = _states(possible.sum(-1), known.shape[2]) <= MOST_STATES
    for grid in np.flatnonzero(solved):
        kept = [np.flatnonzero(cell) for cell in possible[grid]]
        labels[grid] = _grid_minimum(energy, grid, kept)
    return labels, solved


def _states(counts: Integers, width: int) -> npt.NDArray[np.float64]:
    """Most labellings (B,) of width + 1 consecutive cells with ``counts`` (B, cells) labels."""
    span = min(width + 1, counts.shape[1])
    windows = np.lib.stride_tricks.sliding_window_view(counts.astype(np.float64), span, axis=1)
    most: npt.NDArray[np.float64] = windows.prod(-1).max(-1)
    return most


def _grid_minimum(energy: GridEnergy, grid: np.int64, kept: list[Integers]) -> Integers:
    """The cheapest labelling (H, W) of one grid with the labels ``kept`` of each cell."""
    height, width, count = energy.unary.shape[1:]
    unary, distance = energy.unary[grid].reshape(-1, count), energy.distance[grid]
    cost = unary[0, kept[0]]  # one axis per cell of the last W, the newest last
    left_behind = []
    for cell in range(1, height * width):
        (row, column), new = divmod(cell, width), kept[cell]
        step = unary[cell, new]
        if column:
            beside = distance[kept[cell - 1][:, None], new]
            step = step + energy.right[grid, row, column - 1] * beside
        cost = cost[..., None] + step
        if row:
            old = kept[cell - width]
            above = energy.down[grid, row - 1, column] * distance[old[:, None], new]
            cost = cost + above.reshape(len(old), *[1] * (width - 1), len(new))
            left_behind.append(cost.argmin(0))
            cost = cost.min(0)
    chosen = list(np.unravel_index(cost.argmin(), cost.shape))
    for choice in reversed(left_behind):
        chosen.insert(0, choice[tuple(chosen[:width])])
    return np.array([labels[pick] for labels, pick in zip(kept, chosen, strict=True)]).reshape(
        height, width
    )
