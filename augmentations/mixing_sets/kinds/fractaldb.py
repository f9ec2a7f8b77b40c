"""FractalDB: attractors of unconstrained random affine maps, a new random stamp at every point.

Kataoka et al., "Pre-training without Natural Images", ACCV 2020: 1,000 categories found by search,
25 weight vectors each, grey on black.
"""

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.kinds.chaos_game import (
    Choices,
    Doubles,
    Floats,
    choice_table,
    count,
    play,
)
from augmentations.mixing_sets.kinds.coverage import fill
from augmentations.mixing_sets.quality import FULL_PICTURE, Limit, Limits

CATEGORIES, INSTANCES = 1000, 25
GREY, HUES = 127, 128
_SET_ID = 3
_FACTORS = (0.2, 0.6, 1.4, 1.8)
_SEARCHED, _FILLED = 512, 0.2
_PILOT_ORBITS, _PILOT_SIZE, _PILOT_FILLED = 100, 64, 0.25
_MARGIN = 6 / 362
_DENSITY = 100_000 / 256**2  # the 200,000 on 362 x 362 of the published pictures


@dataclass(frozen=True)
class Category:
    """One attractor.

    Attributes:
        maps: (n, 6) float64, as ``chaos_game.play`` takes them.
        table: Which of them 12 random bits choose, (4096,) uint8.
    """

    maps: Doubles
    table: Choices


@dataclass(frozen=True)
class Recipe:
    """Everything that is random about a picture.

    Attributes:
        instance: A category after its weight vector.
        seed: Decides points and stamps.
        points: The first 100,000.
        mirrored: Whether the picture is flipped along y and along x.
    """

    instance: Category
    seed: int
    points: Floats
    mirrored: tuple[bool, bool]


@cache
def category(index: int) -> Category:
    """Find a category: the first random system whose 100,000 points fill a fifth of 512 x 512.

    Systems have 2 to 7 maps with all parameters U(-1, 1), chosen in proportion to |det|; one in
    about forty passes.

    Args:
        index: Number of the category; nothing else decides.
    """
    rng = np.random.default_rng(np.random.SeedSequence([_SET_ID, index]))
    while True:
        maps = rng.uniform(-1, 1, (int(rng.integers(2, 8)), 6))
        found = Category(
            maps, choice_table(np.abs(maps[:, 0] * maps[:, 3] - maps[:, 1] * maps[:, 2]))
        )
        seed = int(rng.integers(2**63))
        if fills(_play(found, seed, _PILOT_ORBITS), _PILOT_SIZE) < _PILOT_FILLED:
            continue  # found to lose none of those that pass below
        if fills(_play(found, seed), _SEARCHED) >= _FILLED:
            return found


