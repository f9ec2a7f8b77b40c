"""Escape-time orbit traps: Julia and Mandelbrot-type sets, coloured by the distance to a shape.

The fractal part of the mixing set of Huang et al., "IPMix: Label-Preserving Data Augmentation
Method for Training Robust Classifiers", NeurIPS 2023, appendix E; the paper names the kind of
picture, the recipe is our own.
"""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.families import FAMILIES, boundary_parameter
from augmentations.mixing_sets.palettes import colour, draw_palette
from augmentations.mixing_sets.traps import TRAPS, Trap

Floats = NDArray[np.float32]
MODES = ("trap", "shaded escape", "blend")
_BAILOUT = 64.0
_PERIODS = 24  # cycles of length 1, 2, 3, 4, 6, 8, 12 and 24 are recognised
_DEAD_SHARE = 0.1  # finished orbits are carried along until they are this share
_CYCLE = 1e-5  # orbits that moved less than this over _PERIODS steps draw nothing new


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
    """Iterate all pixels.

    Returns:
        Smallest trap distance from the second step on, and smooth escape count (the number of steps
        where the orbit stays): (size * size,) float32 each.
    """
    family = FAMILIES[recipe.family]
    px, py = _window(recipe, size)
    nearest = np.full(size * size, np.inf, np.float32)
    escape = np.full(size * size, recipe.steps, np.float32)
    where = np.arange(size * size)
    orbit = _start(recipe, px, py)  # rows: x, y, nearest, x and y of a while ago, [c]
    dead = 0
    for n in range(1, recipe.steps + 1):
        x, y = family.step(orbit[0], orbit[1])
        x += recipe.c[0] if recipe.julia else orbit[5]
        y += recipe.c[1] if recipe.julia else orbit[6]
        orbit[0], orbit[1] = x, y
        if n >= 2:
            np.fmin(orbit[2], recipe.trap.distance(x, y), out=orbit[2])
        norm = x * x + y * y
        done = np.flatnonzero(norm > _BAILOUT**2)
        if done.size:
            escape[where[done]] = n + 1 - _overshoot(norm[done], family.degree)
        if n % _PERIODS == 0:
            moved = np.maximum(np.abs(x - orbit[3]), np.abs(y - orbit[4]))
            done = np.append(done, np.flatnonzero(moved < _CYCLE))
            orbit[3:5] = orbit[:2]
        nearest[where[done]] = orbit[2, done]
        orbit[0, done] = np.nan  # out of the game: every later comparison is false
        dead += done.size
        if dead > _DEAD_SHARE * where.size:
            live = np.flatnonzero(orbit[0] == orbit[0])
            orbit, where, dead = orbit.take(live, axis=1), where[live], 0
        if not where.size:
            break
    live = orbit[0] == orbit[0]
    nearest[where[live]] = orbit[2, live]
    return nearest, escape


def _start(recipe: Recipe, px: Floats, py: Floats) -> Floats:
    """Rows of state before the first step: (5, P) float32 for Julia sets, else (7, P)."""
    far = np.full_like(px, np.inf)
    if recipe.julia:
        return np.stack((px, py, far, far, far))
    zero = np.zeros_like(px)
    return np.stack((zero, zero, far, far, far, px, py))


def _overshoot(norm: Floats, degree: int) -> Floats:
    """Fraction of a step by which orbits of squared modulus ``norm`` passed the bailout radius."""
    logs: Floats = np.log(norm)
    passed: Floats = np.log(logs / (2 * math.log(_BAILOUT)))
    return passed / math.log(degree)


def _window(recipe: Recipe, size: int) -> tuple[Floats, Floats]:
    """Real and imaginary part of the pixel centres: (size * size,) float32 each."""
    line = ((np.arange(size) + 0.5) / size - 0.5) * recipe.width
    u, v = np.tile(line, size), np.repeat(line, size)
    cos, sin = np.cos(recipe.angle), np.sin(recipe.angle)
    x, y = recipe.centre[0] + cos * u - sin * v, recipe.centre[1] + sin * u + cos * v
    return x.astype(np.float32), y.astype(np.float32)


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
