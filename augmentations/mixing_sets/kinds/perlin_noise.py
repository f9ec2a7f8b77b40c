"""Gradient noise on a line.

Perlin, "An Image Synthesizer", SIGGRAPH 1985, with the fade of "Improving Noise", SIGGRAPH 2002.
"""

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
LARGEST = 0.5
"""Bound of the noise: two slopes of 1 that meet halfway between lattice points."""


def perlin(positions: Doubles, slopes: Doubles) -> Doubles:
    """Evaluate the noise whose slope at lattice point n is ``slopes[n % len(slopes)]``.

    Args:
        positions: Non-negative, any shape.
        slopes: (K,) of +1 and -1, K at least 2.

    Returns:
        float64 in [-0.5, 0.5] of the shape of ``positions``; 0 at the lattice points.
    """
    cell = np.floor(positions)
    t = positions - cell
    left = cell.astype(np.int64) % len(slopes)
    right = (left + 1) % len(slopes)
    fade = t * t * t * (t * (6 * t - 15) + 10)
    rising, falling = slopes[left] * t, slopes[right] * (t - 1)
    noise: Doubles = rising + fade * (falling - rising)
    return noise
