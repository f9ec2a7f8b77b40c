"""The C-bar corruption by turbulence of Perlin's gradient noise."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corruptions.bar.base import private_rngs
from corruptions.base import Floats, Images, Rng, freeze

OCTAVES = (1, 2, 4, 8, 16)
CELLS = 7
"""Lattice cells of the first octave along the shorter side."""


def perlin_noise(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Blend with a bright, turbulent pattern.

    Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
    Robustness", NeurIPS 2021. Oblong images have square cells, counted along the shorter side.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The weight of the pattern is 0.05 times this; 0 to 20.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.

    Raises:
        ValueError: The magnitude is not 0 to 20, so that a weight would be negative.
    """
    if not 0.0 <= magnitude <= 20.0:
        raise ValueError(f"magnitude must be 0 to 20, got {magnitude!r}")
    weight = 0.05 * magnitude
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image, rng in zip(result, images, private_rngs(rngs), strict=True):
        pattern = _turbulence(rng, *image.shape[:2])
        pattern *= 0.5
        pattern += 0.5
        np.clip(pattern, 0.0, 1.0, out=pattern)
        pattern *= 255.0 * weight
        # The authors scale the image in single precision, which decides ties.
        row[...] = np.float32(1.0 - weight) * image + pattern[..., None]
    return result


def _turbulence(rng: Rng, height: int, width: int) -> Floats:
    """The sum of the magnitudes of five octaves of gradient noise: (H, W), at least 0."""
    gradients, order = _tables(rng)
    total = np.zeros((height, width))
    for octave in OCTAVES:
        frequency = CELLS * octave / min(height, width)
        rows, columns = _axis(height, frequency), _axis(width, frequency)
        noise = _gradient_noise(gradients, order, rows, columns)
        np.abs(noise, out=noise)
        noise *= 1.5 / octave
        total += noise
    return total


def _gradient_noise(
    gradients: Floats, order: NDArray[np.int64], rows: Floats, columns: Floats
) -> Floats:
    """Perlin's noise on two axes: each a stack of weights and ramps, (2, pixels, lattice points).

    At a pixel a corner of its cell counts ``gradient . offset``, the corners weighed by a product
    of a row's and a column's weight: two products of matrices.
    """
    height, width = rows.shape[2], columns.shape[2]
    row_hash, column = order[np.arange(height) % 256], np.arange(width)
    corners = gradients[order[(row_hash[:, None] + column) % 256]]
    down = rows[1] @ corners[..., 0]
    across = rows[0] @ corners[..., 1]
    noise: Floats = down @ columns[0].T
    noise += across @ columns[1].T
    return noise


@lru_cache(maxsize=32)
def _axis(length: int, frequency: float) -> Floats:
    """How much each lattice point of one axis counts at each pixel.

    Args:
        length: Pixels.
        frequency: Cells per pixel.

    Returns:
        (2, length, lattice points) float64, read-only: Perlin's S-shaped weights, and the same
        times the pixel's offset from the lattice point, in cells.
    """
    position = np.arange(length) * frequency
    cell = np.floor(position).astype(np.int64)
    offset = position - cell
    weight = offset**2 * (3.0 - 2.0 * offset)
    pixel = np.arange(length)
    axis = np.zeros((2, length, int(cell[-1]) + 2))
    axis[0, pixel, cell] = 1.0 - weight
    axis[0, pixel, cell + 1] = weight
    axis[1, pixel, cell] = (1.0 - weight) * offset
    axis[1, pixel, cell + 1] = weight * (offset - 1.0)
    freeze(axis)
    return axis


def _tables(rng: Rng) -> tuple[Floats, NDArray[np.int64]]:
    """256 unit gradients (256, 2), and the permutation (256,) that scatters them.

    The authors draw 514 gradients, of which the permutation reaches 256. Where theirs has no
    length they divide by zero (one image in a thousand); here it stays zero.
    """
    vectors = rng.randint(0, 512, (514, 2))[:256] - 256.0
    length = np.hypot(vectors[:, :1], vectors[:, 1:])
    order = list(range(256))
    for last, other in zip(range(255, -1, -1), rng.randint(0, 256, 256).tolist(), strict=True):
        order[last], order[other] = order[other], order[last]
    return vectors / np.where(length > 0.0, length, 1.0), np.array(order)
