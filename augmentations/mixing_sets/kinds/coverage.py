"""How much of a picture its foreground covers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fill(picture: NDArray[Any]) -> float:
    """Share of the pixels above 0 of an (S, S) picture."""
    return float(np.count_nonzero(picture > 0) / picture.size)


def box(picture: NDArray[Any]) -> float:
    """Share of an (S, S) picture inside the bounding box of its pixels above 0."""
    sides = []
    for axis in (0, 1):
        used = np.flatnonzero((picture > 0).any(axis))
        sides.append(int(used[-1] - used[0] + 1) if used.size else 0)
    return float(sides[0] * sides[1] / picture.size)
