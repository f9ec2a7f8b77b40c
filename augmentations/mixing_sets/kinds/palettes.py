"""Random colour maps as look-up tables."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
ENTRIES = 1024


def draw_palette(rng: np.random.Generator) -> Floats:
    """A colour map of one of three kinds with equal probability.

    Returns:
        (1024, 3) float32 RGB in [0, 1].
    """
    table = _KINDS[int(rng.integers(len(_KINDS)))](rng)
    return table.clip(0.0, 1.0).astype(np.float32)


def colour(palette: Floats, t: Floats) -> Floats:
    """Look up values.

    Args:
        palette: (1024, 3) float32 in [0, 1].
        t: (P,) non-negative; the map repeats with period 1.

    Returns:
        (P, 3) float32 in [0, 1].
    """
    return palette[(t * ENTRIES).astype(np.int32) % ENTRIES]


def _cosine(rng: np.random.Generator) -> Doubles:
    """A + B cos(2 pi (C t + D)) per channel."""
    offset, swing, shift = rng.uniform((0.4, 0.3, 0.0), (0.6, 0.5, 1.0), (3, 3)).T
    rate = rng.choice((0.5, 1.0, 1.5, 2.0), 3)
    wave: Doubles = np.cos(2 * np.pi * (rate * _positions() + shift))
    table: Doubles = offset + swing * wave
    return table


def _hue_sweep(rng: np.random.Generator) -> Doubles:
    """HSV with a running hue, one saturation and a sinusoidal value."""
    hue = rng.uniform() + rng.uniform(0.15, 1.0) * _positions()
    saturation = rng.uniform(0.4, 1.0)
    wave = np.sin(2 * np.pi * (rng.integers(1, 4) * _positions() + rng.uniform()))
    value = 0.65 + 0.35 * wave
    ramp: Doubles = np.abs((hue * 6 + np.array((0.0, 4.0, 2.0))) % 6 - 3) - 1
    return value * (1 - saturation + saturation * ramp.clip(0, 1))


def _control_points(rng: np.random.Generator) -> Doubles:
    """4 to 8 random colours, joined linearly."""
    colours = rng.uniform(size=(int(rng.integers(4, 9)), 3))
    knots = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(_positions()[:, 0], knots, channel) for channel in colours.T], 1)


def _positions() -> Doubles:
    """(1024, 1) values of t, one per entry."""
    return np.linspace(0, 1, ENTRIES)[:, None]


_KINDS: tuple[Callable[[np.random.Generator], Doubles], ...] = (
    _cosine,
    _hue_sweep,
    _control_points,
)
