"""C-bar corruptions by flares: rays of light from a point, or darkness around one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corruptions.bar.base import private_rngs
from corruptions.base import Floats, Images, Rng

STRIP = 1 << 16  # weights that are computed at a time, to stay in the cache


class Flares(NamedTuple):
    """Rays around points.

    Args:
        centres: (K, 2) float64, row and column in pixels.
        counts: (K,) int64, the number of rays of each flare.
        starts: (K,) int64, the place of each flare's first ray in ``lengths``.
        lengths: float64, in pixels, flare after flare; the first two rays follow the last again.
    """

    centres: Floats
    counts: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: Floats


def sparkles(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Put five white flares on the image.

    Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
    Robustness", NeurIPS 2021. Of oblong images the shorter side is the one that counts.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The mean length of the rays is 0.01 sides times this.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    size = images.shape[1:3]
    centres = [rng.uniform(size=(5, 2)) * size for rng in rngs]
    radius = 0.01 * magnitude * min(size)
    result = np.empty_like(images)
    sources = zip(result, images, rngs, private_rngs(rngs), centres, strict=True)
    for out, image, rng, private, centre in sources:
        counts = rng.randint(50, 200, 5)
        lengths = np.maximum(_lengths(private, radius, counts), 1.0)
        for rows, weights in _strips(_flares(centre, counts, lengths), size, exponent=1.0):
            # The authors keep this picture in single precision.
            levels = image[rows].transpose(2, 0, 1).astype(np.float32)
            for weight in weights.astype(np.float32):
                levels += weight * (255.0 - levels)
            out[rows] = levels.transpose(1, 2, 0)
    return result


def inverse_sparkles(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Leave the image visible within one flare, and white around it.

    Mintun et al., NeurIPS 2021. Rays have a mean length of a quarter of the image's side; of
    oblong images the shorter one.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The image fades with the distance to the power of 0.26 times this.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    size = images.shape[1:3]
    centres = [rng.uniform(0.25, 0.75, (1, 2)) * size for rng in rngs]
    result = np.empty_like(images)
    sources = zip(result, images, rngs, private_rngs(rngs), centres, strict=True)
    for out, image, rng, private, centre in sources:
        counts = rng.randint(50, 200, 1)
        flare = _flares(centre, counts, _lengths(private, 0.25 * min(size), counts))
        for rows, weights in _strips(flare, size, 0.13 * magnitude):
            levels = image[rows].transpose(2, 0, 1) - 255.0
            levels *= weights
            levels += 255.0
            out[rows] = levels.transpose(1, 2, 0)
    return result


def _lengths(rng: Rng, radius: float, counts: NDArray[np.int64]) -> Floats:
    """The lengths of all rays of flares of this mean radius."""
    lengths: Floats = radius + 0.25 * radius * rng.normal(size=counts.sum())
    return lengths


def _flares(centres: Floats, counts: NDArray[np.int64], lengths: Floats) -> Flares:
    """Flares whose rays go round: ``lengths`` holds each ray once."""
    ends = counts.cumsum()
    starts = ends - counts
    closed = [
        part
        for start, end in zip(starts, ends, strict=True)
        for part in (lengths[start:end], lengths[start : start + 2])
    ]
    return Flares(centres, counts, starts + 2 * np.arange(len(counts)), np.concatenate(closed))


def _strips(
    flares: Flares, size: tuple[int, ...], exponent: float
) -> Iterator[tuple[slice, Floats]]:
    """Strips of rows of an image of this size, and the weights of the flares in them (K, R, W)."""
    height, width = size
    step = max(1, STRIP // (width * len(flares.counts)))
    for start in range(0, height, step):
        rows = slice(start, min(start + step, height))
        yield rows, _weights(flares, rows, width, exponent)


def _weights(flares: Flares, rows: slice, width: int, exponent: float) -> Floats:
    """How much light of each flare reaches the pixels of some rows: (K, R, W) in [0, 1].

    The squared ratio of a ray's length to the distance, to the power of ``exponent``; between two
    rays the length is interpolated, and the light is a quarter less on a ray than midway.
    """
    down = np.arange(rows.start, rows.stop)[:, None] - flares.centres[:, :1, None]
    down[down == 0.0] = 1e-300  # the direction then is right or left, whatever the sign
    right = np.arange(width) - flares.centres[:, 1:, None]
    counts = flares.counts[:, None, None]
    ray = np.arctan(right / down)
    ray *= counts / (2.0 * np.pi)
    ray += np.where(down > 0.0, 0.5 * counts, np.where(right >= 0.0, counts, 0.0))
    before = ray.astype(np.int64)
    share = np.subtract(ray, before, out=ray)
    before += flares.starts[:, None, None]
    start = flares.lengths[before]
    before += 1
    light = flares.lengths[before]
    light -= start
    light *= share
    light += start
    light *= light
    light /= down**2 + (right**2 + 1e-4)
    if exponent != 1.0:
        light **= exponent
    share -= 0.5
    share *= share
    light *= np.subtract(1.0, share, out=share)
    return np.minimum(light, 1.0, out=light)
