"""Radial contours: ragged closed lines that grow outwards from a point, in grey on white.

Kataoka et al., "Replacing Labeled Real-Image Datasets with Auto-Generated Contours", CVPR 2022,
with the distributions of its RCDB. Every picture is a category of its own. Deviation: pictures
whose contours leave the frame almost empty are rejected (``LIMITS``), the authors keep them.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.kinds.perlin_noise import perlin
from augmentations.mixing_sets.quality import (
    Grey,
    Limit,
    Limits,
    coherence,
    contrast,
    flatness,
    gradient,
    shrink,
)

Doubles = NDArray[np.float64]
CANVAS = 512
"""Side of the authors' canvas; lengths of a ``Recipe`` are pixels of it."""
_POSITIONS = 10_000.0  # noise is read at random places of a line so long
_SLOPES = 256
_WHITE = 255


@dataclass(frozen=True)
class Recipe:
    """Everything that is random about a picture; lengths in pixels of a canvas of 512.

    Attributes:
        radius: Of the ellipse from which contours grow.
        ovality: Factors on its radius along x and y.
        centre: Its middle, (x, y).
        amplitude: Half the largest step outwards from one contour to the next, without ``width``.
        width: Part of the step that every vertex makes.
        greys: (L,) shade of each contour, 0 to 255.
        noise: (L, V, 2) Perlin noise in [-0.5, 0.5], per contour, vertex and axis.
    """

    radius: float
    ovality: tuple[float, float]
    centre: tuple[float, float]
    amplitude: float
    width: float
    greys: tuple[int, ...]
    noise: Doubles


def draw_recipe(rng: np.random.Generator) -> Recipe:
    """Draw a category and one instance of it: 3 to 200 vertices, 1 to 200 contours."""
    vertices, lines = _vertices(rng), int(rng.integers(1, 201))
    amplitude, width = rng.uniform(0.0, 4.0), rng.uniform(0.0, 0.1)
    radius = float(rng.integers(0, 101))
    ovality = rng.uniform(1.0, 2.0), rng.uniform(1.0, 2.0)
    x, y = (CANVAS + rng.integers(-400, 401, 2)) / 2
    greys = np.minimum(rng.integers(0, 257, lines), _WHITE)
    slopes = rng.choice((-1.0, 1.0), _SLOPES)
    noise = perlin(rng.uniform(0.0, _POSITIONS, (lines, vertices, 2)), slopes)
    return Recipe(
        radius, ovality, (float(x), float(y)), amplitude, width, tuple(greys.tolist()), noise
    )


def contours(recipe: Recipe) -> Doubles:
    """Vertices of all contours in the order of drawing.

    Returns:
        (L, V, 2) float64 (x, y) in pixels of the canvas; may lie outside of it.
    """
    vertices = recipe.noise.shape[1]
    theta = 2 * np.pi * np.arange(vertices) / vertices
    ray = np.stack((np.cos(theta), np.sin(theta)), axis=1)
    start = np.array(recipe.centre) + recipe.radius * np.array(recipe.ovality) * ray
    step = recipe.amplitude * (2 * recipe.noise - 1) - recipe.width  # towards the centre: negative
    lines: Doubles = start - ray * np.cumsum(step, axis=0)
    return lines


def render(recipe: Recipe, size: int) -> Picture:
    """Draw a recipe: (size, size, 3) uint8, three equal channels.

    Lines are one pixel wide on a canvas of 512 or, where that is larger, of ``size``; a larger
    canvas is reduced with antialiasing.
    """
    side = max(size, CANVAS)
    canvas = Image.new("L", (side, side), _WHITE)
    pen = ImageDraw.Draw(canvas)
    lines = contours(recipe) * (side / CANVAS)
    closed = np.concatenate((lines, lines[:, :1]), axis=1).reshape(len(lines), -1)
    for grey, line in zip(recipe.greys, closed.tolist(), strict=True):
        pen.line(line, fill=grey)
    return np.repeat(shrink(np.asarray(canvas), size)[:, :, None], 3, axis=2)


def coverage(grey: Grey) -> float:
    """Share of pixels that are visibly not white."""
    return float((grey < 250).mean())


def _vertices(rng: np.random.Generator) -> int:
    """Whole part of an exponential variable of mean 100, given that it lies in 3 to 200."""
    while True:
        vertices = int(rng.exponential(100.0))
        if 3 <= vertices <= 200:
            return vertices


def _candidate(rng: np.random.Generator, index: int) -> Render:
    """A candidate, to be drawn at any size."""
    return partial(render, draw_recipe(rng))


_COVERED = Limit(coverage, low=0.05)
_SMALL = (Limit(contrast, low=12.0), Limit(gradient, low=8.0), Limit(coherence, high=0.65))
_SPREAD = Limit(flatness, high=0.7)  # a small ring in a void
LIMITS = Limits(large=(_COVERED, _SPREAD), small=_SMALL, thumbnail=(_COVERED, _SPREAD))
"""A white ground is part of the kind; what is on it has to survive the CIFAR scale."""
RCDB = Generator(set_id=4, version=1, draw=_candidate, limits=LIMITS)
