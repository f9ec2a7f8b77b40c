"""Noise with the power spectrum of natural images, but for its random slope.

Baradad et al., "Learning to See by Looking at Noise", NeurIPS 2021, section 3 ("stat-spectrum").
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.quality import (
    Limit,
    Limits,
    coherence,
    contrast,
    entropy,
    fineness,
    gradient,
)

Doubles = NDArray[np.float64]
SLOPES = (0.5, 3.5)
_UNEVEN = 0.05  # standard deviation of the difference between the slopes of the two axes, halved
_COLOURS = (3, 22)
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIXERS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)


@dataclass(frozen=True)
class Recipe:
    """Everything that is random about a picture.

    Attributes:
        slopes: Exponents of the amplitude along x and y.
        channels: (3, 3) float64 matrix from independent fields of variance 1 to RGB.
        key: 64 bits, from which the phase of each frequency follows.
    """

    slopes: tuple[float, float]
    channels: Doubles
    key: int


def draw_recipe(rng: np.random.Generator) -> Recipe:
    """Draw a slope of 0.5 to 3.5, nearly equal for both axes, and colours that go together."""
    slope, uneven = rng.uniform(*SLOPES), _UNEVEN * rng.standard_normal()
    channels = palette_root(rng)
    return Recipe((slope + uneven, slope - uneven), channels, int(rng.integers(2**63)))


def palette_root(rng: np.random.Generator) -> Doubles:
    """A (3, 3) root of the channel covariance of 3 to 22 random colours in random proportions.

    The eigenvectors alone, as in the description, would leave independent channels independent;
    they are scaled by the standard deviations. The authors' blur of the palette is left out.
    """
    count = int(rng.integers(_COLOURS[0], _COLOURS[1] + 1))
    colours, shares = rng.uniform(size=(count, 3)), rng.dirichlet(np.ones(count))
    centred = colours - shares @ colours
    variances, vectors = np.linalg.eigh(centred.T @ (shares[:, None] * centred))
    root: Doubles = vectors * np.sqrt(variances.clip(0))
    return root


def render(recipe: Recipe, size: int) -> Picture:
    """Draw a recipe: (size, size, 3) uint8 whose darkest value is 0 and whose brightest is 255.

    A larger picture has the frequencies of a smaller one, and higher ones.
    """
    fields = draw_fields(recipe.key, size, recipe.slopes)
    rgb = np.tensordot(fields, recipe.channels, axes=(0, 1))
    rgb -= rgb.min()
    levels: Picture = (rgb * (255 / rgb.max()) + 0.5).astype(np.uint8)
    return levels


def draw_fields(key: int, size: int, slopes: tuple[float, float]) -> Doubles:
    """Three independent fields of mean 0 and variance 1: (3, size, size) float64."""
    wave = amplitude(slopes, size) * np.exp(2j * np.pi * _phases(key, size))
    fields: Doubles = np.fft.irfft2(wave, (size, size))
    fields /= fields.std((1, 2), keepdims=True)
    return fields


def amplitude(slopes: tuple[float, float], size: int) -> Doubles:
    """1 / (|fx|^a + |fy|^b) for frequencies in cycles per picture, without a mean.

    Not radial: the axes are bright, which shows as faint horizontal and vertical streaks.

    Args:
        slopes: Exponents a and b.
        size: Side of the picture in pixels.

    Returns:
        (size, size // 2 + 1) float64 in the order of ``numpy.fft.rfft2``.
    """
    fx, fy = _frequencies(size)
    falling: Doubles = 1 / (fx ** slopes[0] + np.abs(fy)[:, None] ** slopes[1] + 1e-16)
    falling[0, 0] = 0.0
    return falling


def _frequencies(size: int) -> tuple[Doubles, Doubles]:
    """Whole frequencies along x (not negative) and y."""
    half = size // 2
    fx = np.arange(half + 1, dtype=np.float64)
    return fx, np.fft.ifftshift(np.arange(size, dtype=np.float64) - half)


def _phases(key: int, size: int) -> Doubles:
    """Phases in turns: (3, size, size // 2 + 1) float64, a hash of channel and frequency.

    Fixing them by frequency makes a picture show the same motif at every size. In the columns that
    hold a frequency and its mirror image, the two are opposite, as those of any real picture.
    """
    fx, fy = (line.astype(np.int64).astype(np.uint64) for line in _frequencies(size))
    number = (np.arange(3, dtype=np.uint64)[:, None, None] << np.uint64(40)) + (
        ((fy[:, None] & np.uint64(0xFFFFF)) << np.uint64(20)) + fx
    )
    bits = np.uint64(key) + (number + np.uint64(1)) * _GAMMA
    for shift, factor in _MIXERS:
        bits = (bits ^ (bits >> shift)) * factor
    turns = ((bits ^ (bits >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    half = (size - 1) // 2
    for column in (0, size // 2) if size % 2 == 0 else (0,):
        turns[:, -half:, column] = -turns[:, half:0:-1, column]
    return turns


def _candidate(rng: np.random.Generator, index: int) -> Render:
    """A candidate, to be drawn at any size."""
    return partial(render, draw_recipe(rng))


_LARGE = (
    Limit(entropy, low=4.5),
    Limit(gradient, low=2.0),  # a few blurred blobs: slopes above 2
    Limit(coherence, high=0.65),
    Limit(fineness, high=0.35),  # dust: slopes below 0.8
)
_SMALL = (Limit(contrast, low=12.0), Limit(gradient, low=6.0), Limit(coherence, high=0.65))
_THUMBNAIL = (Limit(entropy, low=4.5), Limit(gradient, low=5.0), Limit(coherence, high=0.65))
LIMITS = Limits(large=_LARGE, small=_SMALL, thumbnail=_THUMBNAIL)
"""Smoothness belongs to the kind; what is left are slopes of about 0.9 to 2.1."""
SPECTRUM = Generator(set_id=6, version=1, draw=_candidate, limits=LIMITS)
