"""Attractors of random iterated function systems in random colours on plasma.

Anderson & Farrell, "Improving Fractal Pre-training", WACV 2022; part of the mixing set of Huang et
al., "IPMix: Label-Preserving Data Augmentation Method for Training Robust Classifiers", NeurIPS
2023, appendix E.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.kinds.chaos_game import Counts, choice_table, count, play
from augmentations.mixing_sets.kinds.coverage import box, fill
from augmentations.mixing_sets.kinds.hsv import rgb_bytes
from augmentations.mixing_sets.kinds.ifs_maps import draw_system
from augmentations.mixing_sets.kinds.plasma import ENTRIES, Plasma, draw_plasma
from augmentations.mixing_sets.quality import FULL_PICTURE, Limits

Window = tuple[float, float, float, float]
Levels = NDArray[np.uint8]
_JUDGED, _SAMPLED = 256, 64
_FILL, _BOX = (0.05, 0.9), 0.25
_DISTINCT = 45.0


@dataclass(frozen=True)
class Shape:
    """What is drawn.

    Attributes:
        points: Of the attractor, (2, P) float32.
        window: Left, top, width and height of what is shown.
        hits: Points on each pixel of a picture of 256, (256, 256) int32.
        stamp: Pixels that each point sets around its own, (3, 3) bool.
    """

    points: NDArray[np.float32]
    window: Window
    hits: Counts
    stamp: NDArray[np.bool_]

    def levels(self, size: int) -> Levels:
        """Points on each pixel in 255ths of the most: (size, size), 0 only where there are none."""
        # Halving a picture only changes exponents, so that sums are what counting would give.
        whole = _JUDGED % size == 0
        hits = _summed(self.hits, size) if whole else count(self.points, self.window, size)
        hits = _stamped(hits, self.stamp)
        most = max(int(hits.max()), 1)
        return ((hits * 255 + (most - 1)) // most).astype(np.uint8)


@dataclass(frozen=True)
class Recipe:
    """Everything that is random about a picture.

    Attributes:
        shape: The attractor and how it is shown.
        colours: Of each level, (256, 3) uint8.
        background: What is shown where the level is 0.
        turns: Whether the picture is transposed, flipped up-down and flipped left-right.
        blur: Weight of each direct neighbour in 256ths, at most 85; 0 for none.
    """

    shape: Shape
    colours: Picture
    background: Plasma
    turns: tuple[bool, bool, bool]
    blur: int


def draw_recipe(rng: np.random.Generator) -> Recipe:
    """Draw a visible shape, then colours that stand out from a background."""
    shape = _draw_shape(rng)
    levels = shape.levels(_SAMPLED)
    colours, background = _draw_colours(rng), draw_plasma(rng)
    while not stands_out(levels, colours, background):
        colours, background = _draw_colours(rng), draw_plasma(rng)
    transposed, upside_down, mirrored, blurred = (rng.uniform(size=4) < 0.5).tolist()
    weight = _neighbour_weight(rng.uniform(0.5, 1.0)) if blurred else 0
    return Recipe(shape, colours, background, (transposed, upside_down, mirrored), weight)


def is_visible(levels: Levels) -> bool:
    """Whether 5 to 90 % of the pixels are above 0 and their bounding box covers a quarter."""
    low, high = _FILL
    return low <= fill(levels) <= high and box(levels) >= _BOX


def stands_out(levels: Levels, colours: Picture, background: Plasma) -> bool:
    """Whether the shape differs from what it hides by 45 of 255 levels RMS (a test of our own)."""
    shown = levels > 0
    difference = colours[levels[shown]] - background.render(len(levels))[shown].astype(np.float32)
    return float((difference**2).mean()) >= _DISTINCT**2


def render(recipe: Recipe, size: int) -> Picture:
    """Draw a recipe: (size, size, 3) uint8."""
    table = np.concatenate((recipe.background.table, recipe.colours))
    levels = recipe.shape.levels(size)
    rows = np.where(levels > 0, ENTRIES + levels.astype(np.int32), recipe.background.levels(size))
    picture = table.take(_turned(rows, recipe.turns), axis=0)
    return _blurred(picture, recipe.blur) if recipe.blur else picture


def render_grey(recipe: Recipe, size: int) -> Picture:
    """The shape alone, grey on black and sharp: (size, size, 3) uint8."""
    return np.repeat(_turned(recipe.shape.levels(size), recipe.turns)[..., None], 3, axis=-1)


def _draw_shape(rng: np.random.Generator) -> Shape:
    """A shape that ``is_visible``."""
    while True:
        system = draw_system(rng).jittered(rng)
        seed = int(rng.integers(2**63))
        points = play(system.rows, choice_table(system.weights), seed, system.fixed_point())
        window = _draw_window(rng, points)
        shape = Shape(points, window, count(points, window, _JUDGED), _draw_stamp(rng))
        if is_visible(shape.levels(_JUDGED)):
            return shape


def _draw_colours(rng: np.random.Generator) -> Picture:
    """Hues once around the circle, of one saturation and one value: (256, 3) uint8."""
    hue = np.arange(256) / 255 + rng.uniform()
    return rgb_bytes(hue, rng.uniform(0.3, 1.0), rng.uniform(0.5, 1.0))


def _draw_window(rng: np.random.Generator, points: NDArray[np.float32]) -> Window:
    """The bounding box, moved by up to 0.2 and scaled by 0.5 to 2 of itself along each axis."""
    low, high = points.min(1).astype(np.float64), points.max(1).astype(np.float64)
    extent = np.maximum(high - low, 1e-6)
    centre = (low + high) / 2 + rng.uniform(-0.2, 0.2, 2) * extent
    side = extent * rng.uniform(0.5, 2.0, 2)
    left, top = centre - side / 2
    return float(left), float(top), float(side[0]), float(side[1])


def _draw_stamp(rng: np.random.Generator) -> NDArray[np.bool_]:
    """The pixel alone, or with equal probability a pattern of fair coins."""
    stamp = np.zeros((3, 3), np.bool_)
    if rng.uniform() < 0.5:
        stamp = rng.uniform(size=(3, 3)) < 0.5
    stamp[1, 1] |= not stamp.any()
    return stamp


def _summed(hits: Counts, size: int) -> Counts:
    """Counts of a smaller picture, (size, size), from those of one whose side is a multiple."""
    cell = len(hits) // size
    lines: Counts = hits.reshape(size, cell, -1).sum(1, dtype=np.int32)
    total: Counts = lines.reshape(size, size, cell).sum(2, dtype=np.int32)
    return total


def _stamped(hits: Counts, stamp: NDArray[np.bool_]) -> Counts:
    """Sum of the counts shifted to each cell of the stamp."""
    size = len(hits)
    padded = np.zeros((size + 2, size + 2), np.int32)
    padded[1:-1, 1:-1] = hits
    total = np.zeros_like(hits)
    for y, x in np.argwhere(stamp):
        total += padded[2 - y : 2 - y + size, 2 - x : 2 - x + size]
    return total


def _turned(plane: NDArray[Any], turns: tuple[bool, bool, bool]) -> NDArray[Any]:
    """A plane (S, S), transposed and flipped."""
    transposed, upside_down, mirrored = turns
    plane = plane.T if transposed else plane
    return plane[:: -1 if upside_down else 1, :: -1 if mirrored else 1]


def _neighbour_weight(sigma: float) -> int:
    """Of a Gaussian kernel of three taps, in 256ths."""
    tail = np.exp(-0.5 / sigma**2)
    return round(256 * float(tail / (1 + 2 * tail)))


def _blurred(picture: Picture, weight: int) -> Picture:
    """Three taps along both axes in whole numbers; the rim repeats itself."""
    wide = picture.astype(np.uint16)
    for axis in (0, 1):
        lines = wide.swapaxes(0, axis)
        beside = lines * np.uint16(weight)
        lines *= np.uint16(256 - 2 * weight)
        lines[1:] += beside[:-1]
        lines[:-1] += beside[1:]
        lines[0] += beside[0]
        lines[-1] += beside[-1]
        lines += np.uint16(128)
        lines >>= np.uint16(8)
    return wide.astype(np.uint8)


def _candidate(rng: np.random.Generator, index: int) -> Render:
    """A candidate to be drawn at any size."""
    return partial(render, draw_recipe(rng))


LIMITS = Limits((), FULL_PICTURE.small, ())
"""What a foreground of its own and a background leave to judge: structure at 36 pixels."""

IFS = Generator(set_id=2, version=1, draw=_candidate, limits=LIMITS)
