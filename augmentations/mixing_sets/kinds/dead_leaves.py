"""Dead leaves: opaque shapes of random size and colour that fall until nothing is left bare.

Baradad et al., "Learning to See by Looking at Noise", NeurIPS 2021, section 3 ("dead leaves,
mixed"); the model goes back to Matheron, and its scale invariance for sizes of density r^-3 to Lee,
Mumford & Huang, "Occlusion Models for Natural Images", IJCV 2001.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.quality import FULL_PICTURE, Limit, entropy

Doubles = NDArray[np.float64]
SHAPES = ("circle", "square", "turned square", "rectangle", "triangle", "quadrilateral")
MOST = 5_000
"""Leaves, if that many are needed."""
RADII: Doubles = np.linspace(0.03, 1.0, 200)
_CUMULATIVE: Doubles = np.cumsum(RADII**-3 - 1)
_CUMULATIVE /= _CUMULATIVE[-1]
_QUARTERS: Doubles = np.pi / 4 * np.array((1.0, 3.0, 5.0, 7.0))


@dataclass(frozen=True)
class Recipe:
    """Everything that is random about a picture, in the order in which leaves fall.

    Attributes:
        radius: (5000,) circumradius as a share of the picture's side.
        centre: (5000, 2) x and y in [0, 1).
        shape: (5000,) index into ``SHAPES``.
        angles: (5000, 4) in [0, 2 pi); each shape takes as many as it needs.
        colour: (5000, 3) uint8, 0 to 254.
    """

    radius: Doubles
    centre: Doubles
    shape: NDArray[np.int64]
    angles: Doubles
    colour: NDArray[np.uint8]


def draw_recipe(rng: np.random.Generator, shapes: tuple[str, ...] = SHAPES) -> Recipe:
    """Draw 5,000 leaves, each of one of the given shapes with equal probability."""
    known = np.array([SHAPES.index(shape) for shape in shapes])
    return Recipe(
        radius=draw_radii(rng, MOST),
        centre=rng.uniform(size=(MOST, 2)),
        shape=known[rng.integers(len(known), size=MOST)],
        angles=rng.uniform(0.0, 2 * np.pi, (MOST, 4)),
        colour=rng.integers(0, 255, (MOST, 3), dtype=np.uint8),
    )


def draw_radii(rng: np.random.Generator, count: int) -> Doubles:
    """Radii of weights r^-3 - 1: the ``RADII`` whose cumulated weight is nearest to U(0, 1)."""
    middles = (_CUMULATIVE[1:] + _CUMULATIVE[:-1]) / 2
    radii: Doubles = RADII[np.searchsorted(middles, rng.uniform(size=count))]
    return radii


def render(recipe: Recipe, size: int) -> Picture:
    """Draw leaves, later ones on top, until every pixel is covered: (size, size, 3) uint8.

    There is no antialiasing. A leaf has a radius of at least a pixel.
    """
    return _table(recipe)[fall(recipe, size)]


def fall(recipe: Recipe, size: int) -> NDArray[np.int32]:
    """Which leaf is seen where.

    Returns:
        (size, size) int32: 1 + number of the leaf, 0 where 5,000 leaves leave a pixel bare.
    """
    ground = Image.new("I", (size, size), 0)
    pen = ImageDraw.Draw(ground)
    radii = np.maximum(recipe.radius * size, 1.0)
    centres = np.floor(recipe.centre * size)
    outlines = _outlines(recipe, radii) + centres[:, None, :]
    middles, lengths = centres.tolist(), radii.tolist()
    bare = (0, 0)  # only when a leaf hides this pixel can it have been the last bare one
    for number, shape in enumerate(recipe.shape.tolist()):
        if shape == 0:
            pen.circle(middles[number], lengths[number], fill=number + 1)
        else:
            corners = outlines[number, : 3 if shape == 4 else 4]
            pen.polygon(corners.ravel().tolist(), fill=number + 1)
        if ground.getpixel(bare):
            empty = np.flatnonzero(np.asarray(ground) == 0)
            if not empty.size:
                break
            row, column = divmod(int(empty[0]), size)
            bare = (column, row)
    return np.asarray(ground, np.int32)


def _outlines(recipe: Recipe, radii: Doubles) -> Doubles:
    """Corners relative to the centre: (5000, 4, 2); a triangle's are the first three."""
    square, turned, rectangle, triangle, free = (recipe.shape == kind for kind in range(1, 6))
    first, angles = recipe.angles[:, :1], recipe.angles.copy()
    flat = first[rectangle] / 4
    angles[square] = _QUARTERS
    angles[turned] = first[turned] + _QUARTERS
    angles[rectangle] = np.concatenate((flat, np.pi - flat, np.pi + flat, -flat), axis=1)
    angles[triangle, :3] = np.sort(angles[triangle, :3], axis=1)
    angles[free] = np.sort(angles[free], axis=1)
    corners: Doubles = radii[:, None, None] * np.stack((np.cos(angles), np.sin(angles)), axis=2)
    return corners


def _table(recipe: Recipe) -> Picture:
    """Colour by number of leaf, black for the ground: (5001, 3) uint8."""
    return np.concatenate((np.zeros((1, 3), np.uint8), recipe.colour))


def _candidate(rng: np.random.Generator, index: int) -> Render:
    """A candidate, to be drawn at any size."""
    return partial(render, draw_recipe(rng))


# Fewer leaves fit into a thumbnail, hence fewer shades.
_THUMBNAIL = (Limit(entropy, low=4.1), *FULL_PICTURE.thumbnail[1:])
LIMITS = replace(FULL_PICTURE, thumbnail=_THUMBNAIL)
DEAD_LEAVES = Generator(set_id=5, version=1, draw=_candidate, limits=LIMITS)
