"""The loops of the chaos game, compiled; imported only where numba is installed."""

import numpy as np
from numpy.typing import NDArray

from augmentations.compiled.jit import compiled

Floats = NDArray[np.float32]


@compiled
def orbits(
    maps: Floats, table: NDArray[np.uint8], bits: NDArray[np.uint16], start: Floats, burn_in: int
) -> Floats:
    """Iterate: (2, T - burn_in, orbits) float32 for bits (T, orbits)."""
    steps, lanes = bits.shape
    found = np.empty((2, steps - burn_in, lanes), np.float32)
    xs, ys = np.full(lanes, start[0]), np.full(lanes, start[1])
    for step in range(steps):
        for lane in range(lanes):
            k, x, y = table[bits[step, lane] & 4095], xs[lane], ys[lane]
            xs[lane] = maps[k, 0] * x + maps[k, 1] * y + maps[k, 4]
            ys[lane] = maps[k, 2] * x + maps[k, 3] * y + maps[k, 5]
        if step >= burn_in:
            found[0, step - burn_in] = xs
            found[1, step - burn_in] = ys
    return found


@compiled
def hits(points: Floats, corner: Floats, scale: Floats, size: int) -> NDArray[np.int32]:
    """Count: (size, size)."""
    counts = np.zeros((size, size), np.int32)
    for i in range(points.shape[1]):
        column = (points[0, i] - corner[0]) * scale[0]
        row = (points[1, i] - corner[1]) * scale[1]
        if 0 <= column < size and 0 <= row < size:
            counts[int(row), int(column)] += 1
    return counts
