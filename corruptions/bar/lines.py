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
    for line in range(count):
        start, end = starts[:, line], ends[:, line]
        rows, columns = (
            _span(start[:, axis], end[:, axis], side) for axis, side in enumerate((height, width))
        )
        coverage = _coverage(start, end, rows, columns)
        hit = np.nonzero(coverage)
        share = coverage[hit][:, None]
        pixels = result[:, rows, columns]
        pixels[hit] = (1.0 - share) * pixels[hit] + share * GREY
    return result


def _span(starts: NDArray[np.int64], ends: NDArray[np.int64], length: int) -> slice:
    """The part of an axis that the lines from ``starts`` to ``ends`` (N,) reach."""
    first = np.minimum(starts, ends).min(initial=length)
    last = np.maximum(starts, ends).max(initial=-1)
    return slice(max(int(first), 0), min(int(last) + 1, length))


def _coverage(
    starts: NDArray[np.int64], ends: NDArray[np.int64], rows: slice, columns: slice
) -> Floats:
    """How much an anti-aliased line covers each pixel: 1 less the distance, if that is below 1.

    This is what scikit-image's ``line_aa``, which the authors call, comes to: it visits just the
    pixels at a distance below 1 from the line, within the rectangle of the line's end points.

    Args:
        starts: (N, 2) row and column of one end of a line in each image, maybe outside.
        ends: (N, 2) of the other.
        rows: The R rows of the image to look at, with explicit start and stop.
        columns: The C columns.

    Returns:
        (N, R, C) float64 in [0, 1].
    """
    steps = (ends - starts)[:, :, None, None]
    down = np.arange(rows.start, rows.stop)[:, None] - starts[:, :1, None]
    right = np.arange(columns.start, columns.stop) - starts[:, 1:, None]
    cross = (steps[:, 1] * down - steps[:, 0] * right).astype(np.float64)
    length = np.sqrt((steps**2).sum(axis=1).astype(np.float64))
    coverage = np.abs(cross, out=cross)
    coverage /= np.maximum(length, 1.0)
    np.subtract(1.0, coverage, out=coverage)
    coverage *= _between(down, steps[:, 0]) & _between(right, steps[:, 1])
    return np.maximum(coverage, 0.0, out=coverage)


def _between(steps: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether steps from the start of a line stay between it and its end, in one coordinate."""
    return (np.minimum(last, 0) <= steps) & (steps <= np.maximum(last, 0))