def weight_vector(number: int) -> Doubles:
    """Factors of the parameters of every map: (6,); 0 is all ones, 1 to 24 change one of them."""
    weights = np.ones(6)
    if number:
        weights[(number - 1) // 4] = _FACTORS[(number - 1) % 4]
    return weights


def fills(points: Floats, size: int) -> float:
    """Share of a picture's pixels that points set; 0 where they are not finite or on a line."""
    if not _is_plane(points):
        return 0.0
    return fill(count(points, _frame(points, 6 / _SEARCHED), size))


def draw_recipe(rng: np.random.Generator) -> Recipe:
    """An instance of one of 1,000 categories, flipped along each axis with probability 1/2."""
    while True:
        chosen = category(int(rng.integers(CATEGORIES)))
        weights = weight_vector(int(rng.integers(INSTANCES)))
        instance = Category(chosen.maps * weights, chosen.table)
        seed = int(rng.integers(2**62))
        points = _play(instance, seed)
        if _is_plane(points):
            return Recipe(instance, seed, points, (rng.uniform() < 0.5, rng.uniform() < 0.5))


def render(recipe: Recipe, size: int) -> Picture:
    """Draw a recipe, grey 127 on black: (size, size, 3) uint8."""
    marks = _marks(recipe, size, np.full(HUES, GREY, np.uint8))
    return np.repeat(marks[..., None], 3, axis=-1)


def render_colour(recipe: Recipe, size: int) -> Picture:
    """Draw a recipe in hues that run around with the number of the point: (size, size, 3) uint8."""
    table = np.vstack((np.zeros((1, 3), np.uint8), _hues()))
    return table[_marks(recipe, size, np.arange(1, HUES + 1, dtype=np.uint8))]


def _play(system: Category, seed: int, orbits: int = 2_000) -> Floats:
    """Points from the origin on: (2, 50 orbits) float32."""
    return play(system.maps, system.table, seed, (0.0, 0.0), orbits)


def _is_plane(points: Floats) -> bool:
    """Whether the points are finite and differ along both axes."""
    low, high = points.min(1), points.max(1)
    return bool(np.isfinite(low).all() and np.isfinite(high).all() and (high - low > 1e-6).all())


def _frame(points: Floats, margin: float) -> tuple[float, float, float, float]:
    """Left, top, width and height of the bounding box and a margin, a share of the picture."""
    low, high = points.min(1).astype(np.float64), points.max(1).astype(np.float64)
    width, height = (high - low) / (1 - 2 * margin)
    return (
        float(low[0] - margin * width),
        float(low[1] - margin * height),
        float(width),
        float(height),
    )


def _marks(recipe: Recipe, size: int, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stamp point i with value i mod 128, later ones over earlier ones: (size, size)."""
    points = _points(recipe, round(_DENSITY * size**2))
    left, top, width, height = _frame(recipe.points, _MARGIN)
    column = ((points[0] - left) * (size / width)).astype(np.int64)
    row = ((points[1] - top) * (size / height)).astype(np.int64)
    inside = np.flatnonzero((column >= 0) & (column < size) & (row >= 0) & (row < size))
    raw = np.random.SFC64(recipe.seed).random_raw(points.shape[1] // 4 + 1).view(np.uint16)
    stamps, values = raw[inside] % 511 + 1, values[inside % HUES]
    pixel, pitch = row[inside] * (size + 2) + column[inside], size + 2
    canvas = np.zeros(pitch**2, np.uint8)
    for bit in range(9):
        chosen = np.flatnonzero(stamps >> bit & 1)
        canvas[pixel[chosen] + bit // 3 * pitch + bit % 3] = values[chosen]
    upside_down, mirrored = recipe.mirrored
    inner = canvas.reshape(pitch, pitch)[1:-1, 1:-1]
    return inner[:: -1 if upside_down else 1, :: -1 if mirrored else 1]


def _points(recipe: Recipe, number: int) -> Floats:
    """So many points: (2, number) float32."""
    parts = [recipe.points]
    while sum(part.shape[1] for part in parts) < number:
        parts.append(_play(recipe.instance, recipe.seed + len(parts)))
    return np.hstack(parts)[:, :number]


def _hues() -> Picture:
    """128 hues of saturation and intensity 0.75, clipped to what RGB can show: (128, 3) uint8."""
    sector, within = np.divmod(3 * np.arange(HUES) / HUES, 1)
    angle = within * 2 * np.pi / 3
    first = 0.75 * (1 + 0.75 * np.cos(angle) / np.cos(np.pi / 3 - angle))
    last = np.full(HUES, 0.75 * 0.25)
    turned = np.stack((first, 3 * 0.75 - first - last, last), 1)
    channels = (np.arange(3) - sector[:, None].astype(np.int64)) % 3
    rgb = np.take_along_axis(turned, channels, axis=1)
    return (rgb.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def _candidate(rng: np.random.Generator, index: int) -> Render:
    """A candidate to be drawn at any size."""
    return partial(render, draw_recipe(rng))


LIMITS = Limits(
    large=(Limit(fill, low=0.2),), small=FULL_PICTURE.small, thumbnail=(Limit(fill, low=0.2),)
)
"""Two shades have hardly any entropy, and black is no fault, but not alone."""

FRACTALDB = Generator(set_id=_SET_ID, version=1, draw=_candidate, limits=LIMITS)
