"""The chaos game: points of the attractor of an iterated function system, many orbits at a time.

Barnsley, "Fractals Everywhere", Academic Press 1988. Where numba is installed the two loops are
compiled; every operation is the same and in the same order, so that points are equal to the bit.
"""

from importlib import import_module
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from augmentations.compiled import available

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Choices = NDArray[np.uint8]
Bits = NDArray[np.uint16]
Counts = NDArray[np.int32]
ENTRIES = 4096
ORBITS, STEPS, BURN_IN = 2_000, 50, 20


def choice_table(weights: Doubles) -> Choices:
    """Maps in proportion to their weights, so that 12 random bits choose one.

    Args:
        weights: (n,) non-negative, n at most 255. A map of no weight still gets one entry.

    Returns:
        (4096,) indices of maps, ascending.

    Raises:
        ValueError: No weight is positive, or one is not finite.
    """
    total = weights.sum()
    if not (np.isfinite(total) and total > 0):
        raise ValueError(f"weights must be finite and not all zero, got {weights}")
    spare = ENTRIES - len(weights)
    ends = np.arange(1, len(weights) + 1) + np.rint(spare * np.cumsum(weights) / total)
    return np.repeat(np.arange(len(weights)), np.diff(ends.astype(np.int64), prepend=0)).astype(
        np.uint8
    )


def play(
    maps: Doubles, table: Choices, seed: int, start: tuple[float, float], orbits: int = ORBITS
) -> Floats:
    """Points of the attractor: orbits of 50 steps, after 20 steps that are thrown away.

    Args:
        maps: (n, 6); row (a, b, c, d, e, f) takes (x, y) to (a x + b y + e, c x + d y + f).
        table: (4096,) uint8, see ``choice_table``.
        seed: Decides all choices.
        start: Common first point of the orbits, best one of the attractor.
        orbits: How many, a multiple of 4.

    Returns:
        (2, 50 orbits) float32 x and y, the first step of all orbits before the second. Maps that
        do not contract may give infinities or NaN.
    """
    raw = np.random.SFC64(seed).random_raw((BURN_IN + STEPS) * orbits // 4)
    bits = raw.view(np.uint16).reshape(BURN_IN + STEPS, orbits)
    first = np.array(start, np.float32)
    return _loops().orbits(maps.astype(np.float32), table, bits, first, BURN_IN).reshape(2, -1)


def count(points: Floats, window: tuple[float, float, float, float], size: int) -> Counts:
    """How many points fall on each pixel.

    Args:
        points: (2, P) float32; those outside the window, infinities and NaN are not counted.
        window: Left, top, width and height.
        size: Side of the picture in pixels.

    Returns:
        (size, size), rows along y.
    """
    left, top, width, height = window
    corner = np.array((left, top), np.float32)
    scale = np.array((size / width, size / height), np.float32)
    return _loops().hits(points, corner, scale, size)


class _Plain:
    """The loops in numpy."""

    @staticmethod
    def orbits(maps: Floats, table: Choices, bits: Bits, start: Floats, burn_in: int) -> Floats:
        """Iterate: (2, T - burn_in, orbits) float32 for bits (T, orbits)."""
        steps, lanes = bits.shape
        found = np.empty((2, steps - burn_in, lanes), np.float32)
        x, y = np.full(lanes, start[0]), np.full(lanes, start[1])
        chosen = maps.T.take(table.take(bits & (ENTRIES - 1)), axis=1).swapaxes(0, 1)
        with np.errstate(over="ignore", invalid="ignore"):
            for step, (a, b, c, d, e, f) in enumerate(chosen, -burn_in):
                x, y = a * x + b * y + e, c * x + d * y + f
                if step >= 0:
                    found[0, step], found[1, step] = x, y
        return found

    @staticmethod
    def hits(points: Floats, corner: Floats, scale: Floats, size: int) -> Counts:
        """Count: (size, size)."""
        with np.errstate(over="ignore", invalid="ignore"):
            column = (points[0] - corner[0]) * scale[0]
            row = (points[1] - corner[1]) * scale[1]
            inside = (column >= 0) & (column < size) & (row >= 0) & (row < size)
        pixel = row[inside].astype(np.int64) * size + column[inside].astype(np.int64)
        counts = np.bincount(pixel, minlength=size * size)
        return counts.astype(np.int32).reshape(size, size)


def _loops() -> ModuleType | type[_Plain]:
    """The compiled loops where they can be used, or the plain ones."""
    if not available():
        return _Plain
    return import_module("augmentations.mixing_sets.kinds.compiled_chaos")
