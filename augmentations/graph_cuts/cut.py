"""Minimum cuts: exact binary labellings of many grids by one maximum flow."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from augmentations.graph_cuts.energy import GridEnergy, Integers

LARGEST = 2**30  # a residual is up to twice a capacity, and scipy's are int32


def minimum_cut(cost: Integers, pairs: Integers, weights: Integers) -> npt.NDArray[np.bool_]:
    """The x in {0, 1}^N that minimises the sum of ``cost x`` and of what the pairs cost.

    One source and one sink serve all nodes, so that problems without common pairs are solved side
    by side. Boykov, Veksler, Zabih, "Fast Approximate Energy Minimization via Graph Cuts", IEEE
    TPAMI 2001, section 3; Kolmogorov, Zabih, "What Energy Functions Can Be Minimized via Graph
    Cuts?", IEEE TPAMI 2004.

    Args:
        cost: (N,) int64, of either sign; beyond 2^30 it is as good as infinite.
        pairs: (2, M) int64 nodes (i, j), each pair once.
        weights: (2, M) int64, not negative: paid where x_i > x_j, and where x_i < x_j.

    Returns:
        (N,) bool. Of several minima the one with the fewest ones.

    Raises:
        ValueError: A weight is negative (a cut cannot minimise that) or above 2^30.
    """
    if weights.size and (weights.min() < 0 or weights.max() > LARGEST):
        raise ValueError(
            f"A cut needs weights from 0 to 2^30, got {weights.min()} to {weights.max()}"
        )
    nodes = np.arange(len(cost))
    source, sink = len(cost), len(cost) + 1
    ends = np.full(len(cost), source), np.full(len(cost), sink)
    tail = np.concatenate([ends[0], nodes, pairs[0], pairs[1]])
    head = np.concatenate([nodes, ends[1], pairs[1], pairs[0]])
    profit = np.clip(-cost, 0, LARGEST), np.clip(cost, 0, LARGEST)
    capacity = np.concatenate([*profit, *weights]).astype(np.int32)
    used = capacity > 0
    shape = (len(cost) + 2, len(cost) + 2)
    graph = coo_array((capacity[used], (tail[used], head[used])), shape=shape).tocsr()
    residual = graph - maximum_flow(graph, source, sink).flow
    residual.eliminate_zeros()
    reached = np.zeros(len(cost) + 2, dtype=np.bool_)
    reached[breadth_first_order(residual, source, return_predecessors=False)] = True
    return reached[: len(cost)]


def grid_pairs(grids: int, height: int, width: int) -> tuple[Integers, Integers]:
    """Neighbours among cells numbered grid by grid, row by row.

    Returns:
        (2, grids * (height - 1) * width) int64, the cells above and below, and
        (2, grids * height * (width - 1)) int64, those on the left and right.
    """
    cell = np.arange(grids * height * width).reshape(grids, height, width)
    down = np.stack([cell[:, :-1].ravel(), cell[:, 1:].ravel()])
    right = np.stack([cell[:, :, :-1].ravel(), cell[:, :, 1:].ravel()])
    return down, right


def quadratic_minimum(energy: GridEnergy) -> Integers:
    """The cheapest labelling, exactly, where labels are levels and their distance is squared.

    Label l is written as L - 1 bits, bit k saying that l > k. Ishikawa, "Exact Optimization for
    Markov Random Fields with Convex Priors", IEEE TPAMI 2003: bits fall along k, held so by an
    infinite weight; (l - m)^2 is then the number of unlike bits among all pairs of one bit of l and
    one of m, plus a term (2k + 2 - L) for each bit k of either.

    Args:
        energy: The costs of B grids; ``distance`` must be ``(i - j)^2``.

    Returns:
        (B, H, W) int64 labels.

    Raises:
        ValueError: Another distance, or weights that a cut cannot take.
    """
    grids, height, width, labels = energy.unary.shape
    levels = np.arange(labels)
    if not (energy.distance == (levels[:, None] - levels) ** 2).all():
        raise ValueError("quadratic_minimum needs the distance (i - j)^2 of labels i and j")
    bits = labels - 1
    edges = np.zeros((grids, height, width), dtype=np.int64)
    for part, weight in ((np.s_[:, :-1], energy.down), (np.s_[:, 1:], energy.down)):
        edges[part] += weight
    for side, weight in ((np.s_[:, :, :-1], energy.right), (np.s_[:, :, 1:], energy.right)):
        edges[side] += weight
    cost = np.diff(energy.unary, axis=-1) + edges[..., None] * (2 * np.arange(bits) + 2 - labels)
    pairs, weights = _level_pairs(energy, bits)
    x = minimum_cut(cost.ravel(), pairs, weights)
    levels_reached: Integers = x.reshape(grids, height, width, bits).sum(-1)
    return levels_reached


def _level_pairs(energy: GridEnergy, bits: int) -> tuple[Integers, Integers]:
    """Pairs (2, M) of bits, numbered cell by cell, and their weights (2, M)."""
    grids, height, width = energy.unary.shape[:3]
    weight = np.concatenate([energy.down.ravel(), energy.right.ravel()])
    cells = np.concatenate(grid_pairs(grids, height, width), axis=1)
    first = np.arange(grids * height * width) * bits
    higher, lower = first + np.arange(1, bits)[:, None], first + np.arange(bits - 1)[:, None]
    ordered = np.stack([higher.ravel(), lower.ravel()])
    forced = np.zeros_like(ordered)
    forced[0] = LARGEST
    pairs, weights = [ordered], [forced]
    for one in range(bits):
        for other in range(bits):
            pairs.append(cells * bits + np.array([[one], [other]]))
            weights.append(np.stack([weight, weight]))
    return np.concatenate(pairs, axis=1), np.concatenate(weights, axis=1)
