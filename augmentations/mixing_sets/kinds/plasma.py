"""Plasma: coloured clouds by midpoint displacement, alone or behind fractals.

Fournier, Fussell & Carpenter, "Computer Rendering of Stochastic Models", Communications of the ACM
1982; colours and amplitudes after the backgrounds of Anderson & Farrell, "Improving Fractal
Pre-training", WACV 2022.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.kinds.hsv import rgb_bytes
from augmentations.mixing_sets.kinds.palettes import colour, draw_palette
from augmentations.mixing_sets.quality import FULL_PICTURE, Limit, Limits, fineness

Floats = NDArray[np.float32]
_LOW, _HIGH, _PER_UNIT = -2.5, 3.5, 512  # no decay from 0.4 on leads out of this range
ENTRIES = int((_HIGH - _LOW) * _PER_UNIT)


@dataclass(frozen=True)
class Plasma:
    """Everything that is random about a cloud.

    Attributes:
        seed: Decides the field.
        decay: The displacement falls by exp(-decay) from each level to the finer one; at least 0.4.
        table: Colours of the field's values, (3072, 3) uint8 RGB.
    """

    seed: int
    decay: float
    table: Picture

    def levels(self, size: int) -> NDArray[np.int32]:
        """Rows of ``table`` for each pixel: (size, size)."""
        return ((field(self.seed, self.decay, size) - _LOW) * _PER_UNIT).astype(np.int32)

    def render(self, size: int) -> Picture:
        """Draw the cloud: (size, size, 3) uint8."""
        return self.table.take(self.levels(size), axis=0)


def draw_plasma(rng: np.random.Generator) -> Plasma:
    """A cloud in one run of hues: decay U(0.4, 0.8), pale to middling saturation and value."""
    x = _values()
    hue = rng.uniform(0.25, 1.0) * x + rng.uniform()
    saturation = rng.uniform(0.1, 0.3) * x + rng.uniform(0.4, 0.6)
    value = rng.uniform(0.3, 0.6) * x + rng.uniform(0.4, 0.6)
    return Plasma(_seed(rng), rng.uniform(0.4, 0.8), rgb_bytes(hue, saturation, value))


def draw_palette_plasma(rng: np.random.Generator) -> Plasma:
    """A cloud in the colours of a random map that runs through once to three times."""
    cycles = int(rng.integers(1, 4))
    t = (_values() * cycles).astype(np.float32) % 1
    table = (colour(draw_palette(rng), t) * 255 + 0.5).astype(np.uint8)
    return Plasma(_seed(rng), rng.uniform(0.4, 0.8), table)


def field(seed: int, decay: float, size: int) -> Floats:
    """Diamond-square field: corners U(0, 1), then midpoints displaced by U(-m, m).

    m is exp(-decay level) / 2. Beyond the rim the picture is mirrored; the published code wraps
    around although the rims do not meet, which leaves a grainy border. A size of half another holds
    every second value of it.

    Args:
        seed: Decides all values.
        decay: At least 0.4, which keeps the field inside [-2.2, 3.2].
        size: Any positive number of pixels.

    Returns:
        (size, size) float32.
    """
    rng = np.random.Generator(np.random.SFC64(seed))
    doublings = (size - 1).bit_length()
    grid = rng.random((2, 2), np.float32)
    for level in range(doublings):
        grid = _refine(grid, np.float32(0.5 * math.exp(-decay * level)), rng)
    if size == 2**doublings:
        return grid[:-1, :-1]
    nodes = np.arange(size) * 2**doublings // size
    return grid[np.ix_(nodes, nodes)]


def _refine(grid: Floats, most: np.float32, rng: np.random.Generator) -> Floats:
    """Halve the spacing: (2 m + 1, 2 m + 1) from (m + 1, m + 1)."""
    m = len(grid) - 1
    left, right = grid[:, :-1], grid[:, 1:]
    middle = _displaced(left[:-1] + left[1:] + right[:-1] + right[1:], most, rng)
    rows = np.concatenate((middle[:1], middle, middle[-1:]))
    across = _displaced(left + right + rows[:-1] + rows[1:], most, rng)
    columns = np.concatenate((middle[:, :1], middle, middle[:, -1:]), axis=1)
    down = _displaced(grid[:-1] + grid[1:] + columns[:, :-1] + columns[:, 1:], most, rng)
    finer = np.empty((2 * m + 1, 2 * m + 1), np.float32)
    finer[::2, ::2], finer[1::2, 1::2] = grid, middle
    finer[::2, 1::2], finer[1::2, ::2] = across, down
    return finer


def _displaced(total: Floats, most: np.float32, rng: np.random.Generator) -> Floats:
    """A quarter of the sums of four neighbours, plus U(-most, most)."""
    noise = rng.random(total.shape, np.float32)
    noise *= 2 * most
    noise -= most
    total *= np.float32(0.25)
    total += noise
    return total


def _values() -> NDArray[np.float64]:
    """The field's value that each row of a table stands for."""
    return np.arange(ENTRIES) / _PER_UNIT + _LOW


def _seed(rng: np.random.Generator) -> int:
    """A seed for what is drawn later."""
    return int(rng.integers(2**63))


def _candidate(rng: np.random.Generator, index: int) -> Render:
    """A candidate to be drawn at any size."""
    return draw_palette_plasma(rng).render


def _but_for_fineness(limits: Sequence[Limit]) -> tuple[Limit, ...]:
    """Limits of everything else."""
    return tuple(limit for limit in limits if limit.measure is not fineness)


LIMITS = Limits(
    large=_but_for_fineness(FULL_PICTURE.large),
    small=FULL_PICTURE.small,
    thumbnail=_but_for_fineness(FULL_PICTURE.thumbnail),
)
"""As for other full pictures, but clouds may be smooth."""

PLASMA = Generator(set_id=8, version=1, draw=_candidate, limits=LIMITS)
