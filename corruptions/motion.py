"""Motion blur as ImageMagick computes it, without ImageMagick."""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, cos, hypot, radians, sin

import cv2
import numpy as np

from corruptions.base import Floats, Images

INVISIBLE = 2.0**-40  # of a tap's weight: all of them together move a value by 1e-9 levels


def motion_blur_images(
    images: Images, radius: float, sigma: float, angles: Sequence[float]
) -> Images:
    """Smear every image one way along a line; borders repeat the edge.

    As ImageMagick does with 16 bits a channel, between files of 8: each pixel is the mean of those
    on a line that starts at it, weighted by half a Gaussian. Pixels nearest to the line stand for
    it.

    Args:
        images: (N, H, W, C) uint8 with C of 1 or 3.
        radius: Of the Gaussian in pixels; its half has 2 * radius + 1 taps.
        sigma: Standard deviation of the Gaussian in pixels.
        angles: In which direction each image's pixels look, in degrees clockwise from rightwards.

    Returns:
        (N, H, W, C) uint8.

    Raises:
        ValueError: ``angles`` and ``images`` differ in length.
    """
    width = 2 * ceil(radius) + 1
    weights = _weights(width, sigma)
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image, angle in zip(result, images, angles, strict=True):
        row[...] = _smear(image, _taps(weights, width, angle))
    return result


@lru_cache(maxsize=32)
def _weights(width: int, sigma: float) -> tuple[float, ...]:
    """The visible ones of ``width`` taps of half a Gaussian, which all together sum to 1."""
    taps = np.exp(-(np.arange(width) ** 2) / (2.0 * sigma * sigma))
    taps /= taps.sum()
    return tuple(taps[taps >= INVISIBLE].tolist())


def _taps(weights: Sequence[float], width: int, angle: float) -> dict[tuple[int, int], float]:
    """(rows down, columns right) -> weight of the pixels nearest to a line, each pixel once."""
    down, right = sin(radians(angle)), cos(radians(angle))
    # The authors' pixels at 30 or 60 degrees, where places halve, hang on this division.
    down, right = down * width, right * width
    length = hypot(down, right)
    taps: dict[tuple[int, int], float] = {}
    for step, weight in enumerate(weights):
        offset = ceil(step * down / length - 0.5), ceil(step * right / length - 0.5)
        taps[offset] = taps.get(offset, 0.0) + weight
    return taps


def _smear(image: Images, taps: dict[tuple[int, int], float]) -> Floats:
    """The weighted sum of shifted copies of an image, in levels to be truncated: (H, W, C)."""
    height, width, channels = image.shape
    rows, columns = zip(*taps, strict=True)
    top, left = -min(rows), -min(columns)
    margins = top, max(rows), left, max(columns)
    padded = cv2.copyMakeBorder(image, *margins, cv2.BORDER_REPLICATE).astype(np.float64)
    # A shift of an image with margins is a shift of one long vector.
    stride = padded.shape[1] * channels
    pixels = padded.reshape(-1)
    # To round to 16 bits and truncate to 8 is to truncate half a 16-bit level further up.
    total = np.full(height * stride, 0.5 / 257)
    inside = total[: (height - 1) * stride + width * channels]
    for (row, column), weight in taps.items():
        start = (top + row) * stride + (left + column) * channels
        cv2.scaleAdd(pixels[start : start + len(inside)], weight, inside, dst=inside)
    return total.reshape(height, -1, channels)[:, :width]
