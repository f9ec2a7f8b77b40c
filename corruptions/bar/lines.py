"""The C-bar corruption by thin grey lines."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corruptions.bar.base import private_rngs
from corruptions.base import Floats, Images, Rng

GREY = 128.0


def lines(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Draw straight grey lines over the image, in directions around a common one.

    Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
    Robustness", NeurIPS 2021. Lines reach one side of the image to each way of a random point and
    are blended in one after the other, each truncated to whole levels. Of oblong images the
    shorter side sets the number of lines, the longer one their length.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The number of lines is 0.1 times this times the side, rounded down.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    _, height, width, _ = images.shape
    count = int(0.1 * magnitude * min(height, width))
    spans = np.array([rng.uniform((0.0, 0.1), (2.0 * np.pi, 1.0)) for rng in rngs]).reshape(-1, 2)
    places = [rng.random_sample((count, 3)) for rng in private_rngs(rngs)]
    draws = np.array(places).reshape(len(images), count, 3)
    angles = spans[:, :1] + 2.0 * np.pi * spans[:, 1:] * (draws[..., 2] - 0.5)
    reach = max(height, width) * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    centres = draws[..., :2] * (height, width)
    starts, ends = (centres - reach).astype(np.int64), (centres + reach).astype(np.int64)
    result = images.copy()
    pixels = result.reshape(-1, 3)
    for line in range(count):
        coverage = _coverage(starts[:, line], ends[:, line], height, width).ravel()
        hit = np.flatnonzero(coverage)
        share = coverage[hit, None]
        pixels[hit] = (1.0 - share) * pixels[hit] + share * GREY
    return result


def _coverage(
    starts: NDArray[np.int64], ends: NDArray[np.int64], height: int, width: int
) -> Floats:
    """How much an anti-aliased line covers each pixel: 1 less the distance, if that is below 1.

    This is what scikit-image's ``line_aa``, which the authors call, comes to: it visits just the
    pixels at a distance below 1 from the line, within the rectangle of the line's end points.

    Args:
        starts: (N, 2) row and column of one end of a line in each image, maybe outside.
        ends: (N, 2) of the other.
        height: H.
        width: W.

    Returns:
        (N, H, W) float64 in [0, 1].
    """
    steps = (ends - starts)[:, :, None, None]
    rows = np.arange(height)[:, None] - starts[:, :1, None]
    columns = np.arange(width) - starts[:, 1:, None]
    cross = (steps[:, 1] * rows - steps[:, 0] * columns).astype(np.float64)
    length = np.sqrt((steps**2).sum(axis=1).astype(np.float64))
    coverage = np.abs(cross, out=cross)
    coverage /= np.maximum(length, 1.0)
    np.subtract(1.0, coverage, out=coverage)
    coverage *= _between(rows, steps[:, 0]) & _between(columns, steps[:, 1])
    return np.maximum(coverage, 0.0, out=coverage)


def _between(steps: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether steps from the start of a line stay between it and its end, in one coordinate."""
    return (np.minimum(last, 0) <= steps) & (steps <= np.maximum(last, 0))
