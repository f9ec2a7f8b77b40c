"""Labellings of grids: what they cost, and the simple descent that graph cuts must not lose to."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class GridEnergy:
    """Costs of labelling the cells of B grids, in whole numbers so that comparisons are exact.

    A labelling costs, summed over cells and neighbours, ``unary`` of each cell's label, and the
    edge's weight times the ``distance`` of the two labels.

    Attributes:
        unary: (B, H, W, L) int64.
        down: (B, H - 1, W) int64, not negative: weight of the edge to the cell below.
        right: (B, H, W - 1) int64, not negative: weight of the edge to the cell on the right.
        distance: (B, L, L) int64, symmetric, not negative, zero on the diagonal.
    """

    unary: Integers
    down: Integers
    right: Integers
    distance: Integers

    def take(self, grids: Integers) -> "GridEnergy":
        """The energy of some of the grids, in any order and number: ``grids`` (K,) int64."""
        parts = (self.unary, self.down, self.right, self.distance)
        return GridEnergy(*(part[grids] for part in parts))

    def value(self, labels: Integers) -> Integers:
        """What labellings (B, H, W) cost: (B,) int64."""
        grid = np.arange(len(labels))[:, None, None]
        chosen = np.take_along_axis(self.unary, labels[..., None], axis=-1).sum((1, 2, 3))
        down = self.down * self.distance[grid, labels[:, :-1], labels[:, 1:]]
        right = self.right * self.distance[grid, labels[:, :, :-1], labels[:, :, 1:]]
        total: Integers = chosen + down.sum((1, 2)) + right.sum((1, 2))
        return total

    def neighbourhood(self, labels: Integers) -> Integers:
        """What the edges of each cell would cost under each label: (B, H, W, L) int64."""
        row = self.distance[np.arange(len(labels))[:, None, None], labels]
        down, right = self.down[..., None], self.right[..., None]
        costs = np.zeros_like(self.unary)
        costs[:, :-1] += down * row[:, 1:]
        costs[:, 1:] += down * row[:, :-1]
        costs[:, :, :-1] += right * row[:, :, 1:]
        costs[:, :, 1:] += right * row[:, :, :-1]
        return costs


def descend(energy: GridEnergy, start: Integers, sweeps: int = 8) -> Integers:
    """Iterated conditional modes: every cell takes its cheapest label, given its neighbours.

    Besag, "On the Statistical Analysis of Dirty Pictures", Journal of the Royal Statistical
    Society B, 1986. Cells change in the two colours of a chessboard, so that no two neighbours
    move at once and no move raises the energy.

    Args:
        energy: The costs of B grids.
        start: (B, H, W) int64 labels.
        sweeps: Most passes over all cells; it ends when nothing moves.

    Returns:
        (B, H, W) int64 labels that cost no more than ``start``.
    """
    height, width = start.shape[1:]
    black = (np.arange(height)[:, None] + np.arange(width)) % 2 == 0
    labels = start
    for _ in range(sweeps):
        before = labels
        for colour in (black, ~black):
            cheapest = (energy.unary + energy.neighbourhood(labels)).argmin(-1)
            labels = np.where(colour, cheapest, labels)
        if np.array_equal(before, labels):
            break
    return labels
