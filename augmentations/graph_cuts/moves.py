"""Multi-label graph cuts for any symmetric distance: all moves of all grids side by side."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from augmentations.graph_cuts.cut import grid_pairs, minimum_cut
from augmentations.graph_cuts.energy import GridEnergy, Integers


class _Moves(NamedTuple):
    """Moves to try: the grid of each (K,), and the two labels (K, H, W) each cell may take."""

    grid: Integers
    zero: Integers
    one: Integers


def swap_and_expand(energy: GridEnergy, start: Integers) -> Integers:
    """Descend until no swap and no expansion makes a labelling cheaper.

    Boykov, Veksler, Zabih, "Fast Approximate Energy Minimization via Graph Cuts", IEEE TPAMI 2001:
    an alpha-beta swap lets the cells of two labels choose anew between the two, an alpha-expansion
    lets every cell take one label or stay. Each step solves all moves of all grids in one cut and
    makes the best of each grid, where their algorithms make the first.

    Args:
        energy: The costs of B grids.
        start: (B, H, W) int64 labels.

    Returns:
        (B, H, W) int64 labels that cost no more than ``start``.
    """
    labels = start.copy()
    active = np.arange(len(start))
    while len(active):
        some, current = energy.take(active), labels[active]
        moves = _promising(some, current)
        moved = fuse(some.take(moves.grid), moves.zero, moves.one)
        gain = some.value(current)[moves.grid] - some.take(moves.grid).value(moved)
        order = np.lexsort((-gain, moves.grid))
        grid, first = np.unique(moves.grid[order], return_index=True)
        best = order[first]
        better = gain[best] > 0
        active = active[grid[better]]
        labels[active] = moved[best[better]]
    return labels


def fuse(energy: GridEnergy, zero: Integers, one: Integers) -> Integers:
    """Choose in every cell between two labels, by one cut.

    The cheapest choice if no edge would be dearer between unlike choices than between like ones,
    as in every swap, and in an expansion where the distance keeps the triangle inequality. The
    weight of other edges is truncated to 0 (Rother, Kumar, Kolmogorov, Blake, "Digital Tapestry",
    CVPR 2005), so that the result may then be dearer than either.

    Args:
        energy: The costs of K grids.
        zero: (K, H, W) int64, the one label of each cell.
        one: (K, H, W) int64, the other.

    Returns:
        (K, H, W) int64 labels.
    """
    grid = np.arange(len(zero))[:, None, None]
    cost = _unary(energy, one) - _unary(energy, zero)
    weights = []
    for weight, near, far in (
        (energy.down, np.s_[:, :-1], np.s_[:, 1:]),
        (energy.right, np.s_[:, :, :-1], np.s_[:, :, 1:]),
    ):
        stay, last, first, both = (
            weight * energy.distance[grid, a[near], b[far]]
            for a, b in ((zero, zero), (zero, one), (one, zero), (one, one))
        )
        cost[near] += first - stay
        cost[far] += both - first
        weights.append(np.maximum(first + last - stay - both, 0).ravel())
    weight = np.concatenate(weights)
    used = weight > 0
    pairs = np.concatenate(grid_pairs(*zero.shape), axis=1)[:, used]
    falls = np.stack([np.zeros_like(weight[used]), weight[used]])
    chosen = minimum_cut(cost.ravel(), pairs, falls)
    return np.where(chosen.reshape(zero.shape), one, zero)


def _promising(energy: GridEnergy, labels: Integers) -> _Moves:
    """The swaps and expansions that can gain at all.

    A move saves at most what the edges of the moved cells cost now. It is hopeless if for each of
    its cells the new label is dearer by that much.
    """
    grids, _, _, count = energy.unary.shape
    edges = np.take_along_axis(energy.neighbourhood(labels), labels[..., None], axis=-1)
    slack = energy.unary - _unary(energy, labels)[..., None] - edges
    least = np.full((grids, count, count), np.iinfo(np.int64).max)  # from label, to label
    where = np.broadcast_to(np.arange(grids)[:, None, None], labels.shape)
    np.minimum.at(least, (where.ravel(), labels.ravel()), slack.reshape(-1, count))
    least[:, np.arange(count), np.arange(count)] = 0
    hopeful: npt.NDArray[np.bool_] = np.minimum(least, least.swapaxes(1, 2)) < 0
    swapped, alpha, beta = np.nonzero(np.triu(hopeful))
    expanded, target = np.nonzero(least.min(1) < 0)
    old = labels[swapped]
    alpha, beta, target = (label[:, None, None] for label in (alpha, beta, target))
    free = (old == alpha) | (old == beta)
    stay = labels[expanded]
    return _Moves(
        np.concatenate([swapped, expanded]),
        np.concatenate([np.where(free, alpha, old), stay]),
        np.concatenate([np.where(free, beta, old), np.broadcast_to(target, stay.shape)]),
    )


def _unary(energy: GridEnergy, labels: Integers) -> Integers:
    """The cells' own costs (B, H, W) of a labelling; a new array."""
    return np.take_along_axis(energy.unary, labels[..., None], axis=-1)[..., 0]
