"""Escape-time orbit traps: Julia and Mandelbrot-type sets, coloured by the distance to a shape.

The fractal part of the mixing set of Huang et al., "IPMix: Label-Preserving Data Augmentation
Method for Training Robust Classifiers", NeurIPS 2023, appendix E; the paper names the kind of
picture, the recipe is our own.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.kinds.families import FAMILIES, boundary_parameter
from augmentations.mixing_sets.kinds.orbits import trace
from augmentations.mixing_sets.kinds.palettes import colour, draw_palette
from augmentations.mixing_sets.kinds.traps import TRAPS, Trap

Floats = NDArray[np.float32]
MODES = ("trap", "shaded escape", "blend")


@dataclass(frozen=True)
class Recipe:
    """Everything that is random about a picture.

    Attributes:
        family: Key of ``FAMILIES``.
        julia: Whether pixels are starting points (else parameters, with starting point 0).
        c: Parameter next to the family's boundary; the window's centre where not ``julia``.
        centre: Middle of the window.
        width: Side of the window in the complex plane.
        angle: Rotation of the window in radians.
        steps: Largest number of iterations.
        trap: The shape whose distance is drawn.
        mode: One of ``MODES``.
        palettes: Two colour maps, (1024, 3) float32 each.
        cycles: How often the trap field runs through its colour map.
    """

    family: str
    julia: bool
    c: tuple[float, float]
    centre: tuple[float, float]
    width: float
    angle: float
    steps: int
    trap: Trap
    mode: str
    palettes: tuple[Floats, Floats]
    cycles: int


def picture(rng: np.random.Generator, size: int) -> Picture:
    """A candidate of a uniformly drawn family, trap and mode: (size, size, 3) uint8, unscreened."""
    cell = int(rng.integers(len(FAMILIES) * len(TRAPS) * len(MODES)))
    return render(draw_recipe(rng, *stratum(cell)), size)


def stratum(index: int) -> tuple[str, str, str]:
    """Family, trap and mode of position ``index``.

    Any 108 consecutive positions hold each combination once, any 6 consecutive ones each family
    once and each mode twice.
    """
    rest, family = divmod(index, len(FAMILIES))
    layer, row = divmod(rest, len(TRAPS))
    trap = (row + family) % len(TRAPS)
    mode = (layer + 2 * row + family) % len(MODES)
    return tuple(FAMILIES)[family], TRAPS[trap], MODES[mode]


def draw_recipe(rng: np.random.Generator, family: str, trap: str, mode: str) -> Recipe:
    """Draw a picture's parameters: Julia sets with probability 0.65, else Mandelbrot-type ones."""
    julia = rng.uniform() < 0.65
    c = boundary_parameter(FAMILIES[family], rng)
    free = rng.normal(0.0, 0.25), rng.normal(0.0, 0.25)
    zoom = rng.uniform(-0.7, 0.5) if julia else rng.uniform(-3.0, 0.3)
    return Recipe(
        family,
        julia,
        c,
        centre=free if julia else c,
        width=10.0**zoom,
        angle=rng.uniform(0.0, 2 * np.pi),
        steps=int(rng.integers(60, 200)),
        trap=Trap.draw(rng, trap),
        mode=mode,
        palettes=(draw_palette(rng), draw_palette(rng)),
        cycles=int(rng.choice((1, 1, 2, 3))),
    )


def render(recipe: Recipe, size: int) -> Picture:
    """Draw a recipe: (size, size, 3) uint8."""
    nearest, escape = _orbits(recipe, size)
    trap = _ranks(-np.log(np.minimum(nearest, 1e6) + 1e-4))
    first, second = recipe.palettes
    if recipe.mode == "trap":
        rgb = colour(first, trap * recipe.cycles)
    elif recipe.mode == "shaded escape":
        shade: Floats = 0.35 + 0.65 * trap[:, None]
        rgb = colour(first, _unit(np.log1p(escape))) * shade
    else:
        rgb = 0.5 * (colour(first, trap) + colour(second, _ranks(escape)))
    return (rgb * 255 + 0.5).astype(np.uint8).reshape(size, size, 3)


def _orbits(recipe: Recipe, size: int) -> tuple[Floats, Floats]:
    """Smallest trap distance and smooth escape count of all pixels: (size * size,) float32 each."""
    window = _window(recipe, size)
    if recipe.julia:
        start, shift = window, np.array(recipe.c, np.float32)[:, None]
    else:
        start, shift = np.zeros((2, 1), np.float32), window
    return trace(recipe.family, recipe.trap, start, shift, recipe.steps)


def _window(recipe: Recipe, size: int) -> Floats:
    """Real and imaginary part of the pixel centres: (2, size * size) float32."""
    line = ((np.arange(size) + 0.5) / size - 0.5) * recipe.width
    u, v = np.tile(line, size), np.repeat(line, size)
    cos, sin = np.cos(recipe.angle), np.sin(recipe.angle)
    x, y = recipe.centre[0] + cos * u - sin * v, recipe.centre[1] + sin * u + cos * v
    return np.stack((x, y)).astype(np.float32)


def _ranks(values: Floats) -> Floats:
    """Mean rank, divided by the number of values: (P,) float32 in (0, 1); ties stay ties."""
    order = np.argsort(values)
    ordered = values[order]
    first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    counts = np.diff(np.append(first, len(values)))
    ranks = np.empty(len(values), np.float32)
    ranks[order] = np.repeat((first + counts / 2) / len(values), counts)
    return ranks


def _unit(values: Floats) -> Floats:
    """Values moved and scaled to [0, 1) as float32; constant fields become 0."""
    low, high = float(values.min()), float(values.max())
    return (values - low) * ((1 - 1e-6) / max(high - low, 1e-6))


def _candidate(rng: np.random.Generator, index: int) -> Render:
    """A candidate of the stratum of ``index``, to be drawn at any size."""
    return partial(render, draw_recipe(rng, *stratum(index)))


ORBIT_TRAPS = Generator(set_id=1, version=1, draw=_candidate)
