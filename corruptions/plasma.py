"""Plasma maps: cloud-like fractals by midpoint displacement on a torus."""

from collections.abc import Sequence

import numpy as np

from corruptions.base import Floats, Rng, per_image


def plasma(side: int, decay: float, rngs: Sequence[Rng]) -> Floats:
    """One fractal per source of randomness, by the diamond-square algorithm.

    Fournier, Fussell & Carpenter, "Computer Rendering of Stochastic Models", CACM 1982, with the
    spread of Hendrycks & Dietterich: a new point is the mean of its four neighbours plus
    a * U(-a, a), where a starts at 100 and is divided by ``decay`` as the grid gets finer, so that
    spreads fall by ``decay`` squared. An image draws all its numbers at once, in their order.
    Maps are square whatever they are cut to: each takes some 40 bytes a point at the peak, for a
    strip 4096 pixels long as for a picture of 4096 x 4096.

    Args:
        side: Points along one side, a power of two of at least 2.
        decay: Ratio of the displacements of successive grids; more is smoother.
        rngs: One source of randomness per map.

    Returns:
        (N, side, side) float64; each map reaches from 0 to 1.
    """
    draws = per_image(rngs, lambda rng: rng.random_sample(side * side - 1))
    grid = np.zeros((len(draws), 1, 1))
    wibble, used = 100.0, 0
    while grid.shape[1] < side:
        count = grid.shape[1] ** 2
        uniforms = draws[:, used : used + 3 * count]
        grid = _refine(grid, _displacements(uniforms, wibble).reshape(-1, 3, *grid.shape[1:]))
        used += 3 * count
        wibble /= decay
    grid -= grid.min(axis=(1, 2), keepdims=True)
    grid /= grid.max(axis=(1, 2), keepdims=True)
    return grid


def _displacements(uniforms: Floats, wibble: float) -> Floats:
    """[0, 1) -> ``wibble`` * U(-wibble, wibble), with the roundings of the legacy ``uniform``."""
    values = uniforms * (2.0 * wibble)
    values -= wibble
    values *= wibble
    return values


def _refine(grid: Floats, shifts: Floats) -> Floats:
    """Double the points of a torus: centres of the squares first, then of the diamonds.

    Args:
        grid: (N, n, n).
        shifts: (N, 3, n, n) displacements of the centres, and of the points to the right of and
            below the old ones.

    Returns:
        (N, 2n, 2n).
    """
    count, side, _ = grid.shape
    fine = np.empty((count, 2 * side, 2 * side))
    right, below = np.roll(grid, -1, axis=2), np.roll(grid, -1, axis=1)
    squares = grid + below
    squares += np.roll(squares, -1, axis=2)
    centres = squares / 4 + shifts[:, 0]
    rights = (centres + np.roll(centres, 1, axis=1)) + (grid + right)
    belows = (centres + np.roll(centres, 1, axis=2)) + (grid + below)
    fine[:, ::2, ::2] = grid
    fine[:, 1::2, 1::2] = centres
    fine[:, ::2, 1::2] = rights / 4 + shifts[:, 1]
    fine[:, 1::2, ::2] = belows / 4 + shifts[:, 2]
    return fine
